import { describe, expect, it } from 'vitest';
import { toHex } from '../../../protocols/base/bytes.ts';
import { CLAUSES, type ClauseId, type ClauseState } from '../../../protocols/kinds/index.ts';
import type { ClauseCode } from '../../../protocols/oversight/index.ts';
import {
  analogModel,
  frontierModel,
  lacking,
  ModelCase,
  POLICY,
  time,
  WITHHELD,
} from '../../support/oversight/model-case.ts';
import { contentCid } from '../../support/samples.ts';

/** One way that a clause goes: the model, the date, and what is said of it. */
interface Row {
  readonly id: string;
  readonly model: () => ModelCase;
  readonly at?: number;
  readonly state: ClauseState;
  readonly code: ClauseCode;
  /** Of a pending clause. */
  readonly until?: number;
}

/** The end of the window of 15 January. */
const DUE = time('2026-04-16T00:00:00');
const IN_TIME = time('2026-04-01');
const LATER = time('2026-06-01');
const right = () => new ModelCase().complete();
const frontier = () => new ModelCase().releaseFrontier();
const analog = (changes: Parameters<ModelCase['releaseAnalog']>[0]) => () =>
  frontier().releaseAnalog(changes);
const inspected = (changes: Parameters<ModelCase['inspect']>[0]) => () =>
  frontier().releaseAnalog().inspect(changes);
/** Two who looked say different things. */
const disputed = (changes: Parameters<ModelCase['inspect']>[0]) => () =>
  inspected({})().inspect(changes, time('2026-03-06'), 'other-verifier');
const acted =
  (...acts: readonly (readonly [...Parameters<ModelCase['act']>])[]) =>
  () => {
    const model = right();
    for (const act of acts) model.act(...act);
    return model;
  };
const NOTICE = 'notice-of-non-compliance/1';
const closing = (clause: ClauseId, state: 'met' | 'not-met') =>
  [
    'determination/1',
    { analog: null, outcome: 'compliant', clauses: [{ clause, state, reason: 'seen' }], settles: [] },
  ] as const;

const SALT = new Uint8Array(32).fill(9);
const SEALED = new ModelCase().withhold('/model/parameters', SALT);
const sealed = () => new ModelCase().releaseFrontier(SEALED.body).releaseAnalog();
function revealed(by: string, value: number): ModelCase {
  const model = sealed();
  const fields = [{ field: '/model/parameters', salt: toHex(SALT), value }];
  model.say(by, 'disclosure/1', { message: model.frontier, fields }, time('2026-05-10'));
  return model;
}

const ROWS: Readonly<Record<ClauseId, readonly Row[]>> = {
  M1: [
    { id: 'released', model: right, state: 'met', code: 'analog-there' },
    { id: 'awaited', model: frontier, at: IN_TIME, state: 'pending', code: 'analog-awaited', until: DUE },
    {
      id: 'awaited to the last',
      model: frontier,
      at: DUE - 1,
      state: 'pending',
      code: 'analog-awaited',
      until: DUE,
    },
    { id: 'overdue', model: frontier, at: DUE, state: 'not-met', code: 'analog-missing' },
    {
      id: 'another lab’s',
      model: () => {
        const model = frontier();
        const other = model.say(
          'other-lab',
          'analog-release/1',
          {
            frontier: model.frontier,
            model: analogModel,
            licence: 'MIT',
            summary: 'not ours',
            checkpoint: { cid: contentCid('other'), profile: 'unixfs-v1-2025', sizeBytes: 1 },
          },
          time('2026-03-01'),
        );
        expect(other).toBeTruthy();
        return model;
      },
      state: 'not-met',
      code: 'analog-missing',
    },
    {
      id: 'superseded',
      model: () => {
        const model = right();
        model.say(
          'lab',
          'supersession/1',
          { subject: model.analog, replacement: null, reason: 'wrong' },
          time('2026-05-02'),
        );
        return model;
      },
      state: 'not-met',
      code: 'analog-missing',
    },
    {
      id: 'not established',
      model: () => {
        const model = new ModelCase();
        const body = {
          model: frontierModel,
          deployedOn: '2026-01-10',
          access: 'closed',
          summary: 'x',
          checkpoint: null,
        };
        model.frontier = model.world.sayUnseen('lab', 'frontier-release/1', body, time('2026-01-15')).id;
        return model;
      },
      state: 'cannot-be-known',
      code: 'frontier-not-established',
    },
  ],
  M2: [
    { id: 'above', model: right, state: 'met', code: 'above-threshold' },
    {
      id: 'at it',
      model: () =>
        new ModelCase().releaseFrontier({ scale: { operations: { significand: 100_000, exponent: 21 } } }),
      state: 'met',
      code: 'above-threshold',
    },
    {
      id: 'below',
      model: () =>
        new ModelCase().releaseFrontier({ scale: { operations: { significand: 999_999, exponent: 20 } } }),
      state: 'not-met',
      code: 'below-thresholds',
    },
    {
      id: 'withheld',
      model: () => new ModelCase().releaseFrontier({ scale: { operations: WITHHELD } }),
      state: 'cannot-be-known',
      code: 'figure-unknown',
    },
    {
      id: 'by users',
      model: () =>
        new ModelCase({
          thresholds: [
            { measure: 'users', least: { significand: 1, exponent: 6 }, source: 'x', since: '2020-01-01' },
          ],
        }).releaseFrontier({ scale: { users: 999_999 } }),
      state: 'not-met',
      code: 'below-thresholds',
    },
    {
      id: 'by revenue',
      model: () =>
        new ModelCase({
          thresholds: [
            {
              measure: 'revenue-usd',
              least: { significand: 5, exponent: 8 },
              source: 'x',
              since: '2020-01-01',
            },
          ],
        }).releaseFrontier({ scale: { revenueUsd: 500_000_000 } }),
      state: 'met',
      code: 'above-threshold',
    },
    {
      id: 'a threshold of a later day',
      model: () =>
        new ModelCase({
          thresholds: POLICY.thresholds.map((each) => ({ ...each, since: '2026-01-16' })),
        }).releaseFrontier(),
      state: 'met',
      code: 'no-thresholds',
    },
  ],
  M3: [
    { id: 'same', model: right, state: 'met', code: 'family-same' },
    {
      id: 'another family in the bytes',
      model: inspected({ modelType: 'gemma' }),
      state: 'not-met',
      code: 'family-differs',
    },
    {
      id: 'another tokenizer',
      model: inspected({ tokenizer: 'cd'.repeat(32) }),
      state: 'not-met',
      code: 'tokenizer-differs',
    },
    {
      id: 'a tokenizer withheld',
      model: () =>
        new ModelCase().releaseFrontier({ model: { ...frontierModel, tokenizer: WITHHELD } }).releaseAnalog(),
      state: 'cannot-be-known',
      code: 'tokenizer-unknown',
    },
    {
      id: 'a dispute',
      model: disputed({ modelType: 'gemma' }),
      state: 'cannot-be-known',
      code: 'inspections-disagree',
    },
  ],
  M4: [
    { id: 'one statement', model: right, state: 'met', code: 'data-same' },
    {
      id: 'two statements',
      model: analog({ training: contentCid('other data') }),
      state: 'not-met',
      code: 'data-differs',
    },
    { id: 'withheld', model: analog({ training: WITHHELD }), state: 'cannot-be-known', code: 'data-unknown' },
    {
      id: 'withheld, and determined',
      model: () => {
        const model = analog({ training: WITHHELD })();
        model.act(...closing('M4', 'met'));
        return model;
      },
      state: 'met',
      code: 'determined',
    },
  ],
  M5: [
    { id: 'attested', model: right, state: 'met', code: 'distilled' },
    {
      id: 'from another',
      model: () => {
        const model = frontier();
        return model.releaseAnalog({ distilledFrom: model.world.fold.charter().id });
      },
      state: 'not-met',
      code: 'distilled-from-another',
    },
    {
      id: 'unstated',
      model: () => {
        const model = frontier();
        model.analog = model.say(
          'lab',
          'analog-release/1',
          {
            frontier: model.frontier,
            model: analogModel,
            licence: 'MIT',
            summary: 'x',
            checkpoint: { cid: contentCid('analog'), profile: 'unixfs-v1-2025', sizeBytes: 1 },
          },
          time('2026-03-01'),
        );
        return model;
      },
      state: 'cannot-be-known',
      code: 'distillation-unstated',
    },
  ],
  M6: [
    { id: 'inside', model: right, state: 'met', code: 'ratio-inside' },
    { id: 'at the lower end', model: inspected({ parameters: 50_000 }), state: 'met', code: 'ratio-inside' },
    {
      id: 'one parameter below',
      model: inspected({ parameters: 49_999 }),
      state: 'not-met',
      code: 'ratio-below',
    },
    { id: 'at the upper end', model: inspected({ parameters: 500_000 }), state: 'met', code: 'ratio-inside' },
    {
      id: 'one parameter above',
      model: inspected({ parameters: 500_001 }),
      state: 'not-met',
      code: 'ratio-above',
    },
    {
      id: 'a lie that the bytes show',
      model: () =>
        analog({ model: { ...analogModel, parameters: 100_000 } })().inspect({ parameters: 1_000 }),
      state: 'not-met',
      code: 'ratio-below',
    },
    {
      id: 'as stated, while nobody has looked',
      model: analog({ model: { ...analogModel, parameters: 10 } }),
      state: 'not-met',
      code: 'ratio-below',
    },
    {
      id: 'the word of the lab’s own organisation',
      model: () => inspected({ parameters: 10 })().inspect({}, time('2026-03-06'), 'lab-verifier'),
      state: 'not-met',
      code: 'ratio-below',
    },
    {
      id: 'the last word of one who looked twice',
      model: () => {
        const model = frontier().releaseAnalog();
        return model
          .inspect({ parameters: 10 }, time('2026-03-05'), 'verifier')
          .inspect({}, time('2026-03-06'));
      },
      state: 'met',
      code: 'ratio-inside',
    },
    {
      id: 'withheld',
      model: () =>
        new ModelCase()
          .releaseFrontier({ model: { ...frontierModel, parameters: WITHHELD } })
          .releaseAnalog(),
      state: 'cannot-be-known',
      code: 'ratio-unknown',
    },
    {
      id: 'withheld, and attested by the regulator',
      model: () => {
        const model = new ModelCase()
          .releaseFrontier({ model: { ...frontierModel, parameters: WITHHELD } })
          .releaseAnalog();
        model.act(...closing('M6', 'not-met'));
        return model;
      },
      state: 'not-met',
      code: 'determined',
    },
    {
      id: 'sealed, and determined by who names no opened field',
      model: () => {
        const model = sealed();
        model.act(...closing('M6', 'met'));
        return model;
      },
      state: 'cannot-be-known',
      code: 'ratio-unknown',
    },
    {
      id: 'sealed, and determined by who has opened it',
      model: () => {
        const model = sealed();
        const [kind, body] = closing('M6', 'met');
        model.act(kind, { ...body, opened: [SEALED.commitment] });
        return model;
      },
      state: 'met',
      code: 'determined',
    },
    {
      id: 'sealed, and opened to all',
      model: () => revealed('lab', frontierModel.parameters),
      state: 'met',
      code: 'ratio-inside',
    },
    {
      id: 'sealed, and opened later than the date',
      model: () => revealed('lab', frontierModel.parameters),
      at: time('2026-05-09'),
      state: 'cannot-be-known',
      code: 'ratio-unknown',
    },
    {
      id: 'sealed, and opened to another size',
      model: () => revealed('lab', 2 * frontierModel.parameters),
      state: 'cannot-be-known',
      code: 'ratio-unknown',
    },
    {
      id: 'sealed, and opened by another lab',
      model: () => revealed('other-lab', frontierModel.parameters),
      state: 'cannot-be-known',
      code: 'ratio-unknown',
    },
    {
      id: 'a dispute',
      model: disputed({ parameters: 1 }),
      state: 'cannot-be-known',
      code: 'inspections-disagree',
    },
  ],
  M7: [
    { id: 'inside', model: right, state: 'met', code: 'in-time' },
    {
      id: 'the last second',
      model: () => frontier().releaseAnalog({}, DUE - 1_000),
      state: 'met',
      code: 'in-time',
    },
    { id: 'a second late', model: () => frontier().releaseAnalog({}, DUE), state: 'not-met', code: 'late' },
    {
      id: 'the first second',
      model: () => frontier().releaseAnalog({}, time('2026-02-15T00:00:00')),
      state: 'met',
      code: 'in-time',
    },
    {
      id: 'a second early',
      model: () => frontier().releaseAnalog({}, time('2026-02-14T23:59:59')),
      state: 'not-met',
      code: 'early',
    },
    {
      id: 'a month without that day',
      model: () =>
        new ModelCase()
          .releaseFrontier({}, time('2026-11-30'))
          .releaseAnalog({}, time('2027-02-28T23:59:59')),
      at: time('2027-06-01'),
      state: 'met',
      code: 'in-time',
    },
    {
      id: 'where clocks are ahead',
      model: () =>
        new ModelCase({ window: { fromMonths: 1, toMonths: 3, utcOffsetMinutes: 120 } })
          .releaseFrontier({}, time('2026-01-15T22:30:00'))
          .releaseAnalog({}, time('2026-04-16T21:59:59')),
      state: 'met',
      code: 'in-time',
    },
    {
      id: 'late, but extended',
      model: () => {
        const model = frontier();
        model.act('extension/1', { until: '2026-05-31', review: 'dual-use' }, time('2026-04-10'));
        return model.releaseAnalog({}, time('2026-05-31T23:59:59'));
      },
      state: 'met',
      code: 'in-time',
    },
  ],
  M8: [
    { id: 'shown by two', model: right, at: time('2026-03-20'), state: 'met', code: 'copies-shown' },
    {
      id: 'nobody yet',
      model: analog({}),
      at: IN_TIME,
      state: 'pending',
      code: 'copies-awaited',
      until: DUE,
    },
    { id: 'nobody at all', model: analog({}), state: 'not-met', code: 'copies-few' },
    { id: 'promised, not shown of late', model: right, state: 'cannot-be-known', code: 'copies-unchecked' },
  ],
  M9: [
    { id: 'there', model: right, state: 'met', code: 'part-there' },
    { id: 'no card', model: inspected(lacking(3)), state: 'not-met', code: 'part-missing' },
    { id: 'no heading', model: inspected(lacking(4)), state: 'not-met', code: 'part-missing' },
    { id: 'nobody has looked', model: analog({}), state: 'cannot-be-known', code: 'not-inspected' },
    {
      id: 'not asked',
      model: () => new ModelCase({ parts: [] }).releaseFrontier().releaseAnalog(),
      state: 'met',
      code: 'not-asked',
    },
    { id: 'a dispute', model: disputed(lacking(4)), state: 'cannot-be-known', code: 'inspections-disagree' },
  ],
  M10: [
    { id: 'there', model: right, state: 'met', code: 'part-there' },
    { id: 'missing', model: inspected(lacking(5)), state: 'not-met', code: 'part-missing' },
  ],
  M11: [
    { id: 'there', model: right, state: 'met', code: 'part-there' },
    { id: 'missing', model: inspected(lacking(6)), state: 'not-met', code: 'part-missing' },
  ],
  M12: [
    { id: 'permitted', model: right, state: 'met', code: 'licence-permitted' },
    {
      id: 'not on the list',
      model: analog({ licence: 'GPL-3.0-only' }),
      state: 'not-met',
      code: 'licence-not-permitted',
    },
    {
      id: 'another in the bytes',
      model: inspected({ licence: 'MIT' }),
      state: 'not-met',
      code: 'licence-differs',
    },
    { id: 'no text of it', model: inspected(lacking(8)), state: 'not-met', code: 'part-missing' },
    {
      id: 'a safeguard that is permitted',
      model: () =>
        frontier()
          .releaseAnalog({ restrictions: ['no-weapons'] })
          .inspect(),
      state: 'met',
      code: 'licence-permitted',
    },
    {
      id: 'a restriction that is not',
      model: analog({ restrictions: ['no-research'] }),
      state: 'not-met',
      code: 'restriction-not-permitted',
    },
    { id: 'nobody has looked', model: analog({}), state: 'cannot-be-known', code: 'not-inspected' },
  ],
  M13: [
    { id: 'filed', model: right, state: 'met', code: 'report-filed' },
    {
      id: 'awaited',
      model: analog({}),
      at: time('2026-03-31T23:59:59'),
      state: 'pending',
      code: 'report-awaited',
      until: time('2026-04-01T00:00:00'),
    },
    {
      id: 'overdue',
      model: analog({}),
      at: time('2026-04-01T00:00:00'),
      state: 'not-met',
      code: 'report-missing',
    },
  ],
  M14: [
    {
      id: 'awaited',
      model: right,
      state: 'pending',
      code: 'audit-awaited',
      until: time('2027-01-16T00:00:00'),
    },
    { id: 'overdue', model: right, at: time('2027-01-16T00:00:00'), state: 'not-met', code: 'audit-missing' },
    ...(
      [
        ['conforms', 'met', 'audit-conforms'],
        ['does-not-conform', 'not-met', 'audit-conforms-not'],
        ['not-concluded', 'cannot-be-known', 'audit-not-concluded'],
      ] as const
    ).map(([conclusion, state, code]) => ({
      id: conclusion,
      model: acted([
        'audit-attestation/1',
        { analog: null, scope: 'all', conclusion, summary: 'x', report: null },
      ]),
      state,
      code,
    })),
    {
      id: 'by the lab’s own organisation',
      model: () => {
        const model = right();
        const audit = { analog: null, scope: 'all', conclusion: 'conforms', summary: 'x', report: null };
        model.act('audit-attestation/1', audit, time('2026-05-01'), 'lab-verifier');
        return model;
      },
      state: 'pending',
      code: 'audit-awaited',
      until: time('2027-01-16T00:00:00'),
    },
    {
      id: 'not asked',
      model: () => new ModelCase({ auditMonths: null }).complete(),
      state: 'met',
      code: 'not-asked',
    },
  ],
  M15: [
    { id: 'nothing', model: right, state: 'met', code: 'nothing-stands' },
    {
      id: 'a notice, time for a cure',
      model: acted([NOTICE, { clauses: ['M9'], cureBy: '2026-06-10' }]),
      state: 'pending',
      code: 'cure-awaited',
      until: time('2026-06-11T00:00:00'),
    },
    {
      id: 'a notice, its time over',
      model: acted([NOTICE, { clauses: ['M9'], cureBy: '2026-05-31' }]),
      state: 'not-met',
      code: 'notice-stands',
    },
    {
      id: 'a cure, not decided on',
      model: () => {
        const model = right();
        const notice = model.act(NOTICE, { clauses: ['M9'], cureBy: null });
        model.say('lab', 'cure/1', { notice, analog: null, summary: 'done' }, time('2026-05-02'));
        return model;
      },
      state: 'cannot-be-known',
      code: 'cure-undecided',
    },
    {
      id: 'a notice, settled',
      model: () => {
        const model = right();
        const notice = model.act(NOTICE, { clauses: ['M9'], cureBy: null });
        model.act(
          'determination/1',
          { analog: null, outcome: 'compliant', clauses: [], settles: [notice] },
          time('2026-05-02'),
        );
        return model;
      },
      state: 'met',
      code: 'nothing-stands',
    },
    {
      id: 'a notice, withdrawn by who gave it',
      model: () => {
        const model = right();
        const statement = model.act(NOTICE, { clauses: ['M9'], cureBy: null });
        model.say('regulator', 'withdrawal/1', { statement, reason: 'an error' }, time('2026-05-02'));
        return model;
      },
      state: 'met',
      code: 'nothing-stands',
    },
    {
      id: 'a notice, withdrawn by another',
      model: () => {
        const model = right();
        const statement = model.act(NOTICE, { clauses: ['M9'], cureBy: null });
        model.say('other-regulator', 'withdrawal/1', { statement, reason: 'a view' }, time('2026-05-02'));
        return model;
      },
      state: 'not-met',
      code: 'notice-stands',
    },
    {
      id: 'a fine',
      model: () => {
        const model = right();
        const notice = model.act(NOTICE, { clauses: ['M9'], cureBy: '2027-01-01' });
        model.act(
          'penalty/1',
          { notice, fine: { currency: 'EUR', amount: 1 }, suspendedUntil: null },
          time('2026-05-02'),
        );
        return model;
      },
      state: 'not-met',
      code: 'penalty-stands',
    },
    {
      id: 'a suspension that is served',
      model: () => {
        const model = right();
        const notice = model.act(NOTICE, { clauses: ['M9'], cureBy: '2026-06-30' });
        model.act('penalty/1', { notice, fine: null, suspendedUntil: '2026-05-31' }, time('2026-05-02'));
        return model;
      },
      state: 'pending',
      code: 'cure-awaited',
      until: time('2026-07-01T00:00:00'),
    },
    {
      id: 'released while suspended',
      model: () => {
        const model = right();
        const notice = model.act(NOTICE, { clauses: ['M9'], cureBy: '2026-06-30' });
        model.act('penalty/1', { notice, fine: null, suspendedUntil: '2026-05-31' }, time('2026-05-02'));
        return model.releaseFrontier({}, time('2026-05-20'));
      },
      state: 'not-met',
      code: 'released-while-suspended',
    },
  ],
  M16: [
    { id: 'no acts', model: right, state: 'met', code: 'grounds-named' },
    {
      id: 'one of the charter’s',
      model: acted([NOTICE, { clauses: ['M9'], cureBy: null }]),
      state: 'met',
      code: 'grounds-named',
    },
    {
      id: 'one of nobody’s',
      model: acted([NOTICE, { clauses: ['M9'], cureBy: null, jurisdiction: 'elsewhere' }]),
      state: 'not-met',
      code: 'jurisdiction-unknown',
    },
  ],
  M17: [
    { id: 'no delay', model: right, state: 'met', code: 'no-delay' },
    {
      id: 'a delay',
      model: () => frontier().releaseAnalog({}, DUE),
      state: 'not-met',
      code: 'delay-not-covered',
    },
    {
      id: 'a delay that was granted',
      model: () => {
        const model = frontier();
        model.act('extension/1', { until: '2026-05-31', review: 'dual-use' }, time('2026-04-10'));
        return model.releaseAnalog({}, time('2026-05-20'));
      },
      state: 'met',
      code: 'extended',
    },
    {
      id: 'granted too late',
      model: () => {
        const model = frontier();
        model.act('extension/1', { until: '2026-05-31', review: 'dual-use' }, DUE);
        return model.releaseAnalog({}, time('2026-05-20'));
      },
      state: 'not-met',
      code: 'delay-not-covered',
    },
    {
      id: 'longer than the policy lets it be',
      model: () => {
        const model = frontier();
        model.act('extension/1', { until: '2026-12-31', review: 'dual-use' }, time('2026-04-10'));
        return model.releaseAnalog({}, time('2026-07-16T00:00:00'));
      },
      at: time('2026-08-01'),
      state: 'not-met',
      code: 'delay-not-covered',
    },
    {
      id: 'a second one, on top of the first',
      model: () => {
        const model = frontier();
        model.act('extension/1', { until: '2026-05-15', review: 'dual-use' }, time('2026-04-10'));
        model.act('extension/1', { until: '2026-06-15', review: 'dual-use' }, time('2026-05-10'));
        return model.releaseAnalog({}, time('2026-06-15T23:59:59'));
      },
      at: time('2026-08-01'),
      state: 'met',
      code: 'extended',
    },
  ],
  M18: [
    { id: 'before the release', model: right, state: 'met', code: 'evaluation-there' },
    { id: 'none', model: analog({}), state: 'not-met', code: 'evaluation-missing' },
    {
      id: 'in the same moment',
      model: () => frontier().releaseAnalog().evaluate({}, time('2026-03-01')),
      state: 'not-met',
      code: 'evaluation-late',
    },
    {
      id: 'of other bytes',
      model: () =>
        frontier()
          .evaluate({ checkpoint: contentCid('other') })
          .releaseAnalog(),
      state: 'not-met',
      code: 'evaluation-missing',
    },
    {
      id: 'a risk left out',
      model: () =>
        frontier()
          .evaluate({ risks: [{ risk: 'jailbreak-training', result: 'acceptable' }] })
          .releaseAnalog(),
      state: 'not-met',
      code: 'risks-missing',
    },
    {
      id: 'a risk that is not acceptable',
      model: () =>
        frontier()
          .evaluate({ risks: POLICY.evaluation.risks.map((risk) => ({ risk, result: 'not-acceptable' })) })
          .releaseAnalog(),
      state: 'not-met',
      code: 'risk-not-acceptable',
    },
  ],
  M19: [
    { id: 'no guidance', model: right, state: 'met', code: 'no-ceiling' },
    ...(
      [
        ['below', 100_000, '2026-02-01', 'met', 'below-ceiling'],
        ['above', 99_999, '2026-03-01', 'not-met', 'above-ceiling'],
        ['of a later day', 99_999, '2026-03-02', 'met', 'no-ceiling'],
      ] as const
    ).map(([id, parameterCeiling, appliesFrom, state, code]) => ({
      id,
      model: () => {
        const model = frontier();
        const body = { title: 't', text: 't', appliesFrom, parameterCeiling };
        model.act('guidance/1', body, time('2026-02-01'));
        return model.releaseAnalog();
      },
      state,
      code,
    })),
  ],
  M20: [
    { id: 'mandatory', model: right, state: 'met', code: 'phase-mandatory' },
    {
      id: 'voluntary',
      model: () => new ModelCase({ phases: [{ from: '2026-01-16', mode: 'mandatory' }] }).releaseFrontier(),
      state: 'met',
      code: 'phase-voluntary',
    },
  ],
  M21: [
    { id: 'nothing', model: right, state: 'met', code: 'nothing-withheld' },
    {
      id: 'with a reason',
      model: () => new ModelCase().releaseFrontier({ model: { ...frontierModel, parameters: WITHHELD } }),
      state: 'met',
      code: 'withheld-with-reason',
    },
    {
      id: 'without',
      model: () => new ModelCase().releaseFrontier({ model: { ...frontierModel, parameters: null } }),
      state: 'not-met',
      code: 'withheld-without-reason',
    },
  ],
  M22: [
    { id: 'stated', model: right, state: 'met', code: 'costs-stated' },
    {
      id: 'none',
      model: () => frontier().releaseAnalog().report({ costs: [] }),
      state: 'not-met',
      code: 'costs-missing',
    },
    {
      id: 'withheld',
      model: () => frontier().releaseAnalog().report({ costs: WITHHELD }),
      state: 'cannot-be-known',
      code: 'costs-withheld',
    },
  ],
  N5: [
    { id: 'everything', model: right, state: 'met', code: 'checklist-done' },
    {
      id: 'parts left out',
      model: () =>
        frontier()
          .evaluate({ done: ['adversarial'] })
          .releaseAnalog(),
      state: 'not-met',
      code: 'checklist-incomplete',
    },
    {
      id: 'two that complete one another',
      model: () =>
        frontier()
          .evaluate({ done: ['adversarial'] })
          .evaluate({}, time('2026-02-21'))
          .releaseAnalog(),
      state: 'met',
      code: 'checklist-done',
    },
  ],
  N6: [
    { id: 'weights and fine-tuning', model: right, state: 'met', code: 'access-enough' },
    {
      id: 'an interface',
      model: () =>
        frontier()
          .evaluate({ access: ['interface', 'weights'] })
          .releaseAnalog(),
      state: 'not-met',
      code: 'access-limited',
    },
  ],
};

describe.each(CLAUSES)('clause %s', (clause) => {
  it.each(ROWS[clause])('$id: $state, $code', ({ model, at = LATER, state, code, until }) => {
    const result = model().clause(clause, at);
    expect(result).toMatchObject(until === undefined ? { state, code } : { state, code, until });
  });

  it('waits for the analog, where it is about one', () => {
    const { code, state } = frontier().clause(clause, IN_TIME);
    if (code === 'analog-awaited') expect(state).toBe('pending');
    else expect(ROWS[clause].map((row) => row.code)).toContain(code);
  });
});

describe('an assessment', () => {
  it('is as of its date: what came later is not in it', () => {
    const model = right();
    const before = model.assessment(time('2026-02-01'));
    model.act(NOTICE, { clauses: ['M9'], cureBy: null }, time('2026-02-02'));
    expect(model.assessment(time('2026-02-01'))).toEqual(before);
  });

  it('says what the lab owes', () => {
    expect(right().assessment(LATER).obligation).toBe('mandatory');
    const voluntary = new ModelCase({ phases: [] }).complete().assessment(LATER);
    expect(voluntary.obligation).toBe('voluntary');
    expect(voluntary.clauses.map(({ state }) => state)).toEqual(
      right()
        .assessment(LATER)
        .clauses.map(({ state }) => state),
    );
  });

  it('rests on the policy of the version that governs the release', () => {
    const model = new ModelCase();
    model.releaseFrontier();
    model.world.amend({ ...POLICY, ratioPpm: { from: 1, to: 2 } }, time('2026-02-01'));
    expect(model.releaseAnalog().clause('M6', LATER).state).toBe('met');
    model.releaseFrontier({}, time('2026-02-02')).releaseAnalog({}, time('2026-03-10'));
    expect(model.clause('M6', LATER).state).toBe('not-met');
    expect(model.assessment(LATER).charter).toBe(1);
  });

  it('counts seconds where the federation rehearses', () => {
    const released = time('2026-01-15T12:00:00');
    const rehearsed = (seenAt: number) =>
      new ModelCase({ window: { ...POLICY.window, rehearsalSeconds: 30 } })
        .releaseFrontier({}, released)
        .releaseAnalog({}, seenAt);
    expect(rehearsed(released + 29_000).clause('M7', LATER).code).toBe('in-time');
    expect(rehearsed(released + 30_000).clause('M7', LATER).code).toBe('late');
    expect(rehearsed(released + 29_000).assessment(LATER).clock).toEqual({
      from: released,
      opens: released,
      usualEnd: released + 30_000,
      ends: released + 30_000,
    });
  });

  it('takes the analog that breaks the fewest clauses, of equals the first', () => {
    const model = frontier().evaluate().releaseAnalog({ licence: 'GPL-3.0-only' });
    const first = model.analog;
    model.releaseAnalog({}, time('2026-03-02'));
    const second = model.analog;
    expect(model.assessment(LATER).analog).toBe(second);
    model.releaseAnalog({}, time('2026-03-03'));
    expect(model.assessment(LATER).analog).toBe(second);
    expect(model.assessment(time('2026-03-01T13:00:00')).analog).toBe(first);
  });
});
