import { toHex } from '../../../protocols/base/bytes.ts';
import { messageOf } from '../../../protocols/base/errors.ts';
import type { ContentId, MessageId } from '../../../protocols/base/ids.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import type { PinCheckEntry } from '../../../protocols/kinds/index.ts';
import { type Answered, type BlockSource, challenge } from '../../checkpoints/index.ts';
import type { Clock } from '../inbox.ts';
import type { Reporter } from '../report.ts';
import type { Timer } from '../timer.ts';

const DAY_MS = 86_400_000;
const SEED_BYTES = 32;
/** A timer of Node's that is set for longer rings at once: 24 days. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;
/** 05-message §7: entries of one message. */
const ENTRIES_LIMIT = 64;

/** A promise of another organisation that is in force. */
export interface DuePin {
  readonly id: MessageId;
  readonly checkpoint: ContentId;
  /** Its keeper, by name. */
  readonly member: string;
}

/** Randomness that nobody can foresee. */
export interface Chance {
  bytes(count: number): Uint8Array;
  /** Above 0, at most 1. */
  unit(): number;
}

export interface CheckDeskPorts {
  readonly due: () => readonly DuePin[];
  /** Where this keeper alone can be asked, the best way first. */
  readonly sourcesOf: (member: string) => readonly BlockSource[];
  /** Whether anybody can be reached: who is cut off has nothing to say of others. */
  readonly isConnected: () => boolean;
  /** Resolves when the message is durable here. */
  readonly publish: (body: PlainObject) => Promise<void>;
  readonly report: Reporter;
  readonly chance: Chance;
  readonly clock: Clock;
  readonly timer: Timer;
}

export interface CheckDeskOptions {
  readonly checksPerDay: number;
  /** Leaves asked for in one check. */
  readonly sample: number;
}

/**
 * Checks other members' promises, one at a time, at moments and for leaves that nobody can foresee. News is published
 * at once, the rest with others within a day, so that feeds are not filled with routine. spec 19-pins §2, §4.1
 */
export class CheckDesk implements AsyncDisposable {
  readonly #ports: CheckDeskPorts;
  readonly #options: CheckDeskOptions;
  readonly #stop = new AbortController();
  readonly #work: Promise<void>;
  #unsaid: PinCheckEntry[] = [];
  #unsaidSince = 0;
  /** Of each promise, whether its last answer was without a fault: another answer is news. */
  #known = new Map<MessageId, boolean>();

  constructor(ports: CheckDeskPorts, options: CheckDeskOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#work = this.#run(this.#stop.signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { timer, chance, report } = this.#ports;
    const meanMs = DAY_MS / this.#options.checksPerDay;
    while (!signal.aborted) {
      // gaps of a Poisson process: how long it was quiet says nothing of what comes
      await timer.wait(Math.min(-Math.log(chance.unit()) * meanMs, LONGEST_WAIT_MS), signal);
      if (signal.aborted) return;
      try {
        await this.#checkOne(signal);
      } catch (error) {
        if (!signal.aborted) report('pins.check-failed', { detail: messageOf(error) });
      }
    }
  }

  async #checkOne(signal: AbortSignal): Promise<void> {
    const { due, chance, isConnected, clock } = this.#ports;
    const pins = due();
    this.#known = new Map([...this.#known].filter(([id]) => pins.some((pin) => pin.id === id)));
    const pin = pins[Math.floor((1 - chance.unit()) * pins.length)];
    if (pin !== undefined && isConnected()) {
      const seed = chance.bytes(SEED_BYTES);
      const answer = await this.#ask(pin, seed, signal);
      if (answer !== null) this.#note({ pin: pin.id, seed: toHex(seed), at: clock.now(), ...answer });
    }
    await this.#say();
  }

  /** Null where there is nothing to say: the content is at fault, or we are. */
  async #ask(
    { checkpoint, member }: DuePin,
    seed: Uint8Array,
    signal: AbortSignal,
  ): Promise<Answered | null> {
    const { sourcesOf, isConnected, report } = this.#ports;
    const { sample } = this.#options;
    let answer: Answered = { leaves: null, asked: sample, answered: 0, fault: 'unreachable' };
    for (const source of sourcesOf(member)) {
      const result = await challenge(source, checkpoint, { signal, seed, sample });
      if (!result.ok) {
        report('pins.content-refused', { checkpoint, reason: result.reason });
        return null;
      }
      answer = result.value;
      // who could not be reached one way is asked another way, as long as no leaf is known
      if (answer.fault !== 'unreachable' || answer.leaves !== null) break;
    }
    report('pins.checked', { checkpoint, member, fault: answer.fault ?? 'none' });
    return answer.fault === 'unreachable' && !isConnected() ? null : answer;
  }

  #note(entry: PinCheckEntry): void {
    if (this.#unsaid.length === 0) this.#unsaidSince = this.#ports.timer.now();
    // of one promise only the last answer counts
    this.#unsaid = [...this.#unsaid.filter(({ pin }) => pin !== entry.pin), entry];
  }

  async #say(): Promise<void> {
    const isNews = this.#unsaid.some(({ pin, fault }) => this.#known.get(pin) !== (fault === null));
    const isDue =
      this.#ports.timer.now() - this.#unsaidSince >= DAY_MS || this.#unsaid.length >= ENTRIES_LIMIT;
    if (this.#unsaid.length === 0 || !(isNews || isDue)) return;
    const said = this.#unsaid.slice(0, ENTRIES_LIMIT);
    await this.#ports.publish({ entries: said } as unknown as PlainObject);
    this.#unsaid = this.#unsaid.filter((entry) => !said.includes(entry));
    for (const { pin, fault } of said) this.#known.set(pin, fault === null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }
}
