import type { MemberKey } from '../base/ids.ts';
import { open } from '../message/index.ts';
import type { AuditCase } from './case.ts';

/** Takes up the messages that prove a fork beside what the bundles hold. spec 16-audit §2.7 */
export async function readEvidence(audit: AuditCase, feed: MemberKey): Promise<void> {
  const { source, findings, fold, opening } = audit;
  const evidence = await source.evidence(feed);
  const name = audit.nameOf(feed);
  if (!evidence.ok) {
    if (evidence.reason !== 'absent')
      audit.fault('forks', evidence.reason, `The proofs of forks of ${name}`, { feed });
    return;
  }
  for (const wire of evidence.value) {
    const message = open(wire, opening);
    if (message.ok && message.value.author === feed) {
      fold.add(message.value);
      continue;
    }
    const why = message.ok ? 'it is of another feed' : message.reason;
    findings.add(
      'forks',
      'evidence-invalid',
      `A message shown as proof of a fork of ${name} is none: ${why}.`,
      {
        feed,
      },
    );
  }
}

/** What the messages prove of forks, for the reader: the fault is the member's, not the source's. */
export function tellForks(audit: AuditCase): void {
  const { findings, fold } = audit;
  for (const { key, name, at } of fold.record().forks) {
    findings.holds('forks');
    findings.notes.push(
      `${name} has signed two histories of its feed: nothing it said from message ${at} on counts (${key}).`,
    );
  }
}
