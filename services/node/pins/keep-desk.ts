import { messageOf } from '../../../protocols/base/errors.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import type { OversightRecord } from '../../../protocols/record/index.ts';
import type { Bell } from '../bell.ts';
import type { Clock } from '../inbox.ts';
import type { Reporter } from '../report.ts';
import type { Timer } from '../timer.ts';
import type { Keeping } from './keeping.ts';

const DAY_MS = 86_400_000;
/** Promises are renewed in good time, and what could not be fetched is tried again. */
const LOOK_EVERY_MS = 600_000;
/** Messages come in bursts, and each look at the record costs the whole of it. */
const REST_MS = 2_000;

export interface KeepDeskPorts {
  readonly keeping: Pick<Keeping, 'pin' | 'hasTakenBack'>;
  readonly record: () => OversightRecord;
  readonly changed: Bell;
  /** This member's name; null while the charter in force does not name it. */
  readonly name: () => string | null;
  readonly report: Reporter;
  readonly clock: Clock;
  readonly timer: Timer;
}

/** Promises the analogs that others release, as its owner has said it should. What was taken back by hand stays so. */
export class KeepDesk implements AsyncDisposable {
  readonly #ports: KeepDeskPorts;
  readonly #keepMs: number;
  readonly #stop = new AbortController();
  readonly #work: Promise<void>;
  /** What failed since the last pause: not tried again before the next. */
  #failed = new Set<ContentId>();

  constructor(ports: KeepDeskPorts, { keepDays }: { readonly keepDays: number }) {
    this.#ports = ports;
    this.#keepMs = keepDays * DAY_MS;
    this.#work = this.#run(this.#stop.signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { changed, timer } = this.#ports;
    let lookAgainAt = timer.now() + LOOK_EVERY_MS;
    while (!signal.aborted) {
      const awake = new AbortController();
      const either = AbortSignal.any([signal, awake.signal]);
      const rung = changed.next(either);
      for (const cid of this.#due()) await this.#keep(cid, signal);
      await Promise.race([rung, timer.wait(Math.max(0, lookAgainAt - timer.now()), either)]);
      awake.abort();
      await timer.wait(REST_MS, signal);
      if (timer.now() < lookAgainAt) continue;
      lookAgainAt = timer.now() + LOOK_EVERY_MS;
      this.#failed = new Set();
    }
  }

  #due(): ContentId[] {
    const { record, name, keeping, clock } = this.#ports;
    const { analogReleases, members, pins } = record();
    const own = members.find((member) => member.name === name());
    if (own === undefined) return [];
    const isNear = (until: number) => until - clock.now() < this.#keepMs / 4;
    const promised = new Set(
      pins
        .filter(({ member, until }) => member === own.name && !isNear(until))
        .map(({ checkpoint }) => checkpoint),
    );
    const organisationOf = (key: string) =>
      members.find((member) => member.key === key || member.former.some((former) => former.key === key))
        ?.organisation;
    const released = analogReleases
      .filter(({ author }) => organisationOf(author) !== own.organisation)
      .map(({ checkpoint }) => checkpoint);
    return [...new Set(released)].filter(
      (cid) => !promised.has(cid) && !this.#failed.has(cid) && !keeping.hasTakenBack(cid),
    );
  }

  async #keep(cid: ContentId, signal: AbortSignal): Promise<void> {
    const { keeping, clock, report } = this.#ports;
    if (signal.aborted) return;
    try {
      await keeping.pin(cid, clock.now() + this.#keepMs, { signal });
      report('pins.promised', { checkpoint: cid });
    } catch (error) {
      this.#failed.add(cid);
      if (!signal.aborted) report('pins.not-promised', { checkpoint: cid, detail: messageOf(error) });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }
}
