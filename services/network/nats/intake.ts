import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { Decision, Handlers, PeerRef } from '../transport.ts';

/** Messages being judged at once. */
const IN_FLIGHT_LIMIT = 64;
const PULL_EXPIRES_MS = 30_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 60_000;
/** How long a shutdown waits for messages being judged; the rest is handed back to the server. */
const DRAIN_MS = 2_000;

/** The stream names no sender, so all its messages come from one pseudo peer. */
export const STREAM_PEER: PeerRef = { transport: 'nats', id: 'stream' };

/**
 * Takes messages from the durable consumer until the signal fires or the consumer is gone.
 * The acknowledgement follows the handler, so a message that is not durable here stays with the server.
 */
export async function takeIn(
  consumer: Consumer,
  receive: Handlers['receive'],
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const messages = await consumer.consume({
    max_messages: IN_FLIGHT_LIMIT,
    expires: PULL_EXPIRES_MS,
    abort_on_missing_resource: true,
  });
  const inFlight = new Map<JsMsg, Promise<void>>();
  const aborted = Promise.withResolvers<void>();
  const onAbort = () => {
    messages.stop();
    aborted.resolve();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) return;
    for await (const message of messages) {
      const task = judge(message, receive, () => inFlight.has(message)).finally(() =>
        inFlight.delete(message),
      );
      inFlight.set(message, task);
      if (inFlight.size >= IN_FLIGHT_LIMIT) await Promise.race([...inFlight.values(), aborted.promise]);
      if (signal.aborted) break;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    await close(messages, inFlight);
  }
}

async function judge(message: JsMsg, receive: Handlers['receive'], isOurs: () => boolean): Promise<void> {
  await Promise.resolve(); // so that the caller has noted the message
  let decision: Decision | 'failed';
  try {
    decision = await receive(message.data, STREAM_PEER);
  } catch {
    decision = 'failed'; // ours: a full disk, a closing ledger
  }
  if (!isOurs()) return; // handed back at shutdown
  switch (decision) {
    case 'accept':
    case 'ignore':
      message.ack();
      return;
    case 'reject':
      message.term();
      return;
    case 'failed':
      message.nak(Math.min(RETRY_FIRST_MS * 2 ** (message.info.deliveryCount - 1), RETRY_LAST_MS));
      return;
  }
}

async function close(messages: ConsumerMessages, inFlight: Map<JsMsg, Promise<void>>): Promise<void> {
  // not close(): it never resolves for messages that nobody iterates (3.4)
  messages.stop();
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DRAIN_MS);
  });
  await Promise.race([Promise.all(inFlight.values()), patience]);
  clearTimeout(timer);
  for (const message of inFlight.keys()) message.nak();
  inFlight.clear();
}
