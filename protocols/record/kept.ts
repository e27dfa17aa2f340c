import type { PlainObject } from '../base/plain.ts';
import { isKind, isKnownKind, type Kind, type MessageOf } from '../kinds/index.ts';
import type { Message } from '../message/index.ts';

/** A message as the record keeps it: what it says, without its bytes. */
export type Kept = Omit<Message, 'wire' | 'previous' | 'federation'>;
/** A message by its place, for those who hold its bytes. */
export type Counted = Pick<Kept, 'id' | 'author' | 'sequence' | 'kind'>;
export type KeptOf<K extends Kind> = Omit<MessageOf<K>, 'wire' | 'previous' | 'federation'>;

/** Kinds whose bodies the record needs again; of the others it keeps name, kind and leaf. */
const KEPT_KINDS: ReadonlySet<string> = new Set<Kind>([
  'charter/1',
  'charter-proposal/1',
  'charter-consent/1',
  'fork-proof/1',
  'frontier-release/1',
  'analog-release/1',
  'finding/1',
  'verdict/1',
]);

export function isKeptKind(kind: string): boolean {
  return KEPT_KINDS.has(kind);
}

export function isOf<K extends Kind>(kept: Kept, kind: K): kept is Kept & KeptOf<K> {
  return isKind(kept as Message, kind);
}

const UNREAD: PlainObject = {};

/** A body that means nothing here is not asked for: it may not have been read yet. */
export function toKept(message: Message): Kept {
  const { id, author, sequence, issuedAt, kind } = message;
  return { id, author, sequence, issuedAt, kind, body: isKnownKind(kind) ? message.body : UNREAD };
}
