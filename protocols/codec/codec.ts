import * as dagCbor from '@ipld/dag-cbor';
import { accept, type Result, refuse } from '../base/result.ts';
import { DocumentReader, type ReadFault } from './decode.ts';
import { type ScanRefusal, scanShape } from './scan.ts';

export type DecodeRefusal = ScanRefusal | ReadFault;

/** The one canonical encoding of a document: DAG-CBOR (spec 03-codec §1). @throws on values outside its data model. */
export function encode(value: unknown): Uint8Array {
  return dagCbor.encode(value);
}

/** Decodes bytes that must be the canonical encoding of what they hold. spec 03-codec §2. */
export function decodeCanonical(bytes: Uint8Array): Result<unknown, DecodeRefusal> {
  const shape = scanShape(bytes);
  if (shape !== null) return refuse(shape, 'the bytes do not have the shape of a bounded DAG-CBOR document');
  const reader = new DocumentReader(bytes);
  const value = reader.read();
  if (reader.fault === null) return accept(value);
  return refuse(reader.fault, 'the bytes are not the one DAG-CBOR encoding of a value');
}
