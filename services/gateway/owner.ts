import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { OversightError } from '../../protocols/base/errors.ts';

/** Short tokens can be guessed; 32 characters of base64url hold 192 bits. */
const TOKEN_MINIMUM_CHARS = 32;

export type OwnerCheck = (request: FastifyRequest) => Promise<void>;

/** Tells the requests of the node's owner. @throws OversightError `config-invalid` for a token that can be guessed */
export function ownerCheck(token: string): (request: FastifyRequest) => boolean {
  if (token.length < TOKEN_MINIMUM_CHARS) {
    throw new OversightError(
      'config-invalid',
      `the owner's token has fewer than ${TOKEN_MINIMUM_CHARS} characters`,
    );
  }
  const expected = digest(token);
  return (request) => {
    const [scheme, given] = (request.headers.authorization ?? '').split(' ', 2);
    // digests are of equal length, so the comparison tells nothing of the token's
    const matches = timingSafeEqual(digest(given ?? ''), expected);
    return matches && scheme?.toLowerCase() === 'bearer';
  };
}

/** A hook that lets only the node's owner through, before a byte of the body is read. */
export function requireOwner(isOwner: (request: FastifyRequest) => boolean): OwnerCheck {
  return async (request) => {
    if (isOwner(request)) return;
    throw new OversightError(
      'token-invalid',
      "This needs the owner's token, sent as `Authorization: Bearer …`.",
    );
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
