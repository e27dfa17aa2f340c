import { createReadStream } from 'node:fs';
import type { SourceFault } from '../../../protocols/audit/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { FederationId } from '../../../protocols/base/ids.ts';
import { CarFault, type Part, readBundle } from '../../../protocols/bundle/index.ts';
import { decodeCanonical } from '../../../protocols/codec/codec.ts';
import { nativeSha256 } from '../../node/index.ts';
import { type HeldWires, WiresSource } from './wires-source.ts';

interface Read {
  readonly part: Part;
  readonly wires: Uint8Array[];
  readonly evidence: Uint8Array[];
}

/** Read from the file at once. */
const READ_BYTES = 1_048_576;

/**
 * A bundle (13-bundle), read into memory as far as it goes: what stands before a fault is audited, and the fault is told.
 * @throws OversightError `bundle-invalid` where not even its beginning is one
 */
export async function openBundle(
  path: string,
  limitBytes: number,
  { signal }: { readonly signal: AbortSignal },
): Promise<WiresSource> {
  const parts: Read[] = [];
  let bundle: { readonly federation: FederationId; readonly charter: unknown } | null = null;
  let missing: SourceFault = 'absent';
  let left = limitBytes;
  try {
    const stream = createReadStream(path, { highWaterMark: READ_BYTES, signal });
    for await (const item of readBundle(stream, nativeSha256)) {
      if (item.kind === 'bundle') {
        const charter = decodeCanonical(item.genesis);
        bundle = { federation: item.federation, charter: charter.ok ? charter.value : null };
      } else if (item.kind === 'part') {
        parts.push({ part: item.part, wires: [], evidence: [] });
      } else {
        left -= item.wire.length;
        parts.at(-1)?.[item.kind === 'message' ? 'wires' : 'evidence'].push(item.wire);
      }
      if (left < 0) {
        missing = 'answer-too-large';
        break;
      }
    }
  } catch (error) {
    if (!(error instanceof CarFault)) throw error;
    if (bundle === null)
      throw new OversightError('bundle-invalid', `${path}: ${error.message}`, { cause: error });
    missing = 'bundle-broken';
  }
  if (bundle === null) throw new OversightError('bundle-invalid', `${path} is no bundle`);
  return new WiresSource(bundle, parts.map(heldOf), missing);
}

/** A part that begins in the middle of its feed has nothing that can be hashed up from the first message. */
function heldOf({ part, wires, evidence }: Read): HeldWires {
  const { author: feed, from, to: size, head } = part;
  return {
    feed,
    size,
    head,
    wires: (start, end) => (start < from ? [] : wires.slice(start - from, end - from)),
    evidence: () => evidence,
  };
}
