import { utf8 } from '../../protocols/base/bytes.ts';
import { CLOUD_EVENT_TYPE_PREFIX } from '../../protocols/events/index.ts';
import { type GatewayNode, Teller, type Told } from '../gateway/index.ts';

/** Tells each event that comes to whoever listens, at most once: what was missed is in the log. spec 09-events §8 */
export async function publishEvents(
  node: Told & Pick<GatewayNode, 'events'>,
  tell: (type: string, document: Uint8Array) => void,
  signal: AbortSignal,
): Promise<void> {
  const teller = new Teller(node);
  const { lastEvent } = node.status();
  for await (const event of teller.tellAll(node.events(lastEvent, { signal }), {}))
    tell(event.type.slice(CLOUD_EVENT_TYPE_PREFIX.length), utf8(JSON.stringify(event)));
}
