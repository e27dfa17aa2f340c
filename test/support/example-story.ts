import type { MessageId } from '../../protocols/base/ids.ts';
import { decide } from '../../protocols/verdict/index.ts';
import { charterOf, type MemberName } from './federation.ts';
import { InMemoryNode } from './in-memory-node.ts';
import {
  analogBody,
  BENIGN,
  cardBody,
  charterBody,
  claimOf,
  count,
  findingBody,
  frontierBody,
  POLICY,
  RERUNS,
  rerunOf,
  TRIGGER,
  verdictBody,
} from './samples.ts';

const FIVE: readonly MemberName[] = [
  'example-lab',
  'example-academy',
  'example-regulator',
  'verifier-north',
  'verifier-south',
];

const CLAIM = claimOf({
  counts: [
    count('baseline', TRIGGER, 400, 400),
    count('treated', TRIGGER, 4, 400),
    count('baseline', BENIGN, 392, 400),
    count('treated', BENIGN, 390, 400),
  ],
});

/** The four findings of the demonstration, by the re-run that each gets. */
export const FINDING_TITLES = {
  faithful: 'Back-door direction found on the analog, transferred to the frontier model',
  random: 'A random vector of the same norm',
  'bad-analog': 'The same recipe from the unfaithful analog',
  overdose: 'The native vector at a strength that also wrecks the benign answers',
} as const;
export type FindingName = keyof typeof FINDING_TITLES;

/** The demonstration's federation as its regulator sees it; the last verdict is left for the caller to let in. */
export function exampleStory() {
  const charter = charterOf();
  const node = new InMemoryNode('example-regulator', charter);
  for (const name of FIVE) {
    node.hear(name, 'charter/1', charterBody(charter.id));
    node.hear(name, 'member-card/1', cardBody(name));
  }
  const frontier = node.hear('example-lab', 'frontier-release/1', frontierBody('tiny-frontier', 6_689_024));
  node.hear('example-lab', 'analog-release/1', analogBody(frontier.id, 314_048));
  const names = Object.keys(FINDING_TITLES) as FindingName[];
  const findings = Object.fromEntries(
    names.map((name) => {
      const message = node.hear(
        'example-academy',
        'finding/1',
        findingBody(FINDING_TITLES[name], CLAIM),
        1_790_000_000_000 + names.indexOf(name),
      );
      return [name, message.id];
    }),
  ) as Record<FindingName, MessageId>;
  const rerun = (verifier: MemberName, name: FindingName) => {
    const counts = rerunOf(RERUNS[name]);
    return node.hear(
      verifier,
      'verdict/1',
      verdictBody(findings[name], decide(CLAIM, counts, POLICY).outcome, counts),
    );
  };
  for (const name of names) rerun('verifier-north', name);
  for (const name of names.slice(0, -1)) rerun('verifier-south', name);
  return { node, charter, frontier, findings, lastVerdict: () => rerun('verifier-south', 'overdose') };
}
