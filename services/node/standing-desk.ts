import type { NodeStatus } from '../gateway/index.ts';
import type { VerifierDesk } from './verifier-desk.ts';

type Desk = Pick<VerifierDesk, 'jobs' | typeof Symbol.asyncDispose>;

/** A verifier's desk for as long as the charter has this node verify: opened and closed as amendments come. */
export class StandingDesk implements AsyncDisposable {
  readonly #isDue: () => boolean;
  readonly #openDesk: () => Desk;
  readonly #onFault: (error: unknown) => void;
  #desk: Desk | null = null;
  #isClosed = false;
  /** One change after another: a desk that closes ends its re-run first. */
  #tail: Promise<void> = Promise.resolve();

  /** @param isDue whether the charter in force, and the owner, have this node verify */
  constructor(isDue: () => boolean, openDesk: () => Desk, onFault: (error: unknown) => void) {
    this.#isDue = isDue;
    this.#openDesk = openDesk;
    this.#onFault = onFault;
  }

  /** The charter in force may be another. */
  follow(): void {
    this.#tail = this.#tail.then(() => this.#settle()).catch(this.#onFault);
  }

  jobs(): NodeStatus['jobs'] {
    return this.#desk?.jobs() ?? [];
  }

  async #settle(): Promise<void> {
    const isDue = !this.#isClosed && this.#isDue();
    if (isDue === (this.#desk !== null)) return;
    if (isDue) {
      this.#desk = this.#openDesk();
      return;
    }
    const desk = this.#desk;
    this.#desk = null;
    await desk?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.follow();
    await this.#tail;
  }
}
