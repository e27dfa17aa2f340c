import { createHash } from 'node:crypto';

/** spec 11-network §5.1: what may stand between the dots of a subject. */
const TOKEN = /^[A-Za-z0-9_-]{1,80}$/;

/** spec 11-network §5.3: what every reply subject begins with. */
export const INBOX_PREFIX = '_INBOX.';

/** One subject token for any text: the text where it is safe, else its hash. Never a wildcard, a dot or a blank. */
export function token(text: string): string {
  return TOKEN.test(text) ? text : `x${createHash('sha256').update(text).digest('hex')}`;
}

/** `did:key:z6Mk…` -> `z6Mk…` */
export function memberToken(member: string): string {
  return token(member.startsWith('did:key:') ? member.slice('did:key:'.length) : member);
}

export interface Subjects {
  readonly stream: string;
  /** What the stream takes in. */
  readonly all: string;
  readonly presence: string;
  /** Sync requests to any member. */
  readonly syncAll: string;
  /** @param kind such as `finding/1`, which becomes `finding-1` */
  message(kind: string, author: string): string;
  sync(member: string): string;
  durable(member: string): string;
  /** What a node tells its subscribers. spec 09-events §8 @param type such as `finding.published`, or `>` for all */
  event(member: string, type: string): string;
  /** What the answers to a member's own requests begin with. */
  inbox(member: string): string;
}

export function subjectsOf(federation: string): Subjects {
  const name = token(federation);
  return {
    stream: `oversight-${name}`,
    all: `oversight.${name}.>`,
    presence: `oversight-presence.${name}`,
    syncAll: `oversight-sync.${name}.>`,
    message: (kind, author) => `oversight.${name}.${token(kind.replaceAll('/', '-'))}.${memberToken(author)}`,
    sync: (member) => `oversight-sync.${name}.${memberToken(member)}`,
    event: (member, type) =>
      `oversight-events.${name}.${memberToken(member)}.${type === '>' ? type : token(type.replaceAll('.', '-'))}`,
    durable: (member) => `node-${memberToken(member)}`,
    inbox: (member) => `${INBOX_PREFIX}${memberToken(member)}`,
  };
}
