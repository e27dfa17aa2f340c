import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { OwnerCheck } from '../owner.ts';
import { parseRequest } from '../problems.ts';
import type { Access, Operation } from './operation.ts';

/** A request that its operation's schemas have let through. */
export interface Asked<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  readonly params: z.infer<P>;
  readonly query: z.infer<Q>;
  readonly body: z.infer<B>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** The routes of the gateway, each with what it takes and answers: the document is made of what serves. */
export class Api {
  readonly #app: FastifyInstance;
  readonly #guards: Readonly<Record<Exclude<Access, 'open'>, OwnerCheck>>;
  readonly #operations: Operation[] = [];

  constructor(app: FastifyInstance, guards: Readonly<Record<Exclude<Access, 'open'>, OwnerCheck>>) {
    this.#app = app;
    this.#guards = guards;
  }

  get operations(): readonly Operation[] {
    return this.#operations;
  }

  /** @param app another scope of the same server, for a route with parsers of its own */
  serve<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(
    operation: Operation<P, Q, B>,
    answer: (asked: Asked<P, Q, B>) => unknown,
    app: FastifyInstance = this.#app,
  ): void {
    const { method, url, access, params, query, body, bodyLimitBytes, hasHead } = operation;
    this.#operations.push(operation as unknown as Operation);
    app.route({
      method,
      url,
      ...(bodyLimitBytes === undefined ? {} : { bodyLimit: bodyLimitBytes }),
      ...(hasHead === undefined ? {} : { exposeHeadRoute: hasHead }),
      // before a byte of the body is read
      ...(access === 'open' ? {} : { onRequest: this.#guards[access] }),
      handler: async (request, reply) =>
        answer({
          params: parsed(params, request.params),
          query: parsed(query, request.query),
          body: parsed(body, request.body),
          request,
          reply,
        }),
    });
  }
}

function parsed<T extends z.ZodType>(schema: T | undefined, value: unknown): z.infer<T> {
  return schema === undefined ? (undefined as z.infer<T>) : parseRequest(schema, value);
}
