import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { accept, type Result, refuse } from '../../protocols/base/result.ts';
import { isPublicAddress } from './addresses.ts';

const URL_LIMIT_CHARS = 2_048;

/** Where a name leads: every address of it. */
export type Resolve = (
  hostname: string,
  done: (
    error: Error | null,
    addresses: readonly { readonly address: string; readonly family: number }[],
  ) => void,
) => void;

export const systemResolve: Resolve = (hostname, done) =>
  lookup(hostname, { all: true }, (error, addresses) => done(error, addresses ?? []));

export interface TargetRules {
  /** Whether private and loopback addresses, and plain HTTP, are allowed. */
  readonly isPrivateAllowed: boolean;
  readonly resolve: Resolve;
}

/** Code of a target that is refused where it leads, not for its form. */
export const ADDRESS_PRIVATE = 'address-private';

export class PrivateAddressError extends Error {
  readonly code = ADDRESS_PRIVATE;
}

/** The form of a target; where it leads is seen when it is connected to. */
export function parseTarget(text: string, { isPrivateAllowed }: TargetRules): Result<URL> {
  if (text.length > URL_LIMIT_CHARS || !URL.canParse(text)) return refuse('url-invalid', 'not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(isPrivateAllowed && url.protocol === 'http:'))
    return refuse('url-invalid', 'a webhook goes to https');
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return refuse('url-invalid', 'no user, password or fragment');
  if (!isPrivateAllowed && isIP(hostOf(url)) !== 0 && !isPublicAddress(hostOf(url)))
    return refuse(ADDRESS_PRIVATE, 'an address of a private network');
  return accept(url);
}

/**
 * Resolves a name for a connection, and lets it be connected to only where every address is public: what was checked is
 * what is connected to, so a name that changes in between gains nothing.
 */
export function checkedLookup({ isPrivateAllowed, resolve }: TargetRules): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, found) => {
      const [first] = found;
      if (error !== null) return callback(error, '', 0);
      if (first === undefined) return callback(new Error(`${hostname} has no address`), '', 0);
      if (!isPrivateAllowed && found.some(({ address }) => !isPublicAddress(address)))
        return callback(new PrivateAddressError(`${hostname} leads to a private network`), '', 0);
      if (options.all) callback(null, [...found]);
      else callback(null, first.address, first.family);
    });
  };
}

/** Where the name leads now. @returns `address-private`, `address-unknown` */
export function checkTarget(url: URL, rules: TargetRules): Promise<Result<URL>> {
  if (isIP(hostOf(url)) !== 0) return Promise.resolve(accept(url));
  return new Promise((done) => {
    checkedLookup(rules)(url.hostname, { all: true }, (error) => {
      if (error === null) return done(accept(url));
      const isPrivate = error instanceof PrivateAddressError;
      done(refuse(isPrivate ? ADDRESS_PRIVATE : 'address-unknown', error.message));
    });
  });
}

/** An IPv6 address stands in brackets in a URL. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
