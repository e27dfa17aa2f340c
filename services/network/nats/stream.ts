import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import type { Subjects } from './subjects.ts';

/** The stream is a relay and a cache; every node's ledger is the store. */
const STREAM_LIMIT_BYTES = 256 * 1024 * 1024;
/** Nodes that relay one message after another send it with one id; the server drops the copies for this long. */
const DUPLICATE_WINDOW_MS = 3_600_000;
/** Deliveries without an answer at one node; the server holds the rest back. */
const ACK_PENDING_LIMIT = 256;
const STREAM_NAME_IN_USE = 10058;
const CONSUMER_NOT_FOUND = 10014;

const isApiError = (error: unknown, code: number) =>
  error instanceof JetStreamApiError && error.code === code;

/** Makes the federation's stream unless it is there; an operator's own settings are left alone. */
export async function ensureStream(
  connection: NatsConnection,
  subjects: Subjects,
): Promise<JetStreamManager> {
  const manager = await jetstreamManager(connection);
  try {
    await manager.streams.add({
      name: subjects.stream,
      subjects: [subjects.all],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      max_bytes: STREAM_LIMIT_BYTES,
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
      // a member's permissions do not reach here by a reply subject; permissions.ts
      deny_purge: true,
      deny_delete: true,
    });
  } catch (error) {
    if (!isApiError(error, STREAM_NAME_IN_USE)) throw error;
  }
  return manager;
}

/** The node's durable pull consumer: the server remembers what it acknowledged while it is away. */
export async function ensureConsumer(
  manager: JetStreamManager,
  connection: NatsConnection,
  names: { readonly stream: string; readonly durable: string; readonly ackWaitMs: number },
): Promise<Consumer> {
  const settings = { ack_wait: nanos(names.ackWaitMs), max_ack_pending: ACK_PENDING_LIMIT, max_deliver: -1 };
  try {
    const info = await manager.consumers.info(names.stream, names.durable);
    if (info.config.ack_wait !== settings.ack_wait)
      await manager.consumers.update(names.stream, names.durable, settings);
  } catch (error) {
    if (!isApiError(error, CONSUMER_NOT_FOUND)) throw error;
    await manager.consumers.add(names.stream, {
      durable_name: names.durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ...settings,
    });
  }
  return jetstream(connection).consumers.get(names.stream, names.durable);
}
