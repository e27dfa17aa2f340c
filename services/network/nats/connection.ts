import {
  type Authenticator,
  AuthorizationError,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  type NatsConnection,
  nkeyAuthenticator,
  type TlsOptions,
} from '@nats-io/transport-node';
import { messageOf, OversightError } from '../../../protocols/base/errors.ts';

const CONNECT_TIMEOUT_MS = 5_000;
/** Wait between two tries of a lost server, with as much jitter. */
const RECONNECT_MS = 500;
/** Pull consumers with durable names and file storage as used here; the oldest server that is tested. */
const OLDEST_VERSION = [2, 9] as const;

export type NatsAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }
  /** Contents of a `.creds` file. */
  | { readonly kind: 'creds'; readonly creds: Uint8Array }
  /** A user seed in its text form, `SU…`, as UTF-8. */
  | { readonly kind: 'nkey'; readonly seed: Uint8Array };

export interface NatsServerOptions {
  readonly servers: readonly string[];
  readonly auth: NatsAuth;
  readonly tls?: TlsOptions;
  /** Shown in the server's connection list. */
  readonly clientName: string;
  /** Of the subjects that answers to our requests come on. */
  readonly inboxPrefix: string;
}

/** One try. @throws OversightError nats-unreachable, permission-denied, nats-too-old */
export async function connectNats(options: NatsServerOptions): Promise<NatsConnection> {
  let connection: NatsConnection;
  try {
    connection = await connect(connectionOptions(options));
  } catch (cause) {
    if (cause instanceof AuthorizationError)
      throw new OversightError('permission-denied', 'the NATS server refused our credentials', { cause });
    throw new OversightError(
      'nats-unreachable',
      `no NATS server answers at ${options.servers.join(', ')}: ${messageOf(cause)}`,
      { cause },
    );
  }
  const version = connection.info?.version ?? '0.0.0';
  if (isOlder(version)) {
    await connection.close();
    throw new OversightError(
      'nats-too-old',
      `the NATS server is ${version}; it must be ${OLDEST_VERSION.join('.')} or later`,
    );
  }
  return connection;
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST_VERSION[0] || (major === OLDEST_VERSION[0] && minor < OLDEST_VERSION[1]);
}

function connectionOptions(options: NatsServerOptions): ConnectionOptions {
  const { auth } = options;
  const authenticator = authenticatorOf(auth);
  return {
    servers: [...options.servers],
    name: options.clientName,
    inboxPrefix: options.inboxPrefix,
    timeout: CONNECT_TIMEOUT_MS,
    reconnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: RECONNECT_MS,
    // credentials may be renewed on the server while we run
    ignoreAuthErrorAbort: true,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(auth.kind === 'password' ? { user: auth.user, pass: auth.password } : {}),
    ...(auth.kind === 'token' ? { token: auth.token } : {}),
    ...(authenticator === null ? {} : { authenticator }),
  };
}

function authenticatorOf(auth: NatsAuth): Authenticator | null {
  switch (auth.kind) {
    case 'creds':
      return credsAuthenticator(auth.creds);
    case 'nkey':
      return nkeyAuthenticator(auth.seed);
    case 'none':
    case 'password':
    case 'token':
      return null;
  }
}
