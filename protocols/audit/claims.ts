import type { MemberKey } from '../base/ids.ts';
import { FEEDS_LIMIT } from '../base/limits.ts';
import { parseDidKey } from '../identity/did-key.ts';
import type { AuditCase } from './case.ts';
import { type ReadCheckpoint, readCheckpoint } from './heads.ts';
import type { ListedRecord } from './source.ts';

/** What the source says there is. */
export interface Claims {
  /** Messages of each feed. */
  readonly sizes: ReadonlyMap<MemberKey, number>;
  readonly checkpoints: ReadonlyMap<MemberKey, ReadCheckpoint>;
  readonly record: ListedRecord | null;
  readonly isListed: boolean;
}

/**
 * A node goes on while it is audited. What is asked later is never older: first the feeds, then their heads, then the
 * record; and of each feed as much is read as the record says it has, so that the record can be derived exactly.
 */
export async function readClaims(audit: AuditCase): Promise<Claims> {
  const { source } = audit;
  const listed = await source.feeds();
  if (!listed.ok) audit.fault('trees', listed.reason, 'The list of feeds');
  const sizes = new Map<MemberKey, number>();
  for (const { feed, size } of listed.ok ? listed.value : []) raise(sizes, feed, size);
  if (sizes.size > FEEDS_LIMIT) {
    const detail = `The source lists more than ${FEEDS_LIMIT} feeds, and no federation has so many keys.`;
    audit.findings.add('trees', 'bound-reached', detail);
    for (const feed of [...sizes.keys()].slice(FEEDS_LIMIT)) sizes.delete(feed);
  }
  const checkpoints = new Map<MemberKey, ReadCheckpoint>();
  for (const [feed, size] of sizes) {
    const checkpoint = size === 0 ? null : await readCheckpoint(audit, feed);
    if (checkpoint !== null) checkpoints.set(feed, checkpoint);
  }
  const record = await source.record();
  if (!record.ok) audit.fault('record', record.reason, 'The record');
  const told = new Map(record.ok ? lengthsIn(record.value.record) : []);
  for (const [feed, size] of told) if (sizes.has(feed) || sizes.size < FEEDS_LIMIT) raise(sizes, feed, size);
  // of keys that the record does not name, such as those of a proposal: they may have gone on since their heads were read
  const again = [...sizes.keys()].some((feed) => !told.has(feed)) ? await source.feeds() : null;
  for (const { feed, size } of again?.ok ? again.value : [])
    if (sizes.has(feed) && !told.has(feed)) raise(sizes, feed, size);
  return { sizes, checkpoints, record: record.ok ? record.value : null, isListed: listed.ok };
}

function raise(sizes: Map<MemberKey, number>, feed: MemberKey, size: number): void {
  sizes.set(feed, Math.max(sizes.get(feed) ?? 0, size));
}

/** Lengths of feeds as a record tells them, whatever else it holds. */
function lengthsIn(record: unknown): [MemberKey, number][] {
  const out: [MemberKey, number][] = [];
  for (const list of ['members', 'formerMembers']) {
    for (const entry of listIn(record, list)) {
      for (const each of [entry, ...listIn(entry, 'former')]) {
        const [key, length] = [memberOf(each, 'key'), memberOf(memberOf(each, 'feed'), 'length')];
        if (typeof key !== 'string' || parseDidKey('ed25519', key) === null) continue;
        if (typeof length === 'number' && Number.isSafeInteger(length) && length > 0)
          out.push([key as MemberKey, length]);
      }
    }
  }
  return out;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function listIn(value: unknown, name: string): unknown[] {
  const list = memberOf(value, name);
  return Array.isArray(list) ? list : [];
}
