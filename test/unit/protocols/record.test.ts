import { describe, expect, it } from 'vitest';
import type { MessageId } from '../../../protocols/base/ids.ts';
import { documentCid } from '../../../protocols/codec/cid.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import type { Message } from '../../../protocols/message/index.ts';
import { RecordFold, recordDigest } from '../../../protocols/record/index.ts';
import { controlSeeds } from '../../../protocols/verdict/index.ts';
import { Author, charterOf, MEMBER_NAMES, type MemberName } from '../../support/federation.ts';
import {
  analogBody,
  cardBody,
  charterBody,
  findingBody,
  frontierBody,
  RERUNS,
  rerunOf,
  verdictBody,
} from '../../support/samples.ts';

const charter = charterOf();
const faithful = rerunOf(RERUNS.faithful);

function cast(): Record<MemberName, Author> {
  return Object.fromEntries(MEMBER_NAMES.map((name) => [name, new Author(name, charter.id)])) as Record<
    MemberName,
    Author
  >;
}

function fold(messages: readonly Message[]) {
  const folded = new RecordFold(charter);
  for (const message of messages) folded.add(message);
  return folded.record();
}

describe('standing in the record', () => {
  function standing(say: (by: Record<MemberName, Author>, finding: MessageId) => Message[]) {
    const by = cast();
    const finding = by['example-academy'].say('finding/1', findingBody('faithful'));
    const entry = fold([finding, ...say(by, finding.id)]).findings[0];
    return {
      standing: entry?.standing,
      reasons: entry?.reasons,
      discounts: Object.fromEntries(
        (entry?.verdicts ?? []).map((verdict) => [
          charter.members.get(verdict.verifier)?.name,
          verdict.discount,
        ]),
      ),
    };
  }

  it('two organisations settle it', () => {
    const result = standing((by, finding) => [
      by['verifier-north'].say('verdict/1', verdictBody(finding, 'confirmed', faithful)),
      by['verifier-south'].say('verdict/1', verdictBody(finding, 'confirmed', faithful)),
    ]);
    expect(result).toMatchObject({
      standing: 'confirmed',
      reasons: ['beats-control', 'effect-reproduced', 'gate-passed'],
    });
  });

  it('two verifiers of one organisation do not', () => {
    const result = standing((by, finding) => [
      by['verifier-north'].say('verdict/1', verdictBody(finding, 'confirmed', faithful)),
      by['verifier-north-2'].say('verdict/1', verdictBody(finding, 'confirmed', faithful)),
    ]);
    expect(result).toMatchObject({ standing: 'open', reasons: [] });
  });

  it("the author's organisation has no vote", () => {
    const result = standing((by, finding) => [
      by['verifier-north'].say('verdict/1', verdictBody(finding, 'confirmed', faithful)),
      by['verifier-campus'].say('verdict/1', verdictBody(finding, 'confirmed', faithful)),
    ]);
    expect(result).toMatchObject({
      standing: 'open',
      discounts: { 'verifier-north': null, 'verifier-campus': 'own-organisation' },
    });
  });

  it("a verifier's last word counts", () => {
    const by = cast();
    const finding = by['example-academy'].say('finding/1', findingBody('faithful'));
    const north = by['verifier-north'];
    const first = north.say('verdict/1', verdictBody(finding.id, 'not-rerunnable', faithful));
    const last = north.say('verdict/1', verdictBody(finding.id, 'confirmed', faithful));
    const entries = fold([finding, last, first]).findings[0]?.verdicts ?? [];
    const discounts = new Map(entries.map((entry) => [entry.id, entry.discount]));
    expect([discounts.get(first.id), discounts.get(last.id)]).toEqual(['superseded', null]);
  });

  it('an outcome that its counts do not give has no vote', () => {
    const result = standing((by, finding) => [
      by['verifier-north'].say('verdict/1', verdictBody(finding, 'refuted', faithful)),
      by['verifier-south'].say('verdict/1', verdictBody(finding, 'confirmed', faithful)),
    ]);
    expect(result).toMatchObject({
      standing: 'open',
      discounts: { 'verifier-north': 'outcome-not-derived', 'verifier-south': null },
    });
  });

  it('controls that were not drawn from the finding have no vote', () => {
    const result = standing((by, finding) => [
      by['verifier-north'].say('verdict/1', verdictBody(finding, 'confirmed', faithful, ['00'.repeat(32)])),
      by['verifier-south'].say(
        'verdict/1',
        verdictBody(finding, 'confirmed', faithful, controlSeeds(finding, 3)),
      ),
    ]);
    expect(result.discounts).toEqual({ 'verifier-north': 'controls-not-drawn', 'verifier-south': null });
  });

  it('quorums on both sides dispute it', () => {
    const small = charterOf({
      ...charter.document,
      policy: {
        ...charter.document.policy,
        verification: { ...charter.document.policy.verification, quorum: 1 },
      },
    });
    const author = (name: MemberName) => new Author(name, small.id);
    const finding = author('example-academy').say('finding/1', findingBody('faithful'));
    const folded = new RecordFold(small);
    folded.add(finding);
    folded.add(author('verifier-north').say('verdict/1', verdictBody(finding.id, 'confirmed', faithful)));
    folded.add(
      author('verifier-south').say('verdict/1', verdictBody(finding.id, 'refuted', rerunOf(RERUNS.random))),
    );
    expect(folded.record().findings[0]).toMatchObject({ standing: 'disputed', reasons: [] });
  });

  it('a fork in a verifier takes its vote back', () => {
    const by = cast();
    const finding = by['example-academy'].say('finding/1', findingBody('faithful'));
    const twin = by['verifier-north'].branch('note/1', {});
    const messages = [
      finding,
      by['verifier-north'].say('verdict/1', verdictBody(finding.id, 'confirmed', faithful)),
      by['verifier-south'].say('verdict/1', verdictBody(finding.id, 'confirmed', faithful)),
    ];
    expect(fold(messages).findings[0]?.standing).toBe('confirmed');
    expect(fold([...messages, twin]).findings[0]?.standing).toBe('open');
  });
});

describe('members and releases in the record', () => {
  it('shows who joined, the first time, and the latest card', () => {
    const by = cast();
    const lab = by['example-lab'];
    const other = documentCid(encode('another charter')).toString();
    const messages = [
      lab.say('charter/1', { charter: other }),
      lab.say('charter/1', charterBody(charter.id)),
      lab.say('charter/1', charterBody(charter.id)),
      lab.say('member-card/1', cardBody('old')),
      lab.say('member-card/1', cardBody('new')),
    ];
    const entry = fold(messages).members.find((member) => member.name === 'example-lab');
    expect(entry).toMatchObject({
      ratification: messages[1]?.id,
      card: messages[4]?.id,
      feed: { length: 5, head: messages[4]?.id, stop: null },
    });
  });

  it('sets an analog beside the release it names, of its own lab alone', () => {
    const members = charter.document.members.map((member) =>
      member.name === 'example-observer' ? { ...member, roles: ['lab'] } : member,
    );
    const two = charterOf({ ...charter.document, members });
    const lab = new Author('example-lab', two.id);
    const rival = new Author('example-observer', two.id);
    const frontier = lab.say('frontier-release/1', frontierBody('frontier', 3));
    const mine = lab.say('analog-release/1', analogBody(frontier.id, 1));
    const theirs = rival.say('analog-release/1', analogBody(frontier.id, 1));
    const folded = new RecordFold(two);
    for (const message of [theirs, mine, frontier]) folded.add(message);
    const entries = new Map(folded.record().analogReleases.map((entry) => [entry.id, entry]));
    expect(entries.get(mine.id)).toMatchObject({ frontier: frontier.id, ratioPpm: 333_333 });
    expect(entries.get(theirs.id)).toMatchObject({ frontier: null, ratioPpm: null });
  });

  it('has no ratio while the size is withheld, and an exact one for the largest sizes', () => {
    const lab = new Author('example-lab', charter.id);
    const withheld = lab.say('frontier-release/1', frontierBody('withheld', null));
    const huge = lab.say('frontier-release/1', frontierBody('huge', Number.MAX_SAFE_INTEGER));
    const a = lab.say('analog-release/1', analogBody(withheld.id, 1));
    const b = lab.say('analog-release/1', analogBody(huge.id, Number.MAX_SAFE_INTEGER - 1));
    const entries = new Map(fold([withheld, huge, a, b]).analogReleases.map((entry) => [entry.id, entry]));
    expect(entries.get(a.id)).toMatchObject({ frontier: withheld.id, ratioPpm: null });
    expect(entries.get(b.id)?.ratioPpm).toBe(999_999);
  });

  it('passes over a message without authority, which stays a leaf of its feed', () => {
    const observer = new Author('example-observer', charter.id);
    const messages = [
      observer.say('member-card/1', cardBody('observer')),
      observer.say('finding/1', findingBody('not ours to say')),
      observer.say('member-card/1', cardBody('after')),
    ];
    const entry = fold(messages).members.find((member) => member.name === 'example-observer');
    expect(entry?.feed).toMatchObject({ length: 3, head: messages[2]?.id, stop: null });
    expect(entry?.card).toBe(messages[2]?.id);
    expect(fold(messages).findings).toEqual([]);
  });

  it('has one digest for one record, and another for another', () => {
    const lab = new Author('example-lab', charter.id);
    const frontier = lab.say('frontier-release/1', frontierBody('frontier'));
    expect(recordDigest(fold([frontier]))).toBe(recordDigest(fold([frontier, frontier])));
    expect(recordDigest(fold([frontier]))).not.toBe(recordDigest(fold([])));
  });
});
