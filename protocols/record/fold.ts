import { compareText } from '../base/bytes.ts';
import type { MemberKey, MessageId } from '../base/ids.ts';
import type { Charter } from '../charter/index.ts';
import { authorize } from '../charter/index.ts';
import { isKind, type Kind, type Member, type MessageOf } from '../kinds/index.ts';
import type { Message } from '../message/index.ts';
import { Feed, type FeedChange } from './feeds.ts';
import { type FindingContext, foldFinding, VerdictMemo } from './findings.ts';
import type { AnalogEntry, FederationRecord, FrontierEntry, MemberEntry } from './record.ts';

/**
 * The fold from a set of messages to the record. Order, repetition and transport of the messages do not matter.
 * spec 08-record §1. Messages must have passed `open`.
 */
export class RecordFold {
  readonly #charter: Charter;
  readonly #feeds: ReadonlyMap<MemberKey, Feed>;
  readonly #memo = new VerdictMemo();

  constructor(charter: Charter) {
    this.#charter = charter;
    this.#feeds = new Map([...charter.members.keys()].map((key) => [key, new Feed(key)]));
  }

  /** What the message changed; null when it adds nothing: known, or its author has no authority for it. */
  add(message: Message): FeedChange | null {
    if (!authorize(this.#charter, message.author, message.kind).ok) return null;
    return this.#feeds.get(message.author)?.add(message) ?? null;
  }

  record(): FederationRecord {
    const feeds = [...this.#feeds.values()];
    const counted = feeds.flatMap((feed) => feed.counted);
    const frontiers = select(counted, 'frontier-release/1');
    return {
      v: 1,
      federation: this.#charter.id,
      name: this.#charter.document.name,
      members: feeds
        .map((feed) => memberEntry(this.#charter, feed))
        .sort((a, b) => compareText(a.key, b.key)),
      frontierReleases: frontiers.map(frontierEntry),
      analogReleases: select(counted, 'analog-release/1').map((analog) => analogEntry(analog, frontiers)),
      findings: this.#foldFindings(counted),
    };
  }

  #foldFindings(counted: readonly Message[]): FederationRecord['findings'] {
    const verdicts = new Map<MessageId, MessageOf<'verdict/1'>[]>();
    for (const verdict of select(counted, 'verdict/1')) {
      const list = verdicts.get(verdict.body.finding) ?? [];
      list.push(verdict);
      verdicts.set(verdict.body.finding, list);
    }
    const context: FindingContext = { charter: this.#charter, memo: this.#memo };
    return select(counted, 'finding/1').map((finding) =>
      foldFinding(finding, verdicts.get(finding.id) ?? [], context),
    );
  }
}

/** Messages of one kind in the record's order: by claimed time, then by id. spec 08-record §3.1 */
function select<K extends Kind>(messages: readonly Message[], kind: K): MessageOf<K>[] {
  const found: MessageOf<K>[] = messages.filter((message) => isKind(message, kind)) as MessageOf<K>[];
  return found.sort((a, b) => a.issuedAt - b.issuedAt || compareText(a.id, b.id));
}

function memberEntry(charter: Charter, feed: Feed): MemberEntry {
  const member = charter.members.get(feed.author) as Member;
  const ratification = feed.counted.find(
    (message) => isKind(message, 'charter/1') && message.body.charter === charter.id,
  );
  return {
    key: feed.author,
    name: member.name,
    organisation: member.organisation,
    roles: member.roles,
    ratification: ratification?.id ?? null,
    card: feed.counted.findLast((message) => isKind(message, 'member-card/1'))?.id ?? null,
    feed: { length: feed.counted.length, head: feed.counted.at(-1)?.id ?? null, stop: feed.stop },
  };
}

function frontierEntry({ id, author, body }: MessageOf<'frontier-release/1'>): FrontierEntry {
  return {
    id,
    author,
    name: body.model.name,
    version: body.model.version,
    modelType: body.model.modelType,
    parameters: body.model.parameters,
    deployedOn: body.deployedOn,
    checkpoint: body.checkpoint?.cid ?? null,
  };
}

function analogEntry(
  { id, author, body }: MessageOf<'analog-release/1'>,
  frontiers: readonly MessageOf<'frontier-release/1'>[],
): AnalogEntry {
  // a lab answers for its own models only
  const frontier = frontiers.find((each) => each.id === body.frontier && each.author === author) ?? null;
  const size = frontier?.body.model.parameters ?? null;
  return {
    id,
    author,
    name: body.model.name,
    version: body.model.version,
    modelType: body.model.modelType,
    parameters: body.model.parameters,
    licence: body.licence,
    checkpoint: body.checkpoint.cid,
    frontier: frontier?.id ?? null,
    ratioPpm: size === null ? null : ratioPpm(body.model.parameters, size),
  };
}

/** In big integers: the product can pass 2^53. */
function ratioPpm(part: number, whole: number): number {
  return Number((BigInt(part) * 1_000_000n) / BigInt(whole));
}
