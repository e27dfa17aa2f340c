import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { OversightError } from '../../protocols/base/errors.ts';

/** Short tokens can be guessed; 32 characters of base64url hold 192 bits. */
const TOKEN_MINIMUM_CHARS = 32;

/** A hook that lets a request through or refuses it, before a byte of its body is read. */
export type OwnerCheck = (request: FastifyRequest) => Promise<void>;

/** Who reads: anyone, or who has this token or the owner's. */
export type ReadGuard = 'open' | { readonly token: string };

/** Tells the requests that carry one of these. @throws OversightError `config-invalid` for a token that can be guessed */
export function tokenCheck(tokens: readonly string[]): (request: FastifyRequest) => boolean {
  if (tokens.some((token) => token.length < TOKEN_MINIMUM_CHARS)) {
    throw new OversightError('config-invalid', `a token has fewer than ${TOKEN_MINIMUM_CHARS} characters`);
  }
  const expected = tokens.map(digest);
  return ({ headers }) => {
    const [scheme, given] = (headers.authorization ?? '').split(' ', 2);
    return scheme?.toLowerCase() === 'bearer' && isOneOf(given ?? '', expected);
  };
}

/** Lets only the node's owner through. */
export function requireOwner(isOwner: (request: FastifyRequest) => boolean): OwnerCheck {
  return async (request) => {
    if (isOwner(request)) return;
    throw new OversightError(
      'token-invalid',
      "This needs the owner's token, sent as `Authorization: Bearer …`.",
    );
  };
}

/** Lets readers through: all of them, or those with a token, which a browser sends as a password. */
export function requireReader(reads: ReadGuard, owner: string): OwnerCheck {
  if (reads === 'open') return async () => {};
  const expected = [reads.token, owner].map(digest);
  const hasToken = tokenCheck([reads.token, owner]);
  return async (request) => {
    if (hasToken(request) || isOneOf(passwordOf(request) ?? '', expected)) return;
    throw new OversightError('token-invalid', 'Reading here needs a token: ask the owner of the node.', {
      details: { challenge: 'basic' },
    });
  };
}

/** A page of another site can have a browser send it along, so it opens reads alone. RFC 7617 */
function passwordOf({ headers }: FastifyRequest): string | null {
  const [scheme, given] = (headers.authorization ?? '').split(' ', 2);
  if (scheme?.toLowerCase() !== 'basic') return null;
  const pair = Buffer.from(given ?? '', 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

/** Digests are of equal length, so the comparison tells nothing of the token's. */
function isOneOf(given: string, expected: readonly Buffer[]): boolean {
  const asked = digest(given);
  return expected.map((each) => timingSafeEqual(asked, each)).includes(true);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
