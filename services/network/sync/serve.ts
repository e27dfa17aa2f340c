import { OversightError } from '../../../protocols/base/errors.ts';
import { SYNC_FRAMES_LIMIT, SYNC_RANGE_LIMIT } from '../../../protocols/base/limits.ts';
import { throwIfStopped } from '../deadline.ts';
import { encodeHeads, parseRequest } from './protocol.ts';
import type { SyncSource } from './source.ts';

/** Answers one sync request. @throws OversightError peer-failed when it is none */
export async function* serveSync(
  source: SyncSource,
  request: Uint8Array,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const parsed = parseRequest(request);
  if (!parsed.ok) throw new OversightError('peer-failed', parsed.detail);
  switch (parsed.value.op) {
    case 'heads':
      yield* encodeHeads(source.heads());
      return;
    case 'range': {
      const { author, from } = parsed.value;
      // spec 11-network §4.4: the answer may be shorter than asked
      const to = Math.min(parsed.value.to, from + SYNC_RANGE_LIMIT);
      let frames = 0;
      for await (const wire of source.range(author, from, to)) {
        throwIfStopped(signal);
        frames += 1;
        if (frames > SYNC_FRAMES_LIMIT) return;
        yield wire;
      }
      return;
    }
  }
}
