import * as dagCbor from '@ipld/dag-cbor';
import { equalBytes } from '../base/bytes.ts';
import { messageOf } from '../base/errors.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import { type ScanRefusal, scanShape } from './scan.ts';

export type DecodeRefusal = ScanRefusal | 'not-canonical';

/** The one canonical encoding of a document: DAG-CBOR (spec 03-codec §1). @throws on values outside its data model. */
export function encode(value: unknown): Uint8Array {
  return dagCbor.encode(value);
}

/**
 * Decodes bytes that must be the canonical encoding of what they hold. spec 03-codec §2.
 * The re-encoding below compares; no signature is ever checked over re-encoded bytes.
 */
export function decodeCanonical(bytes: Uint8Array): Result<unknown, DecodeRefusal> {
  const shape = scanShape(bytes);
  if (shape !== null) return refuse(shape, 'the bytes do not have the shape of a bounded DAG-CBOR document');
  let value: unknown;
  try {
    value = dagCbor.decode(bytes);
  } catch (error) {
    return refuse('not-dag-cbor', messageOf(error));
  }
  if (!equalBytes(dagCbor.encode(value), bytes)) {
    return refuse('not-canonical', 'the bytes are not the canonical encoding of their value');
  }
  return accept(value);
}
