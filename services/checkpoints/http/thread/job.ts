import type { SourceFaultCode } from '../../fetch/block-source.ts';

/** A request for the thread; `cancel` names an earlier one. */
export type Job =
  | {
      readonly id: number;
      readonly name: string;
      readonly base: string;
      readonly connections: number;
      readonly redirects: number;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly expect: 200 | 206;
      readonly limitBytes: number;
      readonly into: SharedArrayBuffer | null;
    }
  | { readonly cancel: number };

/** `lengthBytes`: so many bytes are in the shared memory of the job. */
export type Reply = { readonly id: number } & (
  | { readonly outcome: 'read'; readonly lengthBytes: number }
  | { readonly outcome: 'body'; readonly body: Uint8Array }
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'fault'; readonly code: SourceFaultCode; readonly detail: string }
);
