import type { MemberKey, MessageId } from '../base/ids.ts';
import { type FoldStore, isOf, type Kept, type KeptOf, type Place, recall } from './kept.ts';
import { inOrder } from './order.ts';

/** A counted finding, and the keys that have a counted verdict on it. */
export interface Judgement {
  readonly finding: MessageId;
  readonly author: MemberKey;
  readonly verifiers: readonly MemberKey[];
}

/** Counted findings, and the counted verdicts on each finding, also on one that has not come yet. */
export class FindingIndex {
  readonly #findings = new Map<MessageId, KeptOf<'finding/1'>>();
  readonly #verdicts = new Map<MessageId, Map<MessageId, KeptOf<'verdict/1'>>>();
  readonly #store: FoldStore | null;

  /** @param store where bodies are read that are not kept */
  constructor(store: FoldStore | null) {
    this.#store = store;
  }

  count(message: Kept): void {
    if (isOf(message, 'finding/1')) this.#findings.set(message.id, message);
    if (!isOf(message, 'verdict/1') || message.finding === null) return;
    const verdicts = this.#verdicts.get(message.finding) ?? new Map();
    this.#verdicts.set(message.finding, verdicts.set(message.id, message));
  }

  /** Takes back what no longer counts. */
  uncount(message: Kept): void {
    if (isOf(message, 'finding/1')) this.#findings.delete(message.id);
    if (message.finding !== null) this.#verdicts.get(message.finding)?.delete(message.id);
  }

  clear(): void {
    this.#findings.clear();
    this.#verdicts.clear();
  }

  ids(): Iterable<MessageId> {
    return this.#findings.keys();
  }

  get(finding: MessageId): KeptOf<'finding/1'> | null {
    const held = this.#findings.get(finding);
    return held === undefined ? null : recall<'finding/1'>(held, this.#store);
  }

  /** Where a finding stands in its feed; null while it does not count. */
  placeOf(finding: MessageId): Place | null {
    return this.#findings.get(finding) ?? null;
  }

  /** How many verdicts on a finding count as messages. */
  countOn(finding: MessageId): number {
    return this.#verdicts.get(finding)?.size ?? 0;
  }

  /** In the record's order. */
  inOrder(): MessageId[] {
    return inOrder([...this.#findings.values()]).map(({ id }) => id);
  }

  judgements(): Judgement[] {
    return inOrder([...this.#findings.values()]).map(({ id, author }) => ({
      finding: id,
      author,
      verifiers: [...(this.#verdicts.get(id)?.values() ?? [])].map((verdict) => verdict.author),
    }));
  }

  verdictsOn(finding: MessageId): KeptOf<'verdict/1'>[] {
    return [...(this.#verdicts.get(finding)?.values() ?? [])].map((verdict) =>
      recall<'verdict/1'>(verdict, this.#store),
    );
  }
}
