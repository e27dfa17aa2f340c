import { isKind } from '../../protocols/kinds/index.ts';
import type { MemberEntry } from '../../protocols/record/index.ts';
import { type BlockSource, gatewaySource, type OpenExchange } from '../checkpoints/index.ts';
import type { Introducer } from './introduction.ts';

/** Gateways asked in one fetch: more would not make it faster, and each is a few connections. */
const GATEWAYS_LIMIT = 16;

export interface MemberGateway {
  readonly source: BlockSource;
  /** The member's libp2p peer id, where the charter in force names it. */
  readonly peerId: string | null;
}

/**
 * The gateways that the other members' latest cards name, as sources of blocks. Whatever address a member names is sent
 * requests for blocks and nothing else, no redirect is followed, and each answer is hashed.
 */
export function memberGateways(
  members: readonly MemberEntry[],
  node: Pick<Introducer, 'self' | 'message'> & { readonly peerIdOf: (member: MemberEntry) => string | null },
  open?: OpenExchange,
): readonly MemberGateway[] {
  const found: MemberGateway[] = [];
  for (const member of members) {
    if (member.card === null || member.key === node.self || found.length === GATEWAYS_LIMIT) continue;
    const message = node.message(member.card);
    if (message === null || !isKind(message, 'member-card/1')) continue;
    const source = gatewaySource(message.body.endpoints.gateway ?? '', open);
    if (source !== null) found.push({ source, peerId: node.peerIdOf(member) });
  }
  return found;
}
