import type { FastifyReply, FastifyRequest } from 'fastify';
import { OversightError } from '../../protocols/base/errors.ts';

export interface TurnLimits {
  readonly all: number;
  readonly ofAddress: number;
  /** An answer that its reader does not take for this long is ended. */
  readonly idleTimeoutMs: number;
}

/** Answers that may be large, at work at the same time: each holds a turn from its request until it is sent or given up. */
export class Turns {
  readonly #limits: TurnLimits;
  /** An address without a turn has no entry. */
  readonly #held = new Map<string, number>();
  #all = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** @throws OversightError `requests-exceeded` */
  take(request: FastifyRequest, reply: FastifyReply): void {
    const { ip } = request;
    const held = this.#held.get(ip) ?? 0;
    if (this.#all >= this.#limits.all || held >= this.#limits.ofAddress)
      throw new OversightError('requests-exceeded', 'Too many answers are under way; wait a second.', {
        details: { retryAfterSeconds: 1 },
      });
    this.#all++;
    this.#held.set(ip, held + 1);
    reply.raw.setTimeout(this.#limits.idleTimeoutMs, () => reply.raw.destroy());
    reply.raw.once('close', () => {
      this.#all--;
      const left = (this.#held.get(ip) ?? 1) - 1;
      if (left === 0) this.#held.delete(ip);
      else this.#held.set(ip, left);
    });
  }
}
