import { fromHex } from '../../../protocols/base/bytes.ts';
import { drawLeaves } from '../../../protocols/pins/index.ts';
import { copiesOf } from '../../../protocols/record/index.ts';

const DAY_MS = 86_400_000;
const AT = 1_790_000_000_000;
const SEEDS = ['00'.repeat(32), 'ff'.repeat(32), '0123456789abcdef'.repeat(4)];
/** [leaves, asked] */
const SIZES: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 2],
  [7, 3],
  [30, 30],
  [57_221, 30],
  [Number.MAX_SAFE_INTEGER, 4],
];

const RELEASE = { author: 'did:key:lab', checkpoint: 'bafy-released' };

function check(organisation: string, changes: { at?: number; established?: number; fault?: string } = {}) {
  return { organisation, at: AT, established: null, fault: null, ...changes };
}

function pin(organisation: string, checks: readonly ReturnType<typeof check>[], changes = {}) {
  const { checkpoint } = RELEASE;
  return { checkpoint, member: `${organisation}-node`, organisation, until: AT + DAY_MS, checks, ...changes };
}

/** Each history's pins, at one date. */
const COPIES: Readonly<Record<string, readonly ReturnType<typeof pin>[]>> = {
  'nobody-promises': [],
  'promised-and-never-asked': [pin('academy', [])],
  'shown-by-one': [pin('academy', [check('regulator')])],
  'own-copy-is-not-independent': [pin('lab', [check('regulator')]), pin('academy', [check('lab')])],
  'promise-is-over-at-its-moment': [pin('academy', [check('regulator')], { until: AT })],
  'promise-holds-a-millisecond-before': [pin('academy', [check('regulator')], { until: AT + 1 })],
  'another-checkpoint': [pin('academy', [check('regulator')], { checkpoint: 'bafy-other' })],
  'two-of-one-organisation-are-one': [
    pin('academy', [check('lab')]),
    pin('academy', [check('lab')], { member: 'academy-library' }),
  ],
  'as-many-faults-as-answers': [pin('academy', [check('lab'), check('regulator', { fault: 'absent' })])],
  'more-answers-than-faults': [
    pin('academy', [check('lab'), check('press'), check('regulator', { fault: 'late' })]),
  ],
  'an-organisation-has-the-vote-of-its-latest-check': [
    pin('academy', [check('lab', { fault: 'late', at: AT - 2 }), check('lab', { at: AT - 1 })]),
  ],
  'of-two-at-one-time-the-fault': [pin('academy', [check('lab'), check('lab', { fault: 'wrong' })])],
  'thirty-days-old': [pin('academy', [check('lab', { at: AT - 30 * DAY_MS })])],
  'older-than-thirty-days': [pin('academy', [check('lab', { at: AT - 30 * DAY_MS - 1 })])],
  'after-the-date': [pin('academy', [check('lab', { at: AT + 1 })])],
  'dated-ahead-and-established': [pin('academy', [check('lab', { at: AT + DAY_MS, established: AT - 1 })])],
  'established-later-than-made': [pin('academy', [check('lab', { at: AT - 31 * DAY_MS, established: AT })])],
};

export function buildPins() {
  const record = {
    members: ['lab', 'academy', 'regulator', 'press'].map((organisation) => ({
      key: `did:key:${organisation}`,
      organisation,
      former: [],
    })),
    formerMembers: [],
  };
  return {
    drawn: SEEDS.flatMap((seed) =>
      SIZES.map(([leaves, asked]) => ({
        id: `${asked}-of-${leaves}-by-${seed.slice(0, 4)}`,
        seed,
        leaves,
        asked,
        numbers: drawLeaves(fromHex(seed) ?? new Uint8Array(), leaves, asked),
      })),
    ),
    copiesAsked: { release: RELEASE, at: AT, members: record.members },
    copies: Object.entries(COPIES).map(([id, pins]) => ({
      id,
      pins,
      ...copiesOf({ ...record, pins }, RELEASE, AT),
    })),
  };
}
