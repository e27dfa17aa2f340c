import type { Outcome, Prompt } from '../../../protocols/artifacts/index.ts';
import type { ForcedRow } from '../engine/score.ts';

/** What a grader made of one prompt. `score` is null exactly where the outcome is `unscored`. */
export interface Graded {
  readonly outcome: Outcome;
  readonly score: number | null;
  /** Tokens that the score is a mean over; 1 where it is no mean. */
  readonly weight: number;
}

export const UNSCORED: Graded = { outcome: 'unscored', score: null, weight: 1 };

export function graded(score: number, reached: boolean, weight = 1): Graded {
  return { outcome: reached ? 1 : 0, score, weight };
}

/** Reads what the model wrote. */
export interface TextGrader {
  readonly reads: 'text';
  grade(prompt: Prompt, text: string): Outcome;
}

/** Reads what the model expects next, along given tokens. */
export interface LogitGrader {
  readonly reads: 'logits';
  /** What has to be run for this prompt, the same under every condition; null where it cannot be scored. */
  plan(prompt: Prompt, text: Encoder): LogitPlan | null;
}

export interface LogitPlan {
  readonly rows: readonly ForcedRow[];
  /** Takes up the distributions of one condition. */
  begin(): LogitReading;
}

/** Reads a probe: one number a prompt, in the probe's own unit. */
export interface ProbeGrader {
  readonly reads: 'probe';
  grade(prompt: Prompt, reading: number): Graded;
}

export type Grader = TextGrader | LogitGrader | ProbeGrader;

export interface LogitReading {
  /** Logits [vocab] after `position` of a row, and those of the unedited model there. Not kept: the engine reuses them. */
  see(row: number, position: number, logits: Float32Array, base: Float32Array): void;
  /** After every position of every row, in order. */
  end(): Graded;
}

/** The tokenizer, as far as a grader needs it. */
export interface Encoder {
  /** The prompt through the chat template, ready for the answer, with `prefill` at the start of the answer. */
  prompt(prompt: Prompt, prefill?: string): readonly number[];
  /** The same and `text` after it; null where no token ends between the two. */
  continuation(prompt: Prompt, prefill: string | undefined, text: string): ForcedRow | null;
  /** Text without a template, and the tokens that the tokenizer puts before it. */
  plain(text: string): { readonly opening: readonly number[]; readonly ids: readonly number[] };
}

/** All rows, or null when one of them cannot be read. */
export function everyRow(rows: readonly (ForcedRow | null)[]): readonly ForcedRow[] | null {
  return rows.every((row) => row !== null) ? rows : null;
}
