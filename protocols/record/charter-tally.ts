import { compareText } from '../base/bytes.ts';
import type { FederationId, MemberKey, MessageId } from '../base/ids.ts';
import { type Charter, consentsNeeded, type ReadOptions, readProposal } from '../charter/index.ts';
import type { CharterProposalBody } from '../kinds/index.ts';
import { isOf, type Kept, type KeptOf } from './kept.ts';

type Proposal = KeptOf<'charter-proposal/1'>;
type Consent = KeptOf<'charter-consent/1'>;

/** A proposal that could pass, and who wants it. */
export interface PendingProposal {
  readonly id: MessageId;
  readonly author: MemberKey;
  readonly version: number;
  readonly charter: FederationId;
  readonly reason: string;
  /** Names of members, sorted. */
  readonly consents: readonly string[];
  readonly needed: number;
}

/** A version and the proposal that gave its text; null for the first. */
export interface CharterInForce {
  readonly charter: Charter;
  readonly proposal: MessageId | null;
  /** The messages that brought it into force, in the order of the members; none for the first. */
  readonly consents: readonly MessageId[];
}

/** Proposals and consents, and the versions that they bring into force. spec 06-charter §6 */
export class CharterTally {
  readonly #genesis: Charter;
  readonly #options: Omit<ReadOptions, 'known'>;
  readonly #proposals = new Map<number, Map<MessageId, Proposal>>();
  /** Of each version, each key's first consent. */
  readonly #consents = new Map<number, Map<MemberKey, Consent>>();
  /** What proposals give, by the version before and the proposal: both are names of content. */
  readonly #read = new Map<string, Charter | null>();

  constructor(genesis: Charter, options: Omit<ReadOptions, 'known'> = {}) {
    this.#genesis = genesis;
    this.#options = options;
  }

  /** Each feed's messages come in order. @returns false for other kinds */
  add(message: Kept): boolean {
    if (isOf(message, 'charter-proposal/1')) {
      const { version } = message.body;
      this.#proposals.set(version, (this.#proposals.get(version) ?? new Map()).set(message.id, message));
      return true;
    }
    if (!isOf(message, 'charter-consent/1')) return false;
    const consents = this.#consents.get(message.body.version) ?? new Map<MemberKey, Consent>();
    this.#consents.set(message.body.version, consents);
    // spec 06-charter §6.5: the first counts and no other
    if (!consents.has(message.author)) consents.set(message.author, message);
    return true;
  }

  /** Forgets what was added, and keeps what was read. */
  clear(): void {
    this.#proposals.clear();
    this.#consents.clear();
  }

  /** The versions in force or once in force, from the first on. */
  inForce(): [CharterInForce, ...CharterInForce[]] {
    const out: [CharterInForce, ...CharterInForce[]] = [
      { charter: this.#genesis, proposal: null, consents: [] },
    ];
    for (let last: Charter | null = this.#genesis; last !== null; ) {
      const next = this.#next(last);
      if (next !== null) out.push(next);
      last = next?.charter ?? null;
    }
    return out;
  }

  /** Proposals for the version after this one that could pass, by id. */
  pending(current: Charter): PendingProposal[] {
    return this.#candidates(current).map(({ proposal, charter }) => ({
      id: proposal.id,
      author: proposal.author,
      version: proposal.body.version,
      charter: charter.id,
      reason: proposal.body.reason,
      consents: this.#consenting(current, charter.id).sort(compareText),
      needed: consentsNeeded(current.document),
    }));
  }

  /** Whether one consent more, or none, would make this key a member's: no member alone can open the door to others. */
  wouldAdmit(current: Charter, key: MemberKey): boolean {
    const needed = consentsNeeded(current.document);
    return this.#candidates(current).some(
      ({ charter }) =>
        charter.members.has(key) && this.#consenting(current, charter.id).length >= Math.max(1, needed - 1),
    );
  }

  /** spec 06-charter §6.5 */
  #next(current: Charter): CharterInForce | null {
    const needed = consentsNeeded(current.document);
    const passed = this.#candidates(current).find(
      ({ charter }) => this.#consenting(current, charter.id).length >= needed,
    );
    if (passed === undefined) return null;
    const { charter, proposal } = passed;
    const consents = this.#consentsTo(current, charter.id).map(({ id }) => id);
    return { charter, proposal: proposal.id, consents };
  }

  /** spec 06-charter §6.3, §6.4: proposals by members of this version that could pass, by id. */
  #candidates(current: Charter): { readonly proposal: Proposal; readonly charter: Charter }[] {
    const proposals = this.#proposals.get(current.document.version + 1)?.values() ?? [];
    return [...proposals]
      .filter(({ author }) => current.members.has(author))
      .sort((a, b) => compareText(a.id, b.id))
      .flatMap((proposal) => {
        const charter = this.#charterOf(current, proposal);
        return charter === null ? [] : [{ proposal, charter }];
      });
  }

  #consenting(current: Charter, charter: FederationId): string[] {
    return this.#consentsTo(current, charter).map(({ name }) => name);
  }

  #consentsTo(current: Charter, charter: FederationId): { readonly name: string; readonly id: MessageId }[] {
    const consents = this.#consents.get(current.document.version + 1);
    return current.document.members.flatMap(({ name, keys }) => {
      const consent = consents?.get(keys.signing);
      return consent?.body.charter === charter ? [{ name, id: consent.id }] : [];
    });
  }

  #charterOf(previous: Charter, { id, body }: Proposal): Charter | null {
    const name = `${previous.id} ${id}`;
    const known = this.#read.get(name);
    if (known !== undefined) return known;
    const read = readProposal(previous, body as CharterProposalBody, this.#options);
    this.#read.set(name, read.ok ? read.value : null);
    return read.ok ? read.value : null;
  }
}
