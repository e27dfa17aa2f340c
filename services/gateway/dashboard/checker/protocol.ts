import type { Act } from './acts.ts';
import type { Interval, Rate } from './intervals.ts';

/** What the page and its worker say to one another. */

/** What the page shows of one message, to be held against the message itself. */
export interface ShownMessage {
  readonly message: string;
  readonly kind: string;
  /** Name of its author. */
  readonly by: string;
  /** Milliseconds since 1970; null: not established. */
  readonly established: number | null;
  /** Fields of the record's entry. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The line about a statement, where the page shows one. */
  readonly says?: string | undefined;
}

/** `checked`: all of it. `partly`: what could be holds, the rest could not be checked. `wrong`: something does not hold. */
export type CheckState = 'checked' | 'partly' | 'wrong';

export interface CheckResult {
  readonly state: CheckState;
  /** What was looked at, each for a person. */
  readonly checked: readonly string[];
  /** What could not be, and why. */
  readonly unchecked: readonly string[];
  /** What does not hold. */
  readonly wrong: readonly string[];
}

/** Each question with its answer. */
export interface Questions {
  charters: { readonly ask: { readonly federation: string }; readonly answer: CheckResult };
  message: { readonly ask: ShownMessage; readonly answer: CheckResult };
  /** The newest checkpoint of a feed: its key, and the size that is shown. */
  head: {
    readonly ask: { readonly feed: string; readonly signed: number | null };
    readonly answer: CheckResult;
  };
  file: { readonly ask: Uint8Array; readonly answer: CheckResult };
  intervals: { readonly ask: readonly Rate[]; readonly answer: readonly (Interval | null)[] };
  /** JSON Schema. */
  form: { readonly ask: Act; readonly answer: unknown };
  /** What is wrong with a body; null: nothing. */
  body: { readonly ask: { readonly kind: Act; readonly body: unknown }; readonly answer: string | null };
}

export type Topic = keyof Questions;

export interface Asked<T extends Topic = Topic> {
  readonly id: number;
  readonly topic: T;
  readonly ask: Questions[T]['ask'];
}

export type Answered =
  | { readonly id: number; readonly answer: unknown }
  /** The worker could not look: no network, a defect. */
  | { readonly id: number; readonly failure: string };
