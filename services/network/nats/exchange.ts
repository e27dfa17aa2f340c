import { createInbox, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { OversightError } from '../../../protocols/base/errors.ts';
import {
  SYNC_FRAME_LIMIT_BYTES,
  SYNC_FRAMES_LIMIT,
  SYNC_REQUEST_LIMIT_BYTES,
} from '../../../protocols/base/limits.ts';
import { parseDidKey } from '../../../protocols/identity/did-key.ts';
import { Deadline, stopError, throwIfStopped, untilStoppedEach } from '../deadline.ts';
import type { Handlers, PeerRef } from '../transport.ts';
import { INBOX_PREFIX } from './subjects.ts';

/** Frames sent before one is confirmed; core NATS has no flow control of its own. spec 11-network §5.4. */
const WINDOW = 16;
const SILENCE_MS = 15_000;
/** Exchanges served at once; more are told to come back. */
const SERVED_LIMIT = 16;
const NO_RESPONDERS = 503;

const HEADER = {
  member: 'Oversight-Member',
  frame: 'Oversight-Frame',
  end: 'Oversight-End',
  refused: 'Oversight-Refused',
} as const;
const EMPTY = new Uint8Array(0);

/** Serves exchanges until the signal fires. @param accepts whether this claimed member may ask */
export function serveExchanges(
  connection: NatsConnection,
  subject: string,
  serve: Handlers['serve'],
  options: { readonly signal: AbortSignal; readonly accepts: (member: string) => boolean },
): void {
  let served = 0;
  const subscription = connection.subscribe(subject, {
    callback: (error, message) => {
      // a reply subject is the requester's text, and ours may publish where it may not
      if (error !== null || message.reply === undefined || !message.reply.startsWith(INBOX_PREFIX)) return;
      const member = message.headers?.get(HEADER.member) ?? '';
      const refused =
        served >= SERVED_LIMIT ||
        message.data.length > SYNC_REQUEST_LIMIT_BYTES ||
        parseDidKey('ed25519', member) === null ||
        !options.accepts(member);
      if (refused) {
        connection.publish(message.reply, EMPTY, { headers: header(HEADER.refused, '1') });
        return;
      }
      served += 1;
      answer(connection, message.reply, serve, message.data, { transport: 'nats', id: member }, options)
        .catch(() => {}) // the requester sees silence or a refusal
        .finally(() => {
          served -= 1;
        });
    },
  });
  options.signal.addEventListener('abort', () => subscription.unsubscribe(), { once: true });
}

async function answer(
  connection: NatsConnection,
  reply: string,
  serve: Handlers['serve'],
  request: Uint8Array,
  from: PeerRef,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  using deadline = new Deadline(SILENCE_MS, options.signal);
  const { signal } = deadline;
  let count = 0;
  try {
    for await (const frame of untilStoppedEach(serve(request, from, { signal }), signal)) {
      throwIfStopped(signal);
      count += 1;
      const tagged = { headers: header(HEADER.frame, String(count)) };
      if (count % WINDOW === 0) await connection.request(reply, frame, { ...tagged, timeout: SILENCE_MS });
      else connection.publish(reply, frame, tagged);
      deadline.extend();
    }
    connection.publish(reply, EMPTY, { headers: header(HEADER.end, String(count)) });
  } catch (error) {
    if (!connection.isClosed())
      connection.publish(reply, EMPTY, { headers: header(HEADER.refused, String(count)) });
    throw error;
  }
}

/** One exchange with a member. @param self our own did:key, which the peer is told but cannot check */
export async function* requestExchange(
  connection: NatsConnection,
  subject: string,
  self: string,
  inboxPrefix: string,
  request: Uint8Array,
  options: { readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  using deadline = new Deadline(SILENCE_MS, options.signal);
  const { signal } = deadline;
  throwIfStopped(signal);
  const inbox = createInbox(inboxPrefix);
  const queue: Msg[] = [];
  let wake = () => {};
  let flooded = false;
  const subscription = connection.subscribe(inbox, {
    callback: (error, message) => {
      if (error !== null || queue.length > 2 * WINDOW) flooded = true;
      else queue.push(message);
      wake();
    },
  });
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    connection.publish(subject, request, { reply: inbox, headers: header(HEADER.member, self) });
    for (let count = 0; ; ) {
      throwIfStopped(signal);
      if (flooded) throw new OversightError('peer-failed', 'the peer sent more frames than it may');
      const message = queue.shift();
      if (message === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const step = readStep(message, count);
      if (step === 'end') return;
      count += 1;
      yield message.data;
      if (message.reply?.startsWith(INBOX_PREFIX)) message.respond();
      deadline.extend();
    }
  } catch (error) {
    throw signal.aborted ? stopError(signal) : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    subscription.unsubscribe();
  }
}

/** @throws OversightError node-unreachable, peer-failed */
function readStep(message: Msg, count: number): 'frame' | 'end' {
  const found = message.headers;
  if (found?.code === NO_RESPONDERS)
    throw new OversightError('node-unreachable', 'the member is not on this server');
  if (found?.get(HEADER.end) === String(count) && message.data.length === 0) return 'end';
  if (found?.has(HEADER.refused)) throw new OversightError('peer-failed', 'the peer refused to answer');
  if (found?.get(HEADER.frame) !== String(count + 1))
    throw new OversightError('peer-failed', 'a frame of the answer is missing');
  if (message.data.length > SYNC_FRAME_LIMIT_BYTES || count >= SYNC_FRAMES_LIMIT)
    throw new OversightError('peer-failed', 'the answer is over the limits');
  return 'frame';
}

function header(name: string, value: string) {
  const out = headers();
  out.set(name, value);
  return out;
}
