import type { FederationId } from '../base/ids.ts';
import { CarFault, type Part, readBundle } from '../bundle/index.ts';
import type { Sha256 } from '../codec/cid.ts';
import { decodeCanonical } from '../codec/codec.ts';
import type { SourceFault } from './source.ts';
import { type HeldWires, WiresSource } from './wires-source.ts';

interface Read {
  readonly part: Part;
  readonly wires: Uint8Array[];
  readonly evidence: Uint8Array[];
}

export interface BundleOptions {
  /** Of messages held in memory. */
  readonly limitBytes: number;
  readonly sha256: Sha256;
  readonly pause?: () => Promise<void>;
}

/**
 * A bundle (13-bundle), read into memory as far as it goes: what stands before a fault is audited, and the fault is told.
 * @throws CarFault where not even its first part is one
 */
export async function readBundleSource(
  stream: AsyncIterable<Uint8Array>,
  { limitBytes, sha256, pause }: BundleOptions,
): Promise<WiresSource> {
  const parts: Read[] = [];
  let bundle: { readonly federation: FederationId; readonly charter: unknown } | null = null;
  let missing: SourceFault = 'absent';
  let left = limitBytes;
  try {
    for await (const item of readBundle(stream, sha256)) {
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
  } catch (fault) {
    if (!(fault instanceof CarFault) || parts.length === 0) throw fault;
    missing = 'bundle-broken';
  }
  if (bundle === null) throw new CarFault('no bundle');
  // what ends a part comes last in it: of the one with the fault nobody knows how much there was
  const isCut = missing !== 'absent';
  const held = parts.map((read, i) => heldOf(read, isCut && i === parts.length - 1));
  return new WiresSource(bundle, held, { missing, ...(pause === undefined ? {} : { pause }) });
}

/** A part that begins in the middle of its feed has nothing that can be hashed up from the first message. */
function heldOf({ part, wires, evidence }: Read, isCut: boolean): HeldWires {
  const { author: feed, from, to: size, head } = part;
  return {
    feed,
    size,
    head,
    wires: (start, end) => (start < from ? [] : wires.slice(start - from, end - from)),
    evidence: () => (isCut ? null : evidence),
  };
}
