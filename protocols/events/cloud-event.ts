import { z } from 'zod';
import type { MemberKey } from '../base/ids.ts';
import type { NodeEvent } from './event.ts';
import { type EventNames, summarize } from './summary.ts';

export const CLOUD_EVENT_TYPE_PREFIX = 'org.analog-oversight.';

/** CloudEvents 1.0 structured JSON, as subscribers get it. spec 09-events §4 */
export const cloudEvent = z.looseObject({
  specversion: z.literal('1.0'),
  /** The cursor, as text; with `source` it names the event. */
  id: z.string().regex(/^(0|[1-9][0-9]{0,15})$/),
  /** did:key of the node that tells: cursors are each node's own. */
  source: z.string().min(1),
  type: z.string().min(1),
  /** Id of the message behind the event. */
  subject: z.string().min(1),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  data: z.looseObject({ author: z.string(), authorName: z.string(), summary: z.string() }),
});
export type CloudEvent = z.infer<typeof cloudEvent>;

export function toCloudEvent(event: NodeEvent, source: MemberKey, names: EventNames): CloudEvent {
  return {
    specversion: '1.0',
    id: String(event.cursor),
    source,
    type: `${CLOUD_EVENT_TYPE_PREFIX}${event.type}`,
    subject: event.message,
    time: new Date(event.acceptedAt).toISOString(),
    datacontenttype: 'application/json',
    data: {
      ...event.data,
      author: event.author,
      authorName: names.author ?? event.author,
      summary: summarize(event, names),
    },
  };
}
