import { isKind } from '../../protocols/kinds/index.ts';
import type { MemberEntry } from '../../protocols/record/index.ts';
import { type BlockSource, gatewaySource } from '../checkpoints/index.ts';
import type { Introducer } from './introduction.ts';

/** Gateways asked in one fetch: more would not make it faster, and each is a few connections. */
const GATEWAYS_LIMIT = 16;

/**
 * The gateways that the other members' latest cards name, as sources of blocks. Whatever address a member names is sent
 * requests for blocks and nothing else, no redirect is followed, and each answer is hashed.
 */
export function memberGateways(
  members: readonly MemberEntry[],
  node: Pick<Introducer, 'self' | 'message'>,
): readonly BlockSource[] {
  const found: BlockSource[] = [];
  for (const { key, card } of members) {
    if (card === null || key === node.self || found.length === GATEWAYS_LIMIT) continue;
    const message = node.message(card);
    if (message === null || !isKind(message, 'member-card/1')) continue;
    const source = gatewaySource(message.body.endpoints.gateway ?? '');
    if (source !== null) found.push(source);
  }
  return found;
}
