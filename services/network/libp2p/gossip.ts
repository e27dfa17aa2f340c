import { createHash } from 'node:crypto';
import {
  type GossipSub,
  type GossipSubComponents,
  gossipsub,
  StrictNoSign,
  type TopicValidatorResult,
} from '@libp2p/gossipsub';
import { OversightError } from '../../../protocols/base/errors.ts';
import { MEMBERS_LIMIT } from '../../../protocols/base/limits.ts';

/** One topic a federation. spec 11-network §3.1. */
export function topicOf(federation: string): string {
  return `/oversight/${federation}/1`;
}

/** A few subscriptions is all an honest peer has; gossipsub charges about 1 KiB each. */
const TOPIC_BYTES_PER_PEER = 16_384;
/** One gossip frame, which may carry many messages; the size of each is checked when it is judged. */
const RPC_LIMIT_BYTES = 4 * 1024 * 1024;
/** Deliveries a score is built from decay with a half-life of about 23 s. */
const INVALID_DECAY = 0.97;
/** Under this gossipsub no longer listens to a peer (its default). */
export const GRAYLIST_SCORE = -80;
/** Times the squared count of rejected messages: the fifth reject within seconds puts a peer under the graylist score. */
const INVALID_WEIGHT = -4;

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest();

/** Gossipsub with the methods that its published interface leaves out. */
export interface JudgedGossip extends GossipSub {
  /** @param source peer id as text: with a PeerId object gossipsub forwards, but keeps no score */
  reportMessageValidationResult(id: string, source: string, result: TopicValidatorResult): void;
  getScore(peerId: string): number;
  /** Peers that messages are passed on to; there is an outbound stream to each, which a subscriber may not have yet. */
  getMeshPeers(topic: string): string[];
}

function isJudged(gossip: GossipSub): gossip is JudgedGossip {
  return 'reportMessageValidationResult' in gossip && 'getScore' in gossip && 'getMeshPeers' in gossip;
}

/**
 * Gossip without its own signatures: our messages carry theirs, and signing every hop costs a second of latency under
 * load. Ids are content hashes; nothing is forwarded before the node has judged it.
 */
export function gossipService(topic: string): (components: GossipSubComponents) => JudgedGossip {
  const create = gossipsub({
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: (message) => sha256(message.data),
    fastMsgIdFn: (message) => sha256(message.data ?? new Uint8Array()).toString('base64'),
    asyncValidation: true,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    allowedTopics: [topic],
    maxInboundDataLength: RPC_LIMIT_BYTES,
    maxTopicBytesPerPeer: TOPIC_BYTES_PER_PEER,
    doPX: false,
    scoreThresholds: { graylistThreshold: GRAYLIST_SCORE },
    scoreParams: {
      // peers are admitted by name, so many on one address (a consortium's gateway, a test on loopback) are no Sybils
      IPColocationFactorWeight: 0,
      IPColocationFactorThreshold: MEMBERS_LIMIT,
      topics: {
        [topic]: {
          topicWeight: 1,
          timeInMeshWeight: 0,
          timeInMeshQuantum: 1_000,
          timeInMeshCap: 1,
          firstMessageDeliveriesWeight: 0,
          firstMessageDeliveriesDecay: 0.5,
          firstMessageDeliveriesCap: 1,
          // a federation is quiet for hours: nobody is punished for silence
          meshMessageDeliveriesWeight: 0,
          meshMessageDeliveriesDecay: 0.5,
          meshMessageDeliveriesCap: 1,
          meshMessageDeliveriesThreshold: 1,
          meshMessageDeliveriesWindow: 1_000,
          meshMessageDeliveriesActivation: 1_000,
          meshFailurePenaltyWeight: 0,
          meshFailurePenaltyDecay: 0.5,
          invalidMessageDeliveriesWeight: INVALID_WEIGHT,
          invalidMessageDeliveriesDecay: INVALID_DECAY,
        },
      },
    },
  });
  return (components) => {
    const gossip = create(components);
    if (!isJudged(gossip))
      throw new OversightError('config-invalid', 'this gossipsub cannot be told decisions');
    return gossip;
  };
}
