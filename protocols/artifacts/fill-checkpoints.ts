import type { ContentId } from '../base/ids.ts';

const PLACEHOLDER = /^checkpoint:([a-z0-9-]{1,64})$/;

/**
 * Puts CIDs where a manifest template says `checkpoint:<name>`. A manifest is written before its checkpoint is
 * published, so its author names the checkpoint and the CID is filled in once it is known. Names without a CID stay,
 * and the schema then refuses the manifest.
 */
export function fillCheckpoints(template: unknown, cids: ReadonlyMap<string, ContentId>): unknown {
  if (typeof template === 'string') {
    const name = PLACEHOLDER.exec(template)?.[1];
    return name === undefined ? template : (cids.get(name) ?? template);
  }
  if (Array.isArray(template)) return template.map((item) => fillCheckpoints(item, cids));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => [key, fillCheckpoints(value, cids)]),
  );
}
