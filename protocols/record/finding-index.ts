import type { MessageId } from '../base/ids.ts';
import { isOf, type Kept, type KeptOf } from './kept.ts';

/** Counted findings, and the counted verdicts on each finding, also on one that has not come yet. */
export class FindingIndex {
  readonly #findings = new Map<MessageId, KeptOf<'finding/1'>>();
  readonly #verdicts = new Map<MessageId, Map<MessageId, KeptOf<'verdict/1'>>>();

  count(message: Kept): void {
    if (isOf(message, 'finding/1')) this.#findings.set(message.id, message);
    if (!isOf(message, 'verdict/1')) return;
    const verdicts = this.#verdicts.get(message.body.finding) ?? new Map();
    this.#verdicts.set(message.body.finding, verdicts.set(message.id, message));
  }

  /** Takes back what no longer counts. */
  uncount(message: Kept): void {
    if (isOf(message, 'finding/1')) this.#findings.delete(message.id);
    if (isOf(message, 'verdict/1')) this.#verdicts.get(message.body.finding)?.delete(message.id);
  }

  clear(): void {
    this.#findings.clear();
    this.#verdicts.clear();
  }

  ids(): Iterable<MessageId> {
    return this.#findings.keys();
  }

  get(finding: MessageId): KeptOf<'finding/1'> | null {
    return this.#findings.get(finding) ?? null;
  }

  verdictsOn(finding: MessageId): KeptOf<'verdict/1'>[] {
    return [...(this.#verdicts.get(finding)?.values() ?? [])];
  }
}
