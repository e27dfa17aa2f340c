import type { MemberKey } from '../../protocols/base/ids.ts';
import type { QuotaPolicy } from '../../protocols/kinds/index.ts';
import type { Ledger } from '../ledger/index.ts';
import type { Authority } from './authority.ts';
import type { Clock } from './inbox.ts';

const HOUR_MS = 3_600_000;
/** What a silent author, or a node that was away, saves up at most. spec 11-network §2.2 */
const SAVED_HOURS = 30 * 24;
/**
 * What a fork below one that is proven takes. Each makes every node derive part of the record again: 15 ms with 100,000
 * messages, as long as a thousand messages take. spec 11-network §2.3
 */
const LOWER_FORK_MESSAGES = 1_000;

interface Account {
  /** Messages and bytes that may come now; below zero after a range that was taken as a whole. */
  messages: number;
  bytes: number;
  atMs: number;
  /** The sequence after the last that was granted in order. */
  next: number;
}

/** A message that would be stored, in all that its quota asks. */
export interface Share {
  readonly author: MemberKey;
  readonly sequence: number;
  readonly bytes: number;
  /** Messages of its feed that are held. */
  readonly length: number;
  /** Just spoken, by gossip: what was saved up while nothing was said does not count for it. */
  readonly live: boolean;
}

export interface QuotaPorts {
  /** Of the charter in force. */
  policy(): QuotaPolicy;
  /** When the last message of this author became durable here, in ms since 1970; null when there is none. */
  lastAcceptedAt(author: MemberKey): number | null;
  readonly clock: Clock;
}

/** By the charter in force; what a ledger holds says since when each author's account has filled. */
export function quotasOf(authority: Authority, ledger: Pick<Ledger, 'headOf' | 'get'>, clock: Clock): Quotas {
  return new Quotas({
    policy: () => authority.charter().document.policy.quotas,
    lastAcceptedAt: (author) => {
      const head = ledger.headOf(author)?.head;
      return head == null ? null : (ledger.get(head)?.acceptedAt ?? null);
    },
    clock,
  });
}

/**
 * What each author may still make this node store. spec 11-network §2.2. Asked about authors that a charter names only,
 * so there are no more accounts than keys in it.
 */
export class Quotas {
  readonly #ports: QuotaPorts;
  readonly #accounts = new Map<MemberKey, Account>();
  readonly #shed = new Map<MemberKey, number>();
  readonly #exempt = new Set<MemberKey>();

  constructor(ports: QuotaPorts) {
    this.#ports = ports;
  }

  /** No quota for this author: the node's own feed. */
  exempt(author: MemberKey): void {
    this.#exempt.add(author);
  }

  /**
   * Takes one message's share, or counts it as shed and takes nothing. Past a gap it is granted only where the gap could
   * be filled as well, so that what comes late does not use up what fetching it needs.
   */
  take({ author, sequence, bytes, length, live }: Share): boolean {
    if (this.#exempt.has(author)) return true;
    const account = this.#account(author);
    if (live) {
      const { burst, bytesPerHour } = this.#ports.policy();
      account.messages = Math.min(account.messages, burst);
      account.bytes = Math.min(account.bytes, Math.max(bytesPerHour, bytes));
    }
    const next = Math.max(length, account.next);
    const gap = Math.max(0, sequence - next);
    if (account.messages < gap + 1 || account.bytes < bytes) {
      this.#countShed(author);
      return false;
    }
    account.messages -= 1;
    account.bytes -= bytes;
    if (gap === 0) account.next = Math.max(next, sequence + 1);
    return true;
  }

  /** Takes what a fork below a proven one costs, from what may come at once; or counts it as shed and takes nothing. */
  takeLowerFork(author: MemberKey): boolean {
    if (this.#exempt.has(author)) return true;
    const { burst } = this.#ports.policy();
    const account = this.#account(author);
    account.messages = Math.min(account.messages, burst);
    const cost = Math.min(burst, LOWER_FORK_MESSAGES);
    if (account.messages < cost) {
      this.#countShed(author);
      return false;
    }
    account.messages -= cost;
    return true;
  }

  /** Whether nothing of this size would be granted to the author; it then counts as shed. */
  isEmpty(author: MemberKey, bytes: number): boolean {
    if (this.#exempt.has(author)) return false;
    const account = this.#account(author);
    if (account.messages >= 1 && account.bytes >= bytes) return false;
    this.#countShed(author);
    return true;
  }

  /** Gives back what was taken for a message that was not stored. */
  giveBack({ author, sequence, bytes }: Share): void {
    const account = this.#account(author);
    account.messages += 1;
    account.bytes += bytes;
    account.next = Math.min(account.next, sequence);
  }

  /** Messages of this author that may be fetched now, 0 when none may. */
  allowance(author: MemberKey): number {
    if (this.#exempt.has(author)) return Number.MAX_SAFE_INTEGER;
    const { messages, bytes } = this.#account(author);
    return bytes <= 0 ? 0 : Math.max(0, Math.floor(messages));
  }

  /** Charges a range that was fetched as a whole; what it is over the allowance has to be waited for. */
  spend(author: MemberKey, messages: number, bytes: number): void {
    const account = this.#account(author);
    account.messages -= messages;
    account.bytes -= bytes;
  }

  /** When the author may say another message of this size, in milliseconds from now. */
  waitMs(author: MemberKey, bytes: number): number {
    const { messagesPerHour, bytesPerHour } = this.#ports.policy();
    const account = this.#account(author);
    const hours = Math.max(
      (1 - account.messages) / messagesPerHour,
      (bytes - account.bytes) / bytesPerHour,
      0,
    );
    return Math.ceil(hours * HOUR_MS);
  }

  /** Messages shed since the start, by author. */
  shed(): ReadonlyMap<MemberKey, number> {
    return this.#shed;
  }

  #countShed(author: MemberKey): void {
    this.#shed.set(author, (this.#shed.get(author) ?? 0) + 1);
  }

  /** The account as of now. */
  #account(author: MemberKey): Account {
    const { messagesPerHour, burst, bytesPerHour } = this.#ports.policy();
    const now = this.#ports.clock.now();
    const account = this.#accounts.get(author) ?? this.#open(author);
    const hours = Math.max(0, now - account.atMs) / HOUR_MS;
    const most = {
      messages: Math.max(burst, SAVED_HOURS * messagesPerHour),
      bytes: SAVED_HOURS * bytesPerHour,
    };
    account.messages = Math.min(most.messages, account.messages + hours * messagesPerHour);
    account.bytes = Math.min(most.bytes, account.bytes + hours * bytesPerHour);
    account.atMs = now;
    this.#accounts.set(author, account);
    return account;
  }

  /** Full since the author's last message; of an author never heard, as after the longest silence. */
  #open(author: MemberKey): Account {
    const { burst, bytesPerHour } = this.#ports.policy();
    const atMs = this.#ports.lastAcceptedAt(author) ?? Number.NEGATIVE_INFINITY;
    return { messages: burst, bytes: bytesPerHour, atMs, next: 0 };
  }
}
