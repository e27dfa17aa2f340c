import type { FastifyRequest } from 'fastify';
import { OversightError } from '../../protocols/base/errors.ts';

export interface RateLimitOptions {
  readonly perSecond: number;
  readonly burst: number;
  /** Addresses remembered; the one not heard longest is forgotten, and begins anew. */
  readonly addresses: number;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

/** An auditor reads the tiles of a feed of 100,000 messages at once and goes on at the pace of one core of a node. */
export const RATE_LIMIT: RateLimitOptions = {
  perSecond: 100,
  burst: 1_000,
  addresses: 4_096,
  now: () => performance.now(),
};

/** Requests by address: a hook that lets through what is within the rate, before a route is looked for. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #addresses = new Map<string, { tokens: number; atMs: number }>();
  #refused = 0;

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** Since the start. */
  get refused(): number {
    return this.#refused;
  }

  get addresses(): number {
    return this.#addresses.size;
  }

  /** @throws OversightError `requests-exceeded` */
  check(request: FastifyRequest): void {
    if (this.#take(networkOf(request.ip))) return;
    this.#refused += 1;
    throw new OversightError('requests-exceeded', 'This address asks too often; wait a second.', {
      details: { retryAfterSeconds: 1 },
    });
  }

  #take(address: string): boolean {
    const { perSecond, burst, addresses, now } = this.#options;
    const atMs = now();
    const before = this.#addresses.get(address) ?? { tokens: burst, atMs };
    const tokens = Math.min(burst, before.tokens + ((atMs - before.atMs) / 1_000) * perSecond);
    this.#addresses.delete(address); // to the end: who was heard last is forgotten last
    this.#addresses.set(address, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs });
    const [oldest] = this.#addresses.keys();
    if (this.#addresses.size > addresses && oldest !== undefined) this.#addresses.delete(oldest);
    return tokens >= 1;
  }
}

/** An IPv6 host has a network of addresses to choose from: the first 64 bits stand for it. */
export function networkOf(ip: string): string {
  if (!ip.includes(':') || ip.includes('.')) return ip;
  const [head = '', tail = ''] = ip.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const rest = tail.split(':').filter((group) => group !== '');
  const zeros = ip.includes('::') ? Array<string>(8 - groups.length - rest.length).fill('0') : [];
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':');
}
