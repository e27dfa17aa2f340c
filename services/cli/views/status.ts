import type { MessageAnswer, StatusAnswer } from '../answers.ts';
import { clean, fields, wrap } from '../terminal.ts';

export function statusView(status: StatusAnswer): string {
  const refusals = Object.entries(status.refusals).map(([reason, count]) => `${clean(reason)} ${count}`);
  const transports = status.transports.map(
    ({ name, state, peers }) => `${clean(name)} ${clean(state)}, ${peers} ${peers === 1 ? 'peer' : 'peers'}`,
  );
  return [
    fields([
      [
        'node',
        `${clean(status.name)} (${status.roles.map(clean).join(', ')}), version ${clean(status.version)}`,
      ],
      ['member', status.member],
      ['federation', clean(status.federationName)],
      ['', status.federation],
      ['messages', `${status.messages}${status.pending > 0 ? `, ${status.pending} wait for others` : ''}`],
      ['own feed', `${status.ownFeed.length}, ${clean(status.ownFeed.state)}`],
      ['witnesses', witnessesOf(status)],
      ['record', status.recordDigest],
      ['transports', transports.length === 0 ? 'none' : transports.join('; ')],
      ['refused', refusals.length === 0 ? 'nothing' : refusals.join(', ')],
    ]),
    ...status.jobs.map(
      (job) =>
        `re-run      ${clean(job.state)} ${Math.round(job.progress * 100)} %  …${job.finding.slice(-10)}`,
    ),
  ].join('\n');
}

/** How much of the node's own feed each witness has cosigned. */
function witnessesOf({ witnessing: { isWitness, shown, cosigned } }: StatusAnswer): string {
  const own = isWitness ? ['this node is one'] : [];
  const others = cosigned.map(
    ({ witness, size }) => `${clean(witness)} ${Math.min(size, shown)} of ${shown}`,
  );
  return [...own, ...others].join('; ') || 'none';
}

export function messageView(message: MessageAnswer): string {
  return [
    fields([
      ['message', message.id],
      ['kind', clean(message.kind)],
      ['author', message.author],
      ['sequence', `${message.sequence}`],
      ['issued', new Date(message.issuedAt).toISOString()],
    ]),
    '',
    // JSON escapes control characters; the other unprintable ones go line by line
    ...JSON.stringify(message.body, null, 2)
      .split('\n')
      .map((line) => {
        const indent = /^ */.exec(line)?.[0] ?? '';
        return wrap(clean(line), indent);
      }),
  ].join('\n');
}
