import { equalBytes } from '../../protocols/base/bytes.ts';
import type { FederationId, MemberKey, MessageId } from '../../protocols/base/ids.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { encode } from '../../protocols/codec/codec.ts';
import { isKind, type MemberCardBody } from '../../protocols/kinds/index.ts';
import type { Message } from '../../protocols/message/index.ts';
import type { MemberEntry } from '../../protocols/record/index.ts';
import type { Bell } from './bell.ts';

/** Addresses of a card that others are told; a host on many interfaces lists the first. */
const ADDRESSES_LIMIT = 16;

/** What the introduction reads of a node, and how it speaks. */
export interface Introducer {
  readonly self: MemberKey;
  readonly federation: FederationId;
  members(): readonly MemberEntry[];
  message(id: MessageId): Message | null;
  /** Resolves when the message is durable here. @throws OversightError `message-refused` */
  mustPublish(kind: string, body: PlainObject): Promise<void>;
}

export interface Whereabouts {
  readonly displayName: string;
  readonly libp2p: readonly string[];
  readonly gateway: string;
}

/** Says once that this member takes part, and where it can be reached whenever that has changed. */
export async function introduce(node: Introducer, where: Whereabouts): Promise<void> {
  const own = node.members().find((member) => member.key === node.self);
  if (own?.ratification == null) await node.mustPublish('charter/1', { charter: node.federation });
  const card = {
    displayName: where.displayName,
    endpoints: { libp2p: where.libp2p.slice(0, ADDRESSES_LIMIT), gateway: where.gateway },
  } satisfies MemberCardBody;
  const last = own?.card == null ? null : node.message(own.card);
  if (last !== null && equalBytes(encode(last.body), encode(card))) return;
  await node.mustPublish('member-card/1', card);
}

/** Gives the addresses of each member's latest card to `connect`, until the signal aborts. */
export async function followCards(
  node: Pick<Introducer, 'self' | 'members' | 'message'> & { readonly changed: Bell },
  connect: (member: MemberKey, addresses: readonly string[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const dialled = new Map<MemberKey, MessageId>();
  while (!signal.aborted) {
    const rung = node.changed.next(signal);
    for (const { card, key } of node.members()) {
      if (card === null || key === node.self || dialled.get(key) === card) continue;
      dialled.set(key, card);
      const message = node.message(card);
      if (message !== null && isKind(message, 'member-card/1')) connect(key, message.body.endpoints.libp2p);
    }
    await rung;
  }
}
