import { compareText } from '../base/bytes.ts';
import type { MemberKey, MessageId } from '../base/ids.ts';
import type { Charter } from '../charter/index.ts';
import { authorize } from '../charter/index.ts';
import { isKind, type Kind, type Member, type MessageOf } from '../kinds/index.ts';
import type { Message } from '../message/index.ts';
import { Feed, type FeedChange } from './feeds.ts';
import { foldFinding, VerdictMemo } from './findings.ts';
import type { AnalogEntry, FederationRecord, FindingEntry, FrontierEntry, MemberEntry } from './record.ts';

/**
 * The fold from a set of messages to the record. Order, repetition and transport of the messages do not matter.
 * spec 08-record §1. Messages must have passed `open`.
 */
export class RecordFold {
  readonly #charter: Charter;
  readonly #feeds: ReadonlyMap<MemberKey, Feed>;
  readonly #memo = new VerdictMemo();
  /** Counted findings, and the counted verdicts on each finding, also on one that has not come yet. */
  readonly #findings = new Map<MessageId, MessageOf<'finding/1'>>();
  readonly #verdicts = new Map<MessageId, Map<MessageId, MessageOf<'verdict/1'>>>();

  constructor(charter: Charter) {
    this.#charter = charter;
    this.#feeds = new Map([...charter.members.keys()].map((key) => [key, new Feed(key)]));
  }

  /** What the message changed; null when it adds nothing: known, or its author has no authority for it. */
  add(message: Message): FeedChange | null {
    if (!authorize(this.#charter, message.author, message.kind).ok) return null;
    const change = this.#feeds.get(message.author)?.add(message) ?? null;
    for (const counted of change?.counted ?? []) this.#count(counted);
    for (const voided of change?.voided ?? []) this.#void(voided);
    return change;
  }

  #count(message: Message): void {
    if (isKind(message, 'finding/1')) this.#findings.set(message.id, message);
    if (!isKind(message, 'verdict/1')) return;
    const verdicts = this.#verdicts.get(message.body.finding) ?? new Map();
    this.#verdicts.set(message.body.finding, verdicts.set(message.id, message));
  }

  #void(message: Message): void {
    this.#findings.delete(message.id);
    if (isKind(message, 'verdict/1')) this.#verdicts.get(message.body.finding)?.delete(message.id);
  }

  /** One finding with what its verdicts add up to; null while it does not count. Costs nothing beyond its verdicts. */
  finding(id: MessageId): FindingEntry | null {
    const finding = this.#findings.get(id);
    if (finding === undefined) return null;
    const verdicts = inOrder([...(this.#verdicts.get(id)?.values() ?? [])]);
    return foldFinding(finding, verdicts, { charter: this.#charter, memo: this.#memo });
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
      findings: inOrder([...this.#findings.values()]).map(({ id }) => this.finding(id) as FindingEntry),
    };
  }
}

function select<K extends Kind>(messages: readonly Message[], kind: K): MessageOf<K>[] {
  return inOrder(messages.filter((message) => isKind(message, kind)) as MessageOf<K>[]);
}

/** The record's order: by claimed time, then by id. spec 08-record §3.1 */
function inOrder<M extends Pick<Message, 'issuedAt' | 'id'>>(messages: M[]): M[] {
  return messages.sort((a, b) => a.issuedAt - b.issuedAt || compareText(a.id, b.id));
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
