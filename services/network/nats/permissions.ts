import { INBOX_PREFIX, subjectsOf } from './subjects.ts';

export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/**
 * All that a member's node publishes and subscribes on a server. Of JetStream's API: making the stream where it is not,
 * and its own consumer. Deleting, purging and changing the stream, and others' consumers, are nobody's.
 *
 * The server checks what a client publishes, not where it asks the answer to go (measured: 2.9.10). So an answer can
 * still reach `STREAM.PURGE`, which the stream's own settings refuse, and an empty one `STREAM.DELETE`, which nothing
 * does: the nodes then make the stream again, and sync brings what it held.
 */
export function natsPermissions(federation: string, member: string): NatsPermissions {
  const subjects = subjectsOf(federation);
  const { stream, all, presence, syncAll } = subjects;
  const consumer = `${stream}.${subjects.durable(member)}`;
  return {
    publish: [
      all,
      syncAll,
      presence,
      subjects.event(member, '>'),
      `${INBOX_PREFIX}>`,
      '$JS.API.INFO',
      `$JS.API.STREAM.CREATE.${stream}`,
      `$JS.API.STREAM.INFO.${stream}`,
      `$JS.API.CONSUMER.CREATE.${consumer}`,
      `$JS.API.CONSUMER.INFO.${consumer}`,
      `$JS.API.CONSUMER.MSG.NEXT.${consumer}`,
      `$JS.ACK.${consumer}.>`,
    ],
    subscribe: [subjects.sync(member), presence, `${subjects.inbox(member)}.>`],
  };
}
