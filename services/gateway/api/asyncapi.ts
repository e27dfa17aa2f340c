import { cloudEvent, EVENT_TYPES } from '../../../protocols/events/index.ts';
import { schemaOf } from './schema-of.ts';

/** The AsyncAPI 3.0 document of a node's events: over server-sent events, NATS and webhooks. spec 09-events */
export function asyncApiOf({
  version,
  federation,
}: {
  readonly version: string;
  readonly federation: string;
}) {
  const message = { $ref: '#/components/messages/event' };
  const channel = (address: string | null, description: string) => ({
    address,
    description,
    messages: { event: message },
  });
  const sends = (name: string, summary: string) => ({
    action: 'send',
    channel: { $ref: `#/channels/${name}` },
    summary,
    messages: [{ $ref: `#/channels/${name}/messages/event` }],
  });
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Events of an oversight node',
      version,
      description: 'CloudEvents 1.0 in structured JSON; `source` and `id` name an event.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: {
      stream: channel('/events', 'Server-sent events; `after` or `Last-Event-ID` resumes after a cursor.'),
      subject: {
        ...channel(
          `oversight-events.${federation}.{node}.{type}`,
          'NATS subjects, where the node is told to publish there. What was missed is at `/events`.',
        ),
        parameters: {
          node: { description: 'The key of the node that tells, without `did:key:`.' },
          type: { description: 'The type, its dots as `-`.' },
        },
      },
      webhook: channel(null, 'The address of a subscription, by POST, signed (Standard Webhooks).'),
    },
    operations: {
      streamEvents: sends('stream', 'In order, from a cursor on, as they come.'),
      publishEvents: sends('subject', 'At most once.'),
      deliverEvents: sends('webhook', 'At least once, in order.'),
    },
    components: {
      messages: {
        event: {
          name: 'event',
          title: 'Event',
          contentType: 'application/cloudevents+json',
          summary: `Types: ${EVENT_TYPES.join(', ')}.`,
          payload: schemaOf(cloudEvent, 'output'),
        },
      },
    },
  };
}
