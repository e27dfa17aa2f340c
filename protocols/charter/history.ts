import type { MemberKey } from '../base/ids.ts';
import type { CharterMember, Former } from '../kinds/index.ts';
import type { Charter } from './charter.ts';

/** Where one version says something of a key: it governs the key's feed from `since` on. */
interface Listing {
  readonly charter: Charter;
  readonly member: CharterMember;
}

/** All that the versions in force say of one key. */
export interface KeyHistory {
  readonly key: MemberKey;
  readonly name: string;
  readonly listings: readonly Listing[];
  /** Null while the key is its member's. */
  readonly former: Former | null;
}

/** The versions that are in force or have been, and who had which authority where. spec 06-charter §5.7 */
export class CharterHistory {
  readonly charters: readonly Charter[];
  readonly #keys = new Map<
    MemberKey,
    { key: MemberKey; name: string; listings: Listing[]; former: Former | null }
  >();
  /** Of each name, its keys in the order in which it had them. */
  readonly #byName = new Map<string, MemberKey[]>();

  /** @param charters from the first version on, each a valid next of the one before */
  constructor(charters: readonly [Charter, ...Charter[]]) {
    this.charters = charters;
    for (const charter of charters)
      for (const member of charter.document.members) this.#list(charter, member);
    for (const entry of this.current.document.former) {
      const history = this.#keys.get(entry.key);
      if (history !== undefined) history.former = entry;
    }
  }

  #list(charter: Charter, member: CharterMember): void {
    const key = member.keys.signing;
    const known = this.#keys.get(key);
    if (known !== undefined) {
      known.listings.push({ charter, member });
      return;
    }
    this.#keys.set(key, { key, name: member.name, listings: [{ charter, member }], former: null });
    this.#byName.set(member.name, [...(this.#byName.get(member.name) ?? []), key]);
  }

  /** The version in force. */
  get current(): Charter {
    return this.charters.at(-1) as Charter;
  }

  /** Null for a key that no version in force has ever named. */
  of(key: MemberKey): KeyHistory | null {
    return this.#keys.get(key) ?? null;
  }

  /** Every key that was ever a member's, in the order in which the versions name them. */
  keys(): Iterable<KeyHistory> {
    return this.#keys.values();
  }

  /** Keys of a member, the first one first. */
  keysOf(name: string): readonly MemberKey[] {
    return this.#byName.get(name) ?? [];
  }

  /** Every name that was ever a member's. */
  names(): Iterable<string> {
    return this.#byName.keys();
  }

  /**
   * The version under which this key said its message `sequence`, and what it was there: the highest that names the key
   * and has begun by then. spec 06-charter §5.7
   */
  governing(key: MemberKey, sequence: number): Listing | null {
    return this.#keys.get(key)?.listings.findLast(({ member }) => member.since <= sequence) ?? null;
  }
}
