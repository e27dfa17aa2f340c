/** Codes of failures that are ours or our environment's. spec/02-errors.md lists each with its cause and its cure. */
export const ERROR_CODES = [
  'argument-invalid',
  'blob-corrupt',
  'blob-not-found',
  'bundle-invalid',
  'cancelled',
  'charter-invalid',
  'charter-not-found',
  'checkpoint-invalid',
  'config-invalid',
  'disk-full',
  'engine-crashed',
  'engine-memory-exceeded',
  'engine-missing',
  'engine-time-exceeded',
  'feed-unconfirmed',
  'finding-invalid',
  'home-exists',
  'home-in-use',
  'home-not-found',
  'hook-misfired',
  'internal-failure',
  'intervention-invalid',
  'kubo-mismatch',
  'kubo-unreachable',
  'ledger-damaged',
  'ledger-failed',
  'message-refused',
  'model-unsupported',
  'nats-unreachable',
  'nats-too-old',
  'node-unreachable',
  'not-a-member',
  'not-found',
  'peer-failed',
  'permission-denied',
  'port-in-use',
  'request-refused',
  'request-too-large',
  'requests-exceeded',
  'seed-invalid',
  'subscribers-exhausted',
  'suite-invalid',
  'token-invalid',
  'tokenizer-missing',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** A failure of ours or of our environment. `message` says what happened and, where there is one, what to do. */
export class OversightError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly details?: Readonly<Record<string, string | number>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'OversightError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** True for the errno codes that Node puts on I/O errors, for example `ENOSPC`. */
export function hasErrno(error: unknown, errno: string): boolean {
  return error instanceof Error && 'code' in error && error.code === errno;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
