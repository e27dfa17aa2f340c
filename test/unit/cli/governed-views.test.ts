import { describe, expect, test } from 'vitest';
import { recordAnswer } from '../../../services/cli/answers.ts';
import { charterStateView } from '../../../services/cli/views/charter-state.ts';
import { findingView } from '../../../services/cli/views/finding.ts';
import { membersView } from '../../../services/cli/views/members.ts';
import { namesOf, recordView } from '../../../services/cli/views/record.ts';
import { governedCharter, playGoverned } from '../../support/governed-histories.ts';
import { InMemoryNode } from '../../support/in-memory-node.ts';
import { randomFrom } from '../../support/seed.ts';

/** A federation that has changed its charter, with open proposals, former keys, forks and witnessed feeds. */
function changed() {
  const charter = governedCharter();
  const node = new InMemoryNode('example-regulator', charter);
  node.take(playGoverned(charter, 250, randomFrom(41)));
  const { record, digest } = node.record();
  return { record: recordAnswer.parse(JSON.parse(JSON.stringify(record))), digest };
}

describe('what a node knows of a federation that has changed', () => {
  const { record, digest } = changed();

  test.each([
    ['charter', charterStateView(record), record.charter.history.map(({ id }) => id)],
    ['proposals', charterStateView(record), record.proposals.map(({ id }) => id)],
    ['former keys', membersView(record), formerKeys().map(({ key }) => `…${key.slice(-8)}`)],
    ['forks', membersView(record), record.forks.map(({ name, at }) => `${name} at message ${at}`)],
    ['forks in the record', recordView(record, digest), [`${record.forks.length}: `]],
    ['witnessed feeds', membersView(record), ['by 2026-09-21']],
    ['established findings', firstKnown(), ['known by 2026-09-21']],
  ])('%s: told within 80 columns', (_, text, facts) => {
    expect(facts.length).toBeGreaterThan(0);
    for (const fact of facts) expect(text).toContain(fact);
    for (const line of text.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(80);
  });

  function formerKeys() {
    return [...record.members, ...record.formerMembers].flatMap(({ former }) => former);
  }

  function firstKnown(): string {
    const known = record.findings.find(({ established }) => established !== null);
    return known === undefined ? '' : findingView(known, namesOf(record));
  }
});
