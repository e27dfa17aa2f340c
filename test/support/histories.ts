import fc from 'fast-check';
import type { MessageId } from '../../protocols/base/ids.ts';
import type { Charter } from '../../protocols/charter/index.ts';
import type { Outcome } from '../../protocols/kinds/index.ts';
import type { Message } from '../../protocols/message/index.ts';
import { Author, MEMBER_NAMES, type MemberName } from './federation.ts';
import {
  analogBody,
  type Cells,
  cardBody,
  charterBody,
  claimOf,
  count,
  findingBody,
  frontierBody,
  rerunOf,
  TRIGGER,
  verdictBody,
} from './samples.ts';

/** As often as they stand here: a fork or a gap ends a feed, so they are rare. */
const ACTIONS = [
  ...(['join', 'card', 'frontier', 'frontier', 'analog', 'finding', 'finding'] as const),
  ...(['verdict', 'verdict', 'verdict', 'verdict', 'verdict', 'verdict', 'verdict', 'verdict'] as const),
  ...(['unknown-kind', 'fork', 'gap', 'other-branch'] as const),
] as const;

/** One step of a made-up history. Who may do what is not asked: messages without authority are part of it. */
export interface Step {
  readonly who: MemberName;
  readonly what: (typeof ACTIONS)[number];
  readonly pick: number;
  readonly at: number;
}

/** Who is likely to say what: enough sense in the noise that findings settle. */
const LIKELY: Partial<Record<Step['what'], readonly MemberName[]>> = {
  frontier: ['example-lab'],
  analog: ['example-lab'],
  finding: ['example-academy', 'example-lab'],
  verdict: ['verifier-north', 'verifier-south', 'verifier-north-2', 'verifier-campus'],
};

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc
    .record({
      what: fc.constantFrom(...ACTIONS),
      anyone: fc.nat(9),
      someone: fc.nat(1_000),
      pick: fc.nat(1_000),
      at: fc.nat(6),
    })
    .map(({ what, anyone, someone, pick, at }) => {
      const names = anyone === 0 ? MEMBER_NAMES : (LIKELY[what] ?? MEMBER_NAMES);
      return { what, who: names[someone % names.length] as MemberName, pick, at };
    }),
  { minLength: 10, maxLength: 40, size: 'max' },
);

/** Small re-runs: one for each way the rule can go. */
const RERUNS: readonly { readonly effect: Cells; readonly control: Cells; readonly gate: Cells }[] = [
  { effect: [0, 90, 0, 0], control: [0, 88, 0, 2], gate: [90, 0, 0, 0] },
  { effect: [88, 2, 0, 0], control: [88, 1, 0, 1], gate: [90, 0, 0, 0] },
  { effect: [0, 90, 0, 0], control: [0, 88, 0, 2], gate: [5, 80, 0, 5] },
  { effect: [0, 20, 0, 0], control: [0, 20, 0, 0], gate: [20, 0, 0, 0] },
  { effect: [0, 90, 0, 0], control: [0, 1, 0, 89], gate: [90, 0, 0, 0] },
];
/** What the rule gives for each, and what a verifier might say instead. */
const DERIVED = ['confirmed', 'refuted', 'refuted', 'inconclusive', 'refuted'] as const;
const SAID = ['refuted', 'confirmed', 'not-rerunnable', 'hardware-dependent'] as const;
const CLAIM = claimOf({ counts: [count('baseline', TRIGGER, 90, 90), count('treated', TRIGGER, 0, 90)] });

/** The messages of a history, in the order they were written; gaps are messages that nobody will ever send. */
export function play(history: readonly Step[], charter: Charter): Message[] {
  const authors = new Map(MEMBER_NAMES.map((name) => [name, new Author(name, charter.id)]));
  const out: Message[] = [];
  const frontiers: MessageId[] = [];
  const findings: MessageId[] = [];
  for (const { who, what, pick, at } of history) {
    const author = authors.get(who) as Author;
    const issuedAt = 1_790_000_000_000 + at;
    const any = (ids: readonly MessageId[]) => ids[pick % Math.max(ids.length, 1)];
    switch (what) {
      case 'join':
        out.push(author.say('charter/1', charterBody(charter.id), issuedAt));
        break;
      case 'card':
        out.push(author.say('member-card/1', cardBody(`card ${pick}`), issuedAt));
        break;
      case 'frontier': {
        const message = author.say(
          'frontier-release/1',
          frontierBody(`model ${pick}`, pick || null),
          issuedAt,
        );
        frontiers.push(message.id);
        out.push(message);
        break;
      }
      case 'analog': {
        const frontier = any(frontiers);
        if (frontier !== undefined)
          out.push(author.say('analog-release/1', analogBody(frontier, 1 + pick), issuedAt));
        break;
      }
      case 'finding': {
        const message = author.say('finding/1', findingBody(`finding ${pick}`, CLAIM), issuedAt);
        findings.push(message.id);
        out.push(message);
        break;
      }
      case 'verdict': {
        const finding = any(findings);
        if (finding === undefined) break;
        const { effect, control, gate } = RERUNS[pick % RERUNS.length] as (typeof RERUNS)[number];
        const derived = DERIVED[pick % RERUNS.length] as Outcome;
        const outcome = SAID[pick >> 5] ?? derived;
        const rerun = rerunOf({ effect, controls: [control, control], gate });
        out.push(author.say('verdict/1', verdictBody(finding, outcome, rerun), issuedAt));
        break;
      }
      case 'unknown-kind':
        out.push(author.say('something-new/2', { pick }, issuedAt));
        break;
      case 'fork':
        out.push(author.branch('something-new/2', { fork: pick }, issuedAt));
        out.push(author.branch('something-new/2', { fork: pick + 1 }, issuedAt));
        out.push(author.say('something-new/2', { pick }, issuedAt));
        break;
      case 'gap':
        author.say('something-new/2', { lost: pick }, issuedAt);
        break;
      case 'other-branch': {
        const other = new Author(who, charter.id);
        for (let i = 0; i < 1 + (pick % 4); i++) other.say('something-new/2', { other: i }, issuedAt);
        out.push(other.say('something-new/2', { stray: pick }, issuedAt));
        break;
      }
    }
  }
  return out;
}
