import { toHex } from '../../../protocols/base/bytes.ts';
import type { Charter } from '../../../protocols/charter/index.ts';
import type { Message } from '../../../protocols/message/index.ts';
import { RecordFold, recordDigest } from '../../../protocols/record/index.ts';
import { controlSeeds } from '../../../protocols/verdict/index.ts';
import { messageStates } from '../../../services/cli/conformance/message-states.ts';
import { Author, charterDocumentOf, charterOf, MEMBER_NAMES, type MemberName } from '../federation.ts';
import { governedCharter, playGoverned } from '../governed-histories.ts';
import {
  analogBody,
  cardBody,
  charterBody,
  claimOf,
  findingBody,
  frontierBody,
  PINNED_UNTIL,
  POLICY,
  pinBody,
  pinCheckBody,
  RERUNS,
  rerunOf,
  verdictBody,
} from '../samples.ts';
import { pickBelow, randomFrom } from '../seed.ts';

const CHARTER = charterOf();
const FIRST_AT = 1_790_000_000_000;

function authors(): Record<MemberName, Author> {
  return Object.fromEntries(MEMBER_NAMES.map((name) => [name, new Author(name, CHARTER.id)])) as Record<
    MemberName,
    Author
  >;
}

/** The demonstration: releases, four findings, two verifiers. */
function demonstration(): Message[] {
  const by = authors();
  const joined = MEMBER_NAMES.map((name) => by[name].say('charter/1', charterBody(CHARTER.id), FIRST_AT));
  const frontier = by['example-lab'].say('frontier-release/1', frontierBody('tiny-frontier'), FIRST_AT + 1);
  const analog = by['example-lab'].say('analog-release/1', analogBody(frontier.id), FIRST_AT + 2);
  const findings = (['faithful', 'random', 'bad-analog', 'overdose'] as const).map((name, i) => ({
    name,
    message: by['example-academy'].say('finding/1', findingBody(name), FIRST_AT + 3 + i),
  }));
  const verdicts = findings.flatMap(({ name, message }, i) =>
    (['verifier-north', 'verifier-south'] as const).map((verifier) =>
      by[verifier].say(
        'verdict/1',
        verdictBody(message.id, name === 'faithful' ? 'confirmed' : 'refuted', rerunOf(RERUNS[name])),
        FIRST_AT + 10 + i,
      ),
    ),
  );
  return [...joined, frontier, analog, ...findings.map((each) => each.message), ...verdicts];
}

/** Every way in which a verdict has no vote, and the outcomes that no counts give. */
function discounts(): Message[] {
  const by = authors();
  const finding = by['example-academy'].say('finding/1', findingBody('faithful', claimOf()), FIRST_AT);
  const faithful = rerunOf(RERUNS.faithful);
  const other = by['example-academy'].say('finding/1', findingBody('needs a judge'), FIRST_AT);
  const at = FIRST_AT + 1;
  const say = (name: MemberName, ...rest: Parameters<typeof verdictBody>) =>
    by[name].say('verdict/1', verdictBody(...rest), at);
  return [
    finding,
    say('verifier-campus', finding.id, 'confirmed', faithful),
    say('verifier-north', finding.id, 'refuted', faithful),
    say('verifier-north', finding.id, 'confirmed', faithful),
    say('verifier-north-2', finding.id, 'confirmed', faithful, controlSeeds(finding.id, POLICY.controls - 1)),
    say('verifier-south', finding.id, 'refuted', faithful),
    other,
    say('verifier-north', other.id, 'hardware-dependent', { counts: [], tables: [] }),
    say('verifier-south', other.id, 'not-rerunnable', { counts: [], tables: [] }),
    by['example-observer'].say('finding/1', findingBody('without authority'), at),
  ];
}

/** A fork, a gap and a broken chain: three feeds that stop. */
function stops(): Message[] {
  const by = authors();
  const lab = by['example-lab'];
  const academy = by['example-academy'];
  const north = by['verifier-north'];
  const south = by['verifier-south'];
  const forked = [
    lab.say('charter/1', charterBody(CHARTER.id), FIRST_AT),
    lab.branch('frontier-release/1', frontierBody('one story'), FIRST_AT),
    lab.say('frontier-release/1', frontierBody('another story'), FIRST_AT),
    lab.say('member-card/1', cardBody('after the fork'), FIRST_AT),
  ];
  const gap = [academy.say('charter/1', charterBody(CHARTER.id), FIRST_AT)];
  academy.say('member-card/1', cardBody('never arrives'), FIRST_AT);
  gap.push(academy.say('finding/1', findingBody('behind the gap'), FIRST_AT));
  south.say('member-card/1', cardBody('first of another feed'), FIRST_AT);
  const other = new Author('verifier-north', CHARTER.id);
  other.say('member-card/1', cardBody('another first'), FIRST_AT);
  const broken = [
    north.say('charter/1', charterBody(CHARTER.id), FIRST_AT),
    other.say('member-card/1', cardBody('names another first'), FIRST_AT),
  ];
  return [...forked, ...gap, ...broken];
}

/** Promises that stand, are renewed and are taken back, and checks of them, some of which count for nothing. */
function pins(): Message[] {
  const by = authors();
  const [lab, regulator, south] = [by['example-lab'], by['example-regulator'], by['verifier-south']];
  const [north, north2] = [by['verifier-north'], by['verifier-north-2']];
  const released = 'analog checkpoint';
  const own = lab.say('pin/1', pinBody(released), FIRST_AT);
  const first = regulator.say('pin/1', pinBody(released), FIRST_AT);
  const renewed = regulator.say('pin/1', pinBody(released, PINNED_UNTIL + 1), FIRST_AT);
  const kept = north.say('pin/1', pinBody(released), FIRST_AT);
  const gone = south.say('pin/1', pinBody(released), FIRST_AT);
  const at = FIRST_AT + 1;
  return [
    own,
    first,
    renewed,
    kept,
    gone,
    south.say('pin/1', pinBody(released, null), FIRST_AT),
    south.say(
      'pin-check/1',
      pinCheckBody([{ pin: first.id }, { pin: own.id, answered: 2, fault: 'late' }]),
      at,
    ),
    south.say('pin-check/1', pinCheckBody([{ pin: own.id, at: at + 1 }, { pin: gone.id }]), at),
    north.say('pin-check/1', pinCheckBody([{ pin: renewed.id, answered: 0, fault: 'unreachable' }]), at),
    north2.say(
      'pin-check/1',
      pinCheckBody([{ pin: kept.id }, { pin: first.id, answered: 9, fault: 'wrong' }]),
      at,
    ),
  ];
}

const HISTORIES: Record<string, () => Message[]> = {
  empty: () => [],
  demonstration,
  discounts,
  stops,
  pins,
};

/**
 * Seeds of made-up histories of a federation that amends itself. Together they hold every status of a message with
 * every reason, every discount of a verdict, rotations, removals, returns, a compromise, three amendments in a row,
 * proposals that wait, forks, established times and checked pins: the smallest such set among the first 3,000.
 */
const GOVERNED_SEEDS = [689, 118, 176, 346, 2618, 1471, 1565, 2228];

function governed(charter: Charter, seed: number): Message[] {
  const random = randomFrom(seed);
  return playGoverned(charter, 8 + pickBelow(random, 30), random);
}

/** A history, what it adds up to, and what became of each of its messages. */
function entryOf(id: string, charter: Charter, messages: readonly Message[]) {
  const fold = new RecordFold(charter);
  for (const message of messages) fold.add(message);
  const record = fold.record();
  return {
    id,
    wires: messages.map((message) => toHex(message.wire)),
    record,
    digest: recordDigest(record),
    messages: messageStates(fold, messages),
  };
}

export function buildRecord() {
  const amending = governedCharter();
  return {
    charter: charterDocumentOf(),
    histories: Object.entries(HISTORIES).map(([id, history]) => entryOf(id, CHARTER, history())),
    amendingCharter: amending.document,
    amended: GOVERNED_SEEDS.map((seed) => entryOf(`history-${seed}`, amending, governed(amending, seed))),
  };
}
