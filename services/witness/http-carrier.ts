import { OversightError } from '../../protocols/base/errors.ts';
import { NOTE_LIMIT_BYTES } from '../../protocols/base/limits.ts';
import type { WitnessAnswer } from '../../protocols/feed/index.ts';

/**
 * `POST <prefix>/add-checkpoint`, the HTTP API of C2SP tlog-witness.
 * @param prefix the witness's submission prefix
 * @throws OversightError `peer-failed` when there is no answer, or one that no witness gives
 */
export async function postCheckpoint(
  prefix: string,
  body: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<WitnessAnswer> {
  const url = `${prefix.replace(/\/+$/, '')}/add-checkpoint`;
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      // an address that a card names must not send us on to others
      redirect: 'error',
      signal,
    });
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      body: await readText(response),
    };
  } catch (error) {
    throw new OversightError('peer-failed', `the witness at ${url} does not answer`, { cause: error });
  }
}

/** At most as much as a note may have. */
async function readText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > NOTE_LIMIT_BYTES) throw new OversightError('peer-failed', 'the answer is too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
