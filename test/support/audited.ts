import {
  type AuditOptions,
  type AuditReport,
  type AuditSource,
  auditFederation,
  type ListedRecord,
} from '../../protocols/audit/index.ts';
import { utf8 } from '../../protocols/base/bytes.ts';
import type { FederationId, MemberKey } from '../../protocols/base/ids.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { accept, refuse } from '../../protocols/base/result.ts';
import { toBase64 } from '../../protocols/codec/base64.ts';
import {
  checkpointNote,
  checkpointText,
  cosign,
  encodeEntryBundle,
  type Head,
  leafHash,
  MerkleTree,
  signHead,
  TILE_WIDTH,
  type TileName,
  tileBytes,
  tileWidth,
} from '../../protocols/feed/index.ts';
import { memberKey } from '../../protocols/identity/did-key.ts';
import type { CharterDocument } from '../../protocols/kinds/index.ts';
import type { Message } from '../../protocols/message/index.ts';
import { RecordFold, recordDigest } from '../../protocols/record/index.ts';
import { nativeEd25519, nativeSha256 } from '../../services/keys/index.ts';
import { Author, charterDocumentOf, charterOf, type MemberName, signerOf } from './federation.ts';

export const WITNESSES = ['example-academy', 'example-regulator'] as const;

/** One academic and one regulator must have seen a head. */
export function witnessedCharter(): CharterDocument {
  const document = charterDocumentOf();
  return {
    ...document,
    members: document.members.map((member) =>
      WITNESSES.some((name) => name === member.name)
        ? { ...member, roles: [...member.roles, 'witness'] }
        : member,
    ),
    policy: {
      ...document.policy,
      witness: {
        outside: [],
        groups: [{ name: 'both', threshold: 2, members: [...WITNESSES] }],
        quorum: 'both',
      },
    },
  };
}

interface Kept {
  readonly author: Author;
  readonly entries: Uint8Array[];
  readonly messages: Message[];
  head: Head | null;
}

/** A federation whose every claim is true, as a source to audit; what a test spoils is in plain sight. */
export class AuditedFederation {
  readonly document: CharterDocument;
  readonly federation: FederationId;
  readonly feeds = new Map<MemberKey, Kept>();
  readonly #fold: RecordFold;

  constructor(document: CharterDocument = witnessedCharter()) {
    this.document = document;
    const charter = charterOf(document);
    this.federation = charter.id;
    this.#fold = new RecordFold(charter);
  }

  keyOf(name: string): MemberKey {
    return memberKey(signerOf(name).publicKey);
  }

  feed(name: string): Kept {
    const key = this.keyOf(name);
    const known = this.feeds.get(key);
    if (known !== undefined) return known;
    const feed = { author: new Author(name, this.federation), entries: [], messages: [], head: null };
    this.feeds.set(key, feed);
    return feed;
  }

  say(name: MemberName, kind: string, body: PlainObject, issuedAt?: number): Message {
    const feed = this.feed(name);
    const message = feed.author.say(kind, body, issuedAt);
    feed.entries.push(message.wire);
    feed.messages.push(message);
    this.#fold.add(message);
    return message;
  }

  /** Everyone signs its head, and each witness tells of the heads of the others. */
  witness(time = 1_790_000_100): void {
    for (const key of this.feeds.keys()) this.#sign(key);
    for (const name of WITNESSES) {
      const entries = [...this.feeds].flatMap(([feed, { head }]) =>
        head === null || feed === this.keyOf(name) ? [] : [this.cosigned(name, head, time)],
      );
      this.say(name, 'cosignatures/1', { entries });
    }
    for (const key of this.feeds.keys()) this.#sign(key);
  }

  cosigned(name: string, head: Head, time: number) {
    const { author: feed, size, root, signature } = head;
    const text = utf8(checkpointText(this.federation, { author: feed, size, root }));
    const cosignature = cosign(text, time, signerOf(name));
    return {
      feed,
      size,
      root: toBase64(root),
      head: toBase64(signature),
      witness: this.keyOf(name),
      time,
      signature: toBase64(cosignature.signature),
    };
  }

  #sign(key: MemberKey): void {
    const feed = this.feeds.get(key);
    if (feed === undefined || feed.entries.length === 0) return;
    feed.head = headOf(feed, this.federation);
  }

  /** The author signs whatever its entries are now. */
  sign(name: string): Head {
    this.#sign(this.keyOf(name));
    return this.feed(name).head as Head;
  }

  record(): ListedRecord {
    const record = JSON.parse(JSON.stringify(this.#fold.record())) as PlainObject;
    return { record, digest: recordDigest(this.#fold.record()) };
  }

  /** All of it, truly served. Tests replace what they spoil. */
  source(changes: Partial<AuditSource> = {}): AuditSource {
    const feedOf = (key: MemberKey) => this.feeds.get(key) ?? null;
    return {
      charters: async () => accept([this.document]),
      feeds: async () =>
        accept([...this.feeds].map(([feed, { entries }]) => ({ feed, size: entries.length }))),
      checkpoint: async (key) => {
        const head = feedOf(key)?.head ?? null;
        return head === null ? ABSENT : accept(utf8(checkpointNote(head, this.federation)));
      },
      tile: async (key, name) => {
        const bytes = tileOf(feedOf(key)?.entries ?? [], name);
        return bytes === null ? ABSENT : accept(bytes);
      },
      evidence: async () => accept([]),
      record: async () => accept(this.record()),
      block: async () => ABSENT,
      ...changes,
    };
  }

  audit(source: AuditSource = this.source(), options: Partial<AuditOptions> = {}): Promise<AuditReport> {
    return auditFederation(source, {
      federation: this.federation,
      ed25519: nativeEd25519(),
      sha256: nativeSha256,
      bounds: { messages: 100_000, bytes: 100_000_000 },
      remembered: [],
      content: null,
      ...options,
    });
  }
}

export const ABSENT = refuse('absent', 'there is none');

export function treeOf(entries: readonly Uint8Array[]): MerkleTree {
  const tree = new MerkleTree(nativeSha256);
  for (const entry of entries) tree.append(leafHash(entry, nativeSha256));
  return tree;
}

function headOf({ author, entries }: Kept, federation: FederationId): Head {
  return signHead(federation, { size: entries.length, root: treeOf(entries).root() }, author.signer);
}

/** A tile or a bundle of these entries; null where they do not reach. */
export function tileOf(entries: readonly Uint8Array[], name: TileName): Uint8Array | null {
  const { level, index, width } = name;
  if (width > tileWidth(entries.length, name)) return null;
  if (level !== 'entries') return tileBytes(treeOf(entries), { level, index, width });
  const from = index * TILE_WIDTH;
  return encodeEntryBundle(entries.slice(from, from + width));
}

/** Codes of what was found, each once, in order. */
export function codesOf({ findings }: AuditReport): string[] {
  return [...new Set(findings.map(({ code }) => code))].sort();
}
