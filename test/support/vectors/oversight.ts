import { fromHex, toHex } from '../../../protocols/base/bytes.ts';
import type { MessageId } from '../../../protocols/base/ids.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { checkBody } from '../../../protocols/kinds/index.ts';
import {
  addMonths,
  assessAll,
  formatDay,
  holdersUntilLikelyLeak,
  parseDay,
} from '../../../protocols/oversight/index.ts';

import { statementBodies } from '../oversight/bodies.ts';
import { frontierModel, ModelCase, POLICY, time, WITHHELD } from '../oversight/model-case.ts';

const NOTICE = 'notice-of-non-compliance/1';
const SOME_ID = 'bafyreihhvwjbp67qkiapepmldfygsnh4nugs3avzwuc7z2yxyl3qwwrriy' as MessageId;

/** Models and the dates on which they are assessed. */
const MODELS: Readonly<Record<string, { readonly model: ModelCase; readonly dates: readonly number[] }>> = {
  'everything-right': {
    model: new ModelCase().complete(),
    dates: [
      time('2026-01-01'),
      time('2026-02-01'),
      time('2026-03-20'),
      time('2026-06-01'),
      time('2027-02-01'),
    ],
  },
  'awaited-and-overdue': {
    model: new ModelCase({ window: { fromMonths: 1, toMonths: 3, utcOffsetMinutes: 120 } }).releaseFrontier(
      {},
      time('2026-11-30T21:59:59'),
    ),
    dates: [time('2027-02-28T21:59:59'), time('2027-02-28T22:00:00')],
  },
  'extended-twice': {
    model: extended(),
    dates: [time('2026-04-16T00:00:00'), time('2026-08-01')],
  },
  'withheld-and-determined': { model: withheld(), dates: [time('2026-05-01T11:59:59'), time('2026-06-01')] },
  'sealed-determined-and-opened': {
    model: sealed(),
    dates: [time('2026-04-30'), time('2026-05-02'), time('2026-05-04'), time('2026-05-06')],
  },
  'lies-and-disputes': {
    model: lies(),
    dates: [time('2026-03-05T11:59:59'), time('2026-03-05'), time('2026-06-01')],
  },
  enforcement: {
    model: enforced(),
    dates: [
      time('2026-05-01'),
      time('2026-05-02'),
      time('2026-05-03'),
      time('2026-06-01'),
      time('2026-07-01'),
    ],
  },
  'another-policy-for-the-next-model': { model: amended(), dates: [time('2026-06-01')] },
};

function extended(): ModelCase {
  const model = new ModelCase().releaseFrontier();
  model.act('extension/1', { until: '2026-05-15', review: 'dual-use' }, time('2026-04-10'));
  model.act('extension/1', { until: '2026-12-31', review: 'dual-use' }, time('2026-05-10'));
  return model.evaluate({}, time('2026-06-01')).releaseAnalog({}, time('2026-07-15T23:59:59'));
}

function withheld(): ModelCase {
  const model = new ModelCase().releaseFrontier({
    model: { ...frontierModel, parameters: WITHHELD, tokenizer: WITHHELD },
    scale: { operations: WITHHELD },
    training: WITHHELD,
  });
  model.evaluate().releaseAnalog().inspect();
  const clauses = ['M2', 'M3', 'M6'].map((clause) => ({ clause, state: 'met', reason: 'opened' }));
  model.act('determination/1', { analog: model.analog, outcome: 'compliant', clauses, settles: [] });
  return model;
}

/** A sealed size: a determination that names another commitment, one that names it, then the lab opens it. */
function sealed(): ModelCase {
  const model = new ModelCase();
  const salt = fromHex('5a'.repeat(32));
  const done = model.withhold('/model/parameters', salt);
  model.releaseFrontier(done.body).evaluate().releaseAnalog();
  const closing = (opened: string) => ({
    analog: model.analog,
    outcome: 'compliant',
    clauses: [{ clause: 'M6', state: 'met', reason: 'opened' }],
    opened: [opened],
    settles: [],
  });
  model.act('determination/1', closing('ab'.repeat(32)), time('2026-05-01'));
  model.act('determination/1', closing(done.commitment), time('2026-05-03'));
  const fields = [{ field: '/model/parameters', salt: toHex(salt), value: frontierModel.parameters }];
  model.say('other-lab', 'disclosure/1', { message: model.frontier, fields }, time('2026-05-03'));
  model.say('lab', 'disclosure/1', { message: model.frontier, fields }, time('2026-05-05'));
  return model;
}

function lies(): ModelCase {
  const model = new ModelCase().releaseFrontier().evaluate({ done: [], access: ['interface'] });
  model.releaseAnalog({ licence: 'MIT', restrictions: ['no-research'] });
  return model
    .inspect({ parameters: 1_000 })
    .inspect({ modelType: 'gemma' }, time('2026-03-06'), 'other-verifier')
    .report({ costs: WITHHELD });
}

function enforced(): ModelCase {
  const model = new ModelCase().complete();
  const notice = model.act(NOTICE, { clauses: ['M9'], cureBy: '2026-05-31' });
  model.say('lab', 'cure/1', { notice, analog: null, summary: 'done' }, time('2026-05-02'));
  const penalty = model.act(
    'penalty/1',
    { notice, fine: { currency: 'EUR', amount: 1 }, suspendedUntil: '2026-06-30' },
    time('2026-05-03'),
  );
  const first = model.frontier;
  model.releaseFrontier({}, time('2026-05-20'));
  model.say('regulator', 'withdrawal/1', { statement: penalty, reason: 'paid' }, time('2026-06-10'));
  model.say(
    'other-regulator',
    'withdrawal/1',
    { statement: notice, reason: 'not theirs' },
    time('2026-06-11'),
  );
  model.frontier = first;
  model.act(
    'determination/1',
    { analog: null, outcome: 'compliant', clauses: [], settles: [notice] },
    time('2026-06-20'),
  );
  return model;
}

function amended(): ModelCase {
  const model = new ModelCase().releaseFrontier().releaseAnalog();
  model.world.amend({ ...POLICY, ratioPpm: { from: 1, to: 2 }, phases: [] }, time('2026-03-02'));
  return model.releaseFrontier({}, time('2026-03-03')).releaseAnalog({}, time('2026-04-10'));
}

function assessed({ world }: ModelCase, at: number) {
  return assessAll(world.dossiers(), world.policyOf, at).map(({ at: _, clauses, ...model }) => ({
    ...model,
    clauses: clauses.map(({ evidence: _, ...clause }) => clause),
  }));
}

const MONTHS = [
  ['2026-01-31', 1],
  ['2026-01-31', 2],
  ['2026-11-30', 3],
  ['2027-11-30', 3],
  ['2028-02-29', 12],
  ['1900-01-31', 1],
  ['2000-01-31', 1],
  ['2026-12-31', 120],
] as const;

/** A right body of each kind, and wrong ones of each: a field gone, a field of another form. */
const BODIES = Object.entries(statementBodies(SOME_ID));

function wrong([kind, body]: readonly [string, PlainObject]) {
  const fields = Object.keys(body);
  return fields
    .flatMap((field) => [
      {
        id: `${kind}-without-${field}`,
        body: Object.fromEntries(Object.entries(body).filter(([name]) => name !== field)),
      },
      { id: `${kind}-${field}-of-another-form`, body: { ...body, [field]: { another: 'form' } } },
    ])
    .filter((each) => checkBody(kind, each.body) !== null)
    .map(({ id, body: changed }) => ({
      id: id.replace('/1', ''),
      kind,
      body: changed,
      refusal: 'body-invalid',
    }));
}

export function buildOversight() {
  return {
    bodies: BODIES.map(([kind, body]) => ({ id: kind.replace('/1', ''), kind, body, accepted: true })),
    bodiesRefused: [
      ...BODIES.flatMap(wrong),
      ...(
        [
          ['penalty-without-either', 'penalty/1', { fine: null, suspendedUntil: null }],
          ['notice-of-no-clause', NOTICE, { clauses: [] }],
          ['notice-of-an-unknown-clause', NOTICE, { clauses: ['M23'] }],
          [
            'inspection-of-the-ratio',
            'inspection/1',
            { requirements: [{ requirement: 9, state: 'met', code: null }] },
          ],
          ['extension-for-another-review', 'extension/1', { review: 'marketing' }],
          ['withheld-without-a-date', 'reply/1', { text: { withheld: { reason: 'trade-secret' } } }],
          [
            'withheld-for-no-reason',
            'reply/1',
            { text: { withheld: { reason: 'shame', retainedUntil: '2036-01-01' } } },
          ],
        ] as const
      ).map(([id, kind, changes]) => ({
        id,
        kind,
        body: { ...statementBodies(SOME_ID)[kind], ...changes },
        refusal: 'body-invalid',
      })),
    ],
    months: MONTHS.map(([day, months]) => ({
      id: `${day}-and-${months}`,
      day,
      months,
      to: formatDay(addMonths(parseDay(day), months)),
    })),
    leaks: [1_000, 10_000, 500_000, 1_000_000].map((chancePpm) => ({
      id: `${chancePpm}-ppm`,
      chancePpm,
      holders: holdersUntilLikelyLeak(chancePpm),
    })),
    histories: Object.fromEntries(
      Object.entries(MODELS).map(([id, { model }]) => [
        id,
        {
          charter: model.world.fold.charters()[0]?.document,
          wires: model.world.messages.map(({ wire }) => toHex(wire)),
        },
      ]),
    ),
    assessed: Object.entries(MODELS).flatMap(([history, { model, dates }]) =>
      dates.map((at) => ({
        id: `${history}-${new Date(at).toISOString()}`,
        history,
        at,
        models: assessed(model, at),
      })),
    ),
  };
}
