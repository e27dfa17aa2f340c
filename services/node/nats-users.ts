import type { FederationId } from '../../protocols/base/ids.ts';
import type { Charter } from '../../protocols/charter/index.ts';
import { natsPermissions } from '../network/index.ts';
import { natsUserOf } from './nkey.ts';

/**
 * The members of one version of the charter as `users` of a NATS server's configuration, each with what its node
 * publishes and subscribes.
 */
export function natsUsers(federation: FederationId, { document }: Pick<Charter, 'document'>): string {
  return [
    `# federation ${federation}, version ${document.version} of its charter`,
    'users: [',
    ...document.members.flatMap(({ name, keys }) => {
      const { publish, subscribe } = natsPermissions(federation, keys.signing);
      const permissions = `{ publish: ${list(publish)}, subscribe: ${list(subscribe)} }`;
      return [`  # ${name}`, `  { nkey: ${natsUserOf(keys.nats)}, permissions: ${permissions} }`];
    }),
    ']',
  ].join('\n');
}

function list(subjects: readonly string[]): string {
  return `[${subjects.map((subject) => `"${subject}"`).join(', ')}]`;
}
