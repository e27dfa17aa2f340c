import type { FastifyError, FastifyReply } from 'fastify';
import type { z } from 'zod';
import { type ErrorCode, OversightError } from '../../protocols/base/errors.ts';
import { firstIssue } from '../../protocols/message/index.ts';

/** What a caller did, by code; every other code is a failure of this node and answers 500. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  'argument-invalid': 400,
  'token-invalid': 401,
  'permission-denied': 403,
  'blob-not-found': 404,
  'not-found': 404,
  'request-too-large': 413,
  'checkpoint-invalid': 422,
  'message-refused': 422,
  'request-refused': 422,
  'requests-exceeded': 429,
  'subscribers-exhausted': 503,
  'feed-unconfirmed': 503,
  'disk-full': 507,
};

/** The HTTP status of a problem with this code. */
export function statusOf(code: ErrorCode): number {
  return STATUS[code] ?? 500;
}

/** An error answer, RFC 9457. `code` is one of ours; `detail` is for people and may change. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  /** Why a message or directory was refused: a stable code of the check that failed. */
  readonly reason?: string;
}

/** Says what the caller may know. The cause of a failure of ours stays with the node's operator. */
export function toProblem(error: unknown): Problem {
  if (error instanceof OversightError) {
    const { reason } = error.details;
    return problem(error.code, statusOf(error.code), error.message, reason);
  }
  const status = frameworkStatus(error);
  if (status === 413) return problem('request-too-large', status, 'The request body is too large.');
  if (status !== null) return problem('argument-invalid', status, (error as FastifyError).message);
  return problem('internal-failure', 500, 'The node failed to answer. Its operator can see why in its log.');
}

export function sendProblem(reply: FastifyReply, error: unknown): FastifyReply {
  const body = toProblem(error);
  if (body.status === 401) reply.header('www-authenticate', challengeOf(error));
  if (body.status === 429) reply.header('retry-after', '1');
  return reply.code(body.status).type('application/problem+json; charset=utf-8').send(JSON.stringify(body));
}

/** Where a browser may ask its user for the token, the scheme that it knows. */
function challengeOf(error: unknown): string {
  const isBasic = error instanceof OversightError && error.details['challenge'] === 'basic';
  return `${isBasic ? 'Basic' : 'Bearer'} realm="oversight node"`;
}

/** Parses a part of a request. @throws OversightError `argument-invalid` */
export function parseRequest<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new OversightError('argument-invalid', firstIssue(parsed.error.issues));
}

export function notFound(what: string): OversightError {
  return new OversightError('not-found', `This node has no such ${what}.`);
}

function problem(code: ErrorCode, status: number, detail: string, reason?: string | number): Problem {
  const base = {
    type: `urn:oversight:error:${code}`,
    title: code.replaceAll('-', ' '),
    status,
    detail,
    code,
  };
  return reason === undefined ? base : { ...base, reason: String(reason) };
}

/** Fastify's own refusals (malformed JSON, media type, size) carry a 4xx status; nothing else does. */
function frameworkStatus(error: unknown): number | null {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number')
    return null;
  return error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : null;
}
