import type { RebuildRefusal } from './rebuild.ts';

export type PickleRefusal = RebuildRefusal | 'pickle-opcode-refused' | 'pickle-truncated';

/** Ends the reading of a pickle; thrown by a step, and a refusal where the machine ends. */
export class Halt {
  readonly reason: PickleRefusal;
  readonly detail: string;
  constructor(reason: PickleRefusal, detail: string) {
    this.reason = reason;
    this.detail = detail;
  }
}
