import { describe, expect, it } from 'vitest';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { certain } from '../../protocols/kinds/certain.ts';
import { checkBody, KINDS, type Kind } from '../../protocols/kinds/index.ts';
import { Author, charterOf } from '../support/federation.ts';
import { mutateData } from '../support/mutations.ts';
import { statementBodies } from '../support/oversight/bodies.ts';
import { runsOf } from '../support/runs.ts';
import {
  analogBody,
  cardBody,
  charterBody,
  findingBody,
  frontierBody,
  pinBody,
  pinCheckBody,
  RERUNS,
  rerunOf,
  verdictBody,
} from '../support/samples.ts';
import { randomFrom, testSeed } from '../support/seed.ts';

const MUTATIONS = runsOf(3_000);
const random = randomFrom(testSeed());
const charter = charterOf();
const message = new Author('example-lab', charter.id).say('charter/1', charterBody(charter.id));
const head = { size: 3, root: `${'A'.repeat(43)}=`, signature: `${'A'.repeat(86)}==` };

/** A right body of each kind that this version knows. */
const BODIES: Readonly<Record<Kind, PlainObject>> = {
  'charter/1': charterBody(charter.id),
  'charter-proposal/1': {
    version: 1,
    previous: charter.id,
    charter: charter.id,
    changes: [{ change: 'remove-member', name: 'example-lab' }],
    since: [0, 3],
    reason: 'it has left',
  },
  'charter-consent/1': { version: 1, charter: charter.id, proposal: message.id },
  'cosignatures/1': {
    entries: [
      {
        feed: message.author,
        size: 3,
        root: head.root,
        head: head.signature,
        witness: message.author,
        time: 1_790_000_000,
        signature: head.signature,
      },
    ],
  },
  'fork-proof/1': { feed: message.author, heads: [head, { ...head, root: `${'B'.repeat(42)}A=` }] },
  'member-card/1': cardBody('Example Lab'),
  'pin/1': pinBody('a checkpoint'),
  'pin-check/1': pinCheckBody([{ pin: message.id }, { pin: message.id, answered: 3, fault: 'late' }]),
  'frontier-release/1': frontierBody('frontier'),
  'analog-release/1': analogBody(message.id),
  'finding/1': findingBody('a finding'),
  'verdict/1': verdictBody(message.id, 'confirmed', rerunOf(RERUNS.faithful)),
  ...statementBodies(message.id),
};

describe('the plain comparisons of a body', () => {
  it.each(Object.keys(KINDS) as Kind[])('hold of a right %s', (kind) => {
    expect(certain(KINDS[kind].body)(BODIES[kind])).toBe(true);
  });

  it.each(Object.keys(KINDS) as Kind[])('hold of no changed %s that its schema refuses', (kind) => {
    const holds = certain(KINDS[kind].body);
    for (let i = 0; i < MUTATIONS; i++) {
      const body = mutateData(BODIES[kind], random) as PlainObject;
      const accepted = KINDS[kind].body.safeParse(body).success;
      if (holds(body)) expect({ body, accepted }).toEqual({ body, accepted: true });
      if ((checkBody(kind, body) === null) !== accepted)
        expect({ body, accepted }).toEqual({ body, accepted: !accepted });
    }
  });
});
