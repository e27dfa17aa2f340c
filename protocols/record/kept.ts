import type { MessageId } from '../base/ids.ts';
import type { PlainObject } from '../base/plain.ts';
import { isKind, isKnownKind, type Kind, type MessageOf } from '../kinds/index.ts';
import { DeferredMessage, type Message } from '../message/index.ts';
import { STATEMENT_KINDS } from './statements.ts';

/** A message as the record keeps it: what it says, without its bytes. */
export type Kept = Omit<Message, 'wire' | 'previous' | 'federation'> & {
  /** Of a verdict, the finding it is on. */
  readonly finding: MessageId | null;
};
/** A message by its place, for those who hold its bytes. */
export type Counted = Pick<Kept, 'id' | 'author' | 'sequence' | 'kind'>;
export type KeptOf<K extends Kind> = Omit<MessageOf<K>, 'wire' | 'previous' | 'federation'> &
  Pick<Kept, 'finding'>;

/** Kinds whose bodies the record needs again; of the others it keeps name, kind and leaf. */
const KEPT_KINDS: ReadonlySet<string> = new Set<Kind>([
  ...STATEMENT_KINDS,
  'charter/1',
  'charter-proposal/1',
  'charter-consent/1',
  'fork-proof/1',
  'pin/1',
  'pin-check/1',
  'frontier-release/1',
  'analog-release/1',
  'finding/1',
  'verdict/1',
]);

export function isKeptKind(kind: string): boolean {
  return KEPT_KINDS.has(kind);
}

export function isOf<K extends Kind>(kept: Kept, kind: K): kept is Kept & KeptOf<K> {
  return isKind(kept as unknown as Message, kind);
}

/** Where a message stands. */
export type Place = Pick<Kept, 'author' | 'sequence'>;

/** Where what has been folded can be read again, so that the fold need not keep it. */
export interface FoldStore {
  /** Of a message of a chain. */
  bodyOf(message: Place): PlainObject;
  /** Null for a message that is not stored. */
  placeOf(id: MessageId): Place | null;
}

const UNREAD: PlainObject = {};

/**
 * A body that means nothing here is not asked for: it may not have been read yet.
 * @param recalls findings and verdicts, which are many and large, are kept without theirs: `recall` gives it back
 */
export function toKept(message: Message, recalls = false): Kept {
  const { id, author, sequence, issuedAt, kind } = message;
  const unread = !isKnownKind(kind) || (recalls && isRecalled(kind));
  return {
    id,
    author,
    sequence,
    issuedAt,
    kind,
    finding: findingOf(message),
    body: unread ? UNREAD : message.body,
  };
}

/** The message with its body. */
export function recall<K extends Kind>(kept: KeptOf<K>, store: FoldStore | null): KeptOf<K> {
  const isUnread = (kept.body as unknown) === UNREAD && store !== null;
  return isUnread ? ({ ...kept, body: store.bodyOf(kept) } as unknown as KeptOf<K>) : kept;
}

function isRecalled(kind: string): boolean {
  return kind === ('finding/1' satisfies Kind) || kind === ('verdict/1' satisfies Kind);
}

function findingOf(message: Message): MessageId | null {
  if (message instanceof DeferredMessage && message.finding !== null) return message.finding;
  return isKind(message, 'verdict/1') ? message.body.finding : null;
}
