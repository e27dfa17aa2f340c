/** What either side is asked to do, one line of JSON each; both answer with a `Spent`. CPU time counts the task alone. */
export type Task =
  | {
      readonly task: 'load';
      /** What later tasks call it. */
      readonly as: string;
      readonly folder: string;
      /** Blocks after which a vector is added to every position. */
      readonly hooked: readonly number[];
      readonly prepacking: boolean;
    }
  /** One forward pass of `rows` prompts of `time` tokens, logits after the last. */
  | { readonly task: 'prefill'; readonly on: string; readonly rows: number; readonly time: number }
  /** Greedy steps after a prompt, its own pass not counted. */
  | {
      readonly task: 'decode';
      readonly on: string;
      readonly rows: number;
      readonly past: number;
      readonly steps: number;
    }
  /** One prompt under every coefficient of the vector after a block: logits after the last token of each. */
  | {
      readonly task: 'sweep';
      readonly on: string;
      readonly time: number;
      readonly layer: number;
      readonly coefficients: readonly number[];
    }
  /** Nothing, for the memory of a process without a model. */
  | { readonly task: 'idle' }
  | { readonly task: 'drop'; readonly on: string };

export interface Spent {
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Private memory of the process afterwards, MiB; null where the system does not say. */
  readonly privateMB: number | null;
  /** The token chosen after each row or coefficient: both sides must do the same work. */
  readonly chosen: readonly number[];
}
