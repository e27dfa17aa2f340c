import { base64 } from 'multiformats/bases/base64';
import { CID } from 'multiformats/cid';

/** A decoded document as DAG-JSON: links are `{"/": text}`, byte strings `{"/": {"bytes": base64}}`. */
export function toDagJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return { '/': { bytes: base64.baseEncode(value) } };
  const cid = CID.asCID(value);
  if (cid !== null) return { '/': cid.toString() };
  if (Array.isArray(value)) return value.map(toDagJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, toDagJson(entry)]));
}

export function fromDagJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromDagJson);
  if (typeof value !== 'object' || value === null) return value;
  const slash: unknown = Object.keys(value).join() === '/' ? (value as { '/': unknown })['/'] : undefined;
  if (typeof slash === 'string') return CID.parse(slash);
  if (typeof slash === 'object' && slash !== null && 'bytes' in slash)
    return base64.baseDecode(String(slash.bytes));
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, fromDagJson(entry)]));
}
