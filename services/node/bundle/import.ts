import { createReadStream } from 'node:fs';
import { equalBytes } from '../../../protocols/base/bytes.ts';
import { messageOf, OversightError } from '../../../protocols/base/errors.ts';
import type { FederationId, MemberKey } from '../../../protocols/base/ids.ts';
import {
  type BundleItem,
  CarFault,
  type Part,
  PartCheck,
  readBundle,
  vouchedEnd,
} from '../../../protocols/bundle/index.ts';
import type { Ed25519 } from '../../../protocols/identity/ed25519.ts';
import { nativeSha256 } from '../../keys/index.ts';
import type { Ledger } from '../../ledger/index.ts';
import type { Chronicle } from '../chronicle.ts';
import type { Inbox } from '../inbox.ts';
import type { Opener } from '../opening/opener.ts';

/** Read from the file at once. */
const READ_BYTES = 1_048_576;
/** Messages that are made durable together. */
const COMMIT_MESSAGES = 2_048;

/** The parts of a node that does not run, which a bundle is read into. */
export interface ImportTarget {
  readonly federation: FederationId;
  readonly ledger: Ledger;
  readonly chronicle: Chronicle;
  readonly inbox: Inbox;
  readonly opener: Pick<Opener, 'read'>;
  readonly ed25519: Ed25519;
  now(): number;
}

export interface Imported {
  /** CID of the manifest. */
  readonly root: string;
  /** Messages of the bundle. */
  readonly messages: number;
  /** Those of them that this node did not have. */
  readonly added: number;
  /** Feeds of keys that no charter here names. */
  readonly strangers: number;
  /** Feeds whose messages begin after what this node has of them. */
  readonly unconnected: number;
}

/**
 * Reads a bundle into a ledger. The file is read once to check what heads vouch for, then again as often as that brings
 * anything, since one feed (an amendment) may make another acceptable. One commit's messages are held at a time.
 * @throws OversightError `bundle-invalid`: nothing was taken from it, or only what was checked before the fault
 */
export async function importBundle(
  target: ImportTarget,
  path: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<Imported> {
  const before = target.ledger.count();
  const checked = await asBundle(path, () => checkBundle(target, path, signal));
  for (let count = -1; count !== target.ledger.count(); ) {
    count = target.ledger.count();
    await asBundle(path, () => takeBundle(target, path, checked, signal));
  }
  const left = checked.parts.filter(({ part }) => !target.chronicle.admits(part.author));
  const unconnected = checked.parts.filter(
    ({ part }) => target.chronicle.admits(part.author) && part.from > target.ledger.lengthOf(part.author),
  );
  return {
    root: checked.root,
    messages: checked.messages,
    added: target.ledger.count() - before,
    strangers: left.length,
    unconnected: unconnected.length,
  };
}

/** What the first reading has found of one part. */
interface CheckedPart {
  readonly part: Part;
  /** Its head vouches for its messages, and our own chain, as it was then, is the beginning of theirs. */
  readonly vouched: boolean;
}

interface Checked {
  readonly root: string;
  readonly messages: number;
  readonly parts: readonly CheckedPart[];
}

async function checkBundle(target: ImportTarget, path: string, signal: AbortSignal): Promise<Checked> {
  const parts: CheckedPart[] = [];
  let root = '';
  let messages = 0;
  let open: { readonly part: Part; readonly check: PartCheck; agrees: boolean } | null = null;
  const finish = () => {
    if (open !== null) parts.push({ part: open.part, vouched: open.agrees && open.check.vouches() });
    open = null;
  };
  for await (const item of items(path, signal)) {
    if (item.kind === 'bundle') {
      root = item.root.toString();
      if (item.federation !== target.federation)
        throw new OversightError('bundle-invalid', `${path} is a bundle of ${item.federation}`);
    } else if (item.kind === 'part') {
      finish();
      const check = new PartCheck(item.part, target.federation, target.ed25519, nativeSha256);
      open = { part: item.part, check, agrees: agreesAt(target, item.part, item.part.from, check) };
    } else if (item.kind === 'message') {
      messages += 1;
      if (open === null) continue;
      open.check.add(item.sequence, item.wire);
      open.agrees &&= agreesAt(target, item.part, item.sequence + 1, open.check);
    }
  }
  finish();
  return { root, messages, parts };
}

/** Where our own chain ends, its root must be that of theirs; elsewhere there is nothing to compare. */
function agreesAt(target: ImportTarget, part: Part, size: number, check: PartCheck): boolean {
  const tree = target.chronicle.tree(part.author);
  const own = Math.min(tree?.size ?? 0, vouchedEnd(part));
  if (tree === null || size !== own || own < part.from) return true;
  return equalBytes(tree.root(size), check.root());
}

async function takeBundle(
  target: ImportTarget,
  path: string,
  { root, parts }: Checked,
  signal: AbortSignal,
): Promise<void> {
  let batch: Uint8Array[] = [];
  let from = 0;
  let vouched: CheckedPart | undefined;
  const flush = async () => {
    if (batch.length > 0 && vouched !== undefined)
      await takeVouched(target, vouched.part.author, from, batch);
    batch = [];
  };
  for await (const item of items(path, signal)) {
    if (item.kind === 'bundle') {
      // the same name, so the same bytes as were checked
      if (item.root.toString() !== root) throw new CarFault('the file has changed while it was read');
      continue;
    }
    const { author } = item.part;
    if (item.kind === 'part') {
      await flush();
      vouched = parts.find((each) => each.part.author === author && each.vouched);
      continue;
    }
    if (!target.chronicle.admits(author) || item.part.from > target.ledger.lengthOf(author)) continue;
    if (item.kind === 'message' && vouched !== undefined && item.sequence < vouchedEnd(item.part)) {
      if (item.sequence < target.ledger.lengthOf(author)) continue;
      if (batch.length === 0) from = item.sequence;
      batch.push(item.wire);
      if (batch.length >= COMMIT_MESSAGES) await flush();
      continue;
    }
    await flush();
    await target.inbox.accept(item.wire);
  }
  await flush();
  for (const { part, vouched: holds } of parts) if (holds) keepHead(target, part);
}

async function takeVouched(
  { ledger, opener, inbox, now }: ImportTarget,
  author: MemberKey,
  from: number,
  wires: readonly Uint8Array[],
): Promise<void> {
  const chunk = await opener.read(author, from, wires);
  if (chunk !== null) await ledger.appendRange(chunk.messages, now(), chunk.leaves);
  else for (const wire of wires) await inbox.accept(wire);
}

function keepHead({ ledger, chronicle }: ImportTarget, { author, head }: Part): void {
  const tree = chronicle.tree(author);
  if (head === null || tree === null || head.size > tree.size) return;
  if (head.size <= (ledger.signedHead(author)?.size ?? 0)) return;
  if (equalBytes(tree.root(head.size), head.root)) ledger.keepHead(head);
}

async function* items(path: string, signal: AbortSignal): AsyncGenerator<BundleItem> {
  const stream = createReadStream(path, { highWaterMark: READ_BYTES, signal });
  yield* readBundle(stream, nativeSha256);
}

async function asBundle<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CarFault)) throw error;
    throw new OversightError('bundle-invalid', `${path}: ${messageOf(error)}`, { cause: error });
  }
}
