import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditSource } from '../../../protocols/audit/index.ts';
import { hasErrno, OversightError } from '../../../protocols/base/errors.ts';
import { BoundedFetch, type FetchTimes } from './bounded-fetch.ts';
import { openBundle } from './bundle-source.ts';
import { openHome } from './home-source.ts';
import { HttpSource } from './http-source.ts';
import { TilesSource } from './tiles-source.ts';

export interface OpenOptions {
  /** The first charter, where a home has none of its own. */
  readonly charter: string | undefined;
  readonly limitBytes: number;
  readonly times: FetchTimes;
  readonly signal: AbortSignal;
}

/** What the user names: a URL, a home, a folder of tiles, or a bundle. @throws OversightError `not-found`, `argument-invalid` and those of each sort */
export async function openSource(
  place: string,
  { charter, limitBytes, times, signal }: OpenOptions,
  stack: DisposableStack,
): Promise<AuditSource> {
  if (isUrl(place)) return openNode(place, { times, signal });
  if (!(await kindOf(place)).isDirectory()) return openBundle(place, limitBytes, { signal });
  if (await exists(join(place, 'ledger.sqlite'))) return openHome(place, charter, stack);
  if (await exists(join(place, 'feeds'))) return new TilesSource(place);
  throw new OversightError('not-found', `${place} holds neither ledger.sqlite nor feeds/`);
}

export function isUrl(place: string): boolean {
  return /^https?:\/\//.test(place);
}

export function openNode(url: string, { times, signal }: Pick<OpenOptions, 'times' | 'signal'>): HttpSource {
  if (!URL.canParse(url)) throw new OversightError('argument-invalid', `${url} is not a URL`);
  return new HttpSource(new BoundedFetch(url.replace(/\/+$/, ''), times, { signal }));
}

async function kindOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT'))
      throw new OversightError('not-found', `there is no ${path}, and it is no http or https URL`, {
        cause: error,
      });
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
