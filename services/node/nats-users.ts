import type { Charter } from '../../protocols/charter/index.ts';
import { subjectsOf } from '../network/index.ts';
import { natsUserOf } from './nkey.ts';

/** The members as `users` of a NATS server's configuration, each with what its node publishes and subscribes. */
export function natsUsers({ id, document }: Charter): string {
  const { all, presence, syncAll } = subjectsOf(id);
  // requests and their answers, and JetStream's own subjects; network/README.md
  const subjects = [all, syncAll, presence, '_INBOX.>', '$JS.API.>', '$JS.ACK.>'];
  const list = `[${subjects.map((subject) => `"${subject}"`).join(', ')}]`;
  return [
    `# federation ${id}`,
    'users: [',
    ...document.members.flatMap(({ name, keys }) => [
      `  # ${name}`,
      `  { nkey: ${natsUserOf(keys.nats)}, permissions: { publish: ${list}, subscribe: ${list} } }`,
    ]),
    ']',
  ].join('\n');
}
