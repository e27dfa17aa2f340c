import { OversightError } from '../../../../protocols/base/errors.ts';

/** The one release whose id ends so. @throws OversightError `not-found` */
export function releaseEnding<T extends { readonly id: string }>(
  releases: readonly T[],
  end: string,
  what: 'frontier release' | 'analog release',
): T {
  const found = releases.filter(({ id }) => end !== '' && id.endsWith(end));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const problem = found.length === 0 ? `no ${what}` : `more than one ${what}`;
  throw new OversightError('not-found', `${problem} ends in “${end}”`);
}
