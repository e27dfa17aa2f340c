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

export type Request =
  | { readonly ask: 'charters'; readonly federation: string }
  | { readonly ask: 'message'; readonly shown: ShownMessage }
  | { readonly ask: 'file'; readonly name: string; readonly bytes: Uint8Array };

export interface Asked {
  readonly id: number;
  readonly request: Request;
}

export type Answered =
  | { readonly id: number; readonly result: CheckResult }
  /** The worker could not look: no network, a defect. */
  | { readonly id: number; readonly failure: string };
