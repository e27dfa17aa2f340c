import { pickBelow } from '../seed.ts';
import type { Deed, DeedOf, PlainPolicy, Scale, Stated } from './deeds.ts';

const DAY_MS = 86_400_000;
const BEGIN = Date.UTC(2026, 0, 1);
/** Models are released in three years; what is said of them goes on for one more. */
const END = Date.UTC(2029, 0, 1);
export const LAST = Date.UTC(2030, 0, 1);

export const LABS = Array.from({ length: 20 }, (_, i) => `lab-${i}`);
export const MODELS = 60;
const REGULATORS = ['regulator-east', 'regulator-west'];
const INSPECTORS = ['verifier-north', 'verifier-south', 'regulator-east'];
const KEEPERS = ['verifier-north', 'verifier-south', 'academy'];

const CHECKLIST = [
  'threat-models',
  'automated-and-human',
  'behaviour-and-mechanism',
  'adversarial',
  'robust-to-deception',
  'latent-capability',
  'fine-tuning-attack',
  'whole-lifecycle',
  'with-and-without-integrations',
  'accessible',
  'graded-difficulty',
  'safe',
];

const FIRST_POLICY: PlainPolicy = {
  thresholds: [
    {
      measure: 'operations',
      least: { significand: 1, exponent: 26 },
      source: 'a state law',
      since: '2026-01-01',
    },
  ],
  ratioPpm: { from: 5_000, to: 50_000 },
  window: { fromMonths: 1, toMonths: 3, utcOffsetMinutes: 0 },
  extensionMonths: 3,
  parts: [
    'model-card',
    'data-description',
    'scripts',
    'licence-file',
    'security-evaluation',
    'compliance-report',
  ],
  licences: ['Apache-2.0', 'MIT', 'CC-BY-4.0'],
  restrictions: ['no-weapons'],
  evaluation: { risks: ['capability-extraction', 'jailbreak-training'] },
  copies: 2,
  reportDays: 30,
  auditMonths: 12,
  phases: [
    { from: '2026-02-15', mode: 'voluntary' },
    { from: '2027-01-01', mode: 'mandatory' },
  ],
  jurisdictions: [{ id: 'example-state', name: 'Example State', legalBasis: 'Example Act' }],
};

/** The policies, each from when it is in force; amendments in the middle of everything. */
const POLICIES: readonly { readonly at: number; readonly policy: PlainPolicy }[] = [
  {
    at: Date.UTC(2026, 8, 3, 11),
    policy: {
      ...FIRST_POLICY,
      ratioPpm: { from: 4_000, to: 40_000 },
      window: { fromMonths: 1, toMonths: 3, utcOffsetMinutes: 120 },
      auditMonths: 6,
    },
  },
  {
    at: Date.UTC(2027, 5, 19, 7),
    policy: {
      ...FIRST_POLICY,
      thresholds: [
        ...FIRST_POLICY.thresholds,
        {
          measure: 'parameters',
          least: { significand: 5, exponent: 11 },
          source: 'agreed',
          since: '2027-09-01',
        },
      ],
      window: { fromMonths: 1, toMonths: 3, utcOffsetMinutes: -300 },
      licences: ['Apache-2.0', 'MIT'],
      copies: 1,
      extensionMonths: 2,
      evaluation: { risks: ['capability-extraction', 'jailbreak-training', 'other-misuse'] },
    },
  },
  {
    at: Date.UTC(2028, 2, 1, 0),
    policy: {
      ...FIRST_POLICY,
      window: { fromMonths: 0, toMonths: 4, utcOffsetMinutes: 540 },
      parts: ['model-card', 'data-description', 'licence-file', 'compliance-report'],
      reportDays: 10,
      auditMonths: null,
      jurisdictions: [{ id: 'another-state', name: 'Another State', legalBasis: 'Another Act' }],
    },
  },
];

export interface Scenario {
  readonly policy: PlainPolicy;
  /** In the order of their times, no two at once. */
  readonly deeds: readonly Deed[];
}

/** Three years of a federation of twenty labs: sixty models, and everything that can go wrong with an analog. */
export function makeScenario(random: () => number): Scenario {
  const pick = <T>(items: readonly T[]): T => items[pickBelow(random, items.length)] as T;
  const chance = (share: number): boolean => random() < share;
  const days = (most: number): number => Math.floor((random() * most * DAY_MS) / 1_000) * 1_000;
  const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
  const sketches: Deed[] = POLICIES.map((each) => ({ deed: 'amend', who: 'academy', ...each }));

  /** Often late on the last days of a month, where months differ and time zones decide. */
  function moment(): number {
    const at = BEGIN + Math.floor((random() * (END - BEGIN)) / 1_000) * 1_000;
    if (!chance(0.5)) return at;
    const day = new Date(at);
    const last = Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0);
    return last - pickBelow(random, 3) * DAY_MS + (20 * 3_600 + pickBelow(random, 8 * 3_600)) * 1_000;
  }

  function stateOf<T>(value: T): Stated<T> {
    return chance(0.15) ? 'withheld' : chance(0.1) ? null : value;
  }

  function addModel(index: number): void {
    const model = `model-${index}`;
    const lab = LABS[index % LABS.length] as string;
    const at = moment();
    const size = 100_000_000_000 + pickBelow(random, 900_000) * 1_000_000;
    const operations: Scale = { significand: 1 + pickBelow(random, 40), exponent: 25 };
    const parameters = stateOf(size);
    const sealedSize = parameters === 'withheld' && chance(0.7) ? size : null;
    const frontier: DeedOf<'frontier'> = {
      deed: 'frontier',
      at,
      who: lab,
      model,
      parameters,
      sealedSize,
      operations: stateOf(operations),
      family: 'llama',
      tokenizer: stateOf('tokenizer'),
      training: stateOf(`data of ${model}`),
    };
    sketches.push(frontier);
    // by its lab or by one that has no say, true or not, and more than once
    for (let i = sealedSize === null ? 0 : pick([0, 1, 2]); i > 0; i--)
      sketches.push({
        deed: 'disclose',
        at: at + 1_000 + days(400),
        who: chance(0.8) ? lab : pick(LABS),
        model,
        isTrue: chance(0.7),
      });
    const analogs = Array.from({ length: pick([0, 1, 1, 1, 1, 2]) }, (_, i) => {
      return addAnalog(index, lab, at, size, i);
    });
    addActs(model, lab, at, analogs);
  }

  function addAnalog(index: number, lab: string, from: number, size: number, number: number): string {
    const model = `model-${index}`;
    const name = `${model}-analog-${number}`;
    const bytes = `bytes of ${name}`;
    const at = from + days(chance(0.7) ? 100 : 220);
    const true_ = Math.floor(size * pick([0.003, 0.0049, 0.006, 0.02, 0.03, 0.045, 0.06]));
    const stated = chance(0.2) ? Math.floor(size * 0.02) : true_;
    const licence = pick(['Apache-2.0', 'Apache-2.0', 'MIT', 'CC-BY-4.0', 'GPL-3.0-only']);
    sketches.push({
      deed: 'analog',
      at,
      who: lab,
      model,
      name,
      bytes,
      parameters: stated,
      family: chance(0.1) ? 'gemma' : 'llama',
      tokenizer: chance(0.8) ? (chance(0.9) ? 'tokenizer' : 'another tokenizer') : null,
      training: stateOf(chance(0.9) ? `data of ${model}` : 'other data'),
      distilledFrom: chance(0.85) ? 'this' : chance(0.5) ? 'another' : null,
      licence,
      restrictions: chance(0.15) ? ['no-weapons'] : chance(0.1) ? ['no-research'] : [],
    });
    for (const who of INSPECTORS.filter(() => chance(0.6))) {
      for (let times = chance(0.2) ? 2 : 1; times > 0; times--) {
        const isWrong = chance(0.05);
        sketches.push({
          deed: 'inspect',
          at: at + days(60),
          who,
          bytes,
          parameters: chance(0.1) ? null : isWrong ? true_ + 1 : true_,
          family: chance(0.5) ? 'llama' : null,
          tokenizer: chance(0.7) ? 'tokenizer' : null,
          licence: chance(0.8) ? (chance(0.95) ? licence : 'MIT') : null,
          requirements: Object.fromEntries(
            [3, 4, 5, 6, 8].map((number) => [number, chance(0.05) ? null : !chance(0.07)]),
          ),
        });
      }
    }
    // before the release, mostly
    for (let i = pick([0, 1, 1, 1, 2]); i > 0; i--)
      sketches.push({
        deed: 'evaluate',
        at: chance(0.85) ? Math.max(from + 1_000, at - days(20) - 1_000) : at + days(20),
        who: pick([lab, 'academy', 'verifier-north']),
        model,
        bytes: chance(0.95) ? bytes : 'other bytes',
        risks: Object.fromEntries(
          ['capability-extraction', 'jailbreak-training', 'other-misuse'].flatMap((risk) =>
            chance(0.1)
              ? []
              : [[risk, chance(0.05) ? 'not-acceptable' : chance(0.1) ? 'not-tested' : 'acceptable']],
          ),
        ),
        done: chance(0.6) ? CHECKLIST : CHECKLIST.filter(() => chance(0.8)),
        access: chance(0.7) ? ['weights', 'fine-tuning'] : ['interface'],
      });
    for (const who of [...KEEPERS.filter(() => chance(0.6)), ...(chance(0.5) ? [lab] : [])]) {
      const pin = `${who} pins ${name}`;
      const pinned = at + days(20);
      sketches.push({
        deed: 'pin',
        at: pinned,
        who,
        name: pin,
        bytes,
        until: pinned + 200 * DAY_MS + days(400),
      });
      for (const asker of KEEPERS.filter((each) => each !== who && chance(0.6)))
        sketches.push({ deed: 'ask', at: pinned + days(150), who: asker, pin, answers: chance(0.85) });
    }
    if (chance(0.75))
      sketches.push({
        deed: 'report',
        at: at + days(45),
        who: lab,
        model,
        analog: name,
        costs: pick(['lines', 'lines', 'lines', 'none', 'withheld']),
      });
    if (chance(0.12)) sketches.push({ deed: 'supersede', at: at + days(90), who: lab, analog: name });
    return name;
  }

  function addActs(model: string, lab: string, from: number, analogs: readonly string[]): void {
    for (let i = pick([0, 0, 0, 1, 2]); i > 0; i--) {
      const name = `extension ${i} of ${model}`;
      const at = from + days(110);
      sketches.push({
        deed: 'extend',
        at,
        who: pick(REGULATORS),
        model,
        name,
        until: dateOf(from + (60 + pickBelow(random, 180)) * DAY_MS),
      });
      if (chance(0.15)) addWithdrawal(at, name);
    }
    for (let i = pick([0, 0, 1, 1, 2]); i > 0; i--) addNotice(`notice ${i} of ${model}`, model, lab, from);
    const notices = sketches.flatMap((each) =>
      each.deed === 'notice' && each.model === model ? [each] : [],
    );
    for (let i = pick([0, 0, 1, 2]); i > 0; i--) {
      const name = `determination ${i} of ${model}`;
      const at = Math.max(from, ...notices.map((each) => each.at)) + 1_000 + days(200);
      const known = sketches.filter((each) => each.deed === 'analog' && each.at < at).map(nameOf);
      const analog = chance(0.5) ? null : (analogs.find((each) => known.includes(each)) ?? null);
      sketches.push({
        deed: 'determine',
        at,
        who: pick(REGULATORS),
        model,
        name,
        analog,
        clauses: Object.fromEntries(
          ['M2', 'M3', 'M4', 'M5', 'M6', 'M9', 'M15', 'M22'].flatMap((clause) =>
            chance(0.4) ? [[clause, chance(0.7) ? 'met' : 'not-met']] : [],
          ),
        ),
        hasOpened: chance(0.6),
        settles: notices.filter(() => chance(0.5)).map(nameOf),
      });
      if (chance(0.1)) addWithdrawal(at, name);
    }
    for (let i = pick([0, 1, 1, 2]); i > 0; i--)
      sketches.push({
        deed: 'audit',
        at: from + days(420),
        who: pick(['academy', 'regulator-west', 'regulator-east']),
        model,
        conclusion: pick(['conforms', 'conforms', 'does-not-conform', 'not-concluded']),
      });
  }

  function addNotice(name: string, model: string, lab: string, from: number): void {
    const at = from + days(250);
    const cureBy = chance(0.3) ? null : dateOf(at + pickBelow(random, 90) * DAY_MS);
    const jurisdiction = chance(0.9) ? 'example-state' : 'another-state';
    sketches.push({ deed: 'notice', at, who: pick(REGULATORS), model, name, cureBy, jurisdiction });
    if (chance(0.4)) sketches.push({ deed: 'cure', at: at + 1_000 + days(100), who: lab, notice: name });
    if (chance(0.3)) addWithdrawal(at, name);
    if (!chance(0.4)) return;
    const penalty = `penalty after ${name}`;
    const isFined = chance(0.5);
    const punished = at + 1_000 + days(60);
    const suspendedUntil = isFined && chance(0.5) ? null : dateOf(punished + days(200));
    sketches.push({
      deed: 'punish',
      at: punished,
      who: pick(REGULATORS),
      model,
      name: penalty,
      notice: name,
      isFined,
      suspendedUntil,
    });
    if (chance(0.6)) addWithdrawal(punished, penalty);
  }

  /** By its own regulator, or by another, which does nothing. */
  function addWithdrawal(after: number, what: string): void {
    const said = sketches.find((each) => 'name' in each && each.name === what);
    const who = chance(0.85) && said !== undefined ? said.who : pick(REGULATORS);
    sketches.push({ deed: 'withdraw', at: after + 1_000 + days(150), who, what });
  }

  for (let i = 0; i < MODELS; i++) addModel(i);
  for (let i = 0; i < 4; i++) {
    const at = moment();
    const name = `guidance ${i}`;
    const appliesFrom = dateOf(at + pickBelow(random, 60) * DAY_MS);
    const ceiling = pick([null, 10_000_000_000, 20_000_000_000, 30_000_000_000]);
    sketches.push({ deed: 'guide', at, who: pick(REGULATORS), name, ceiling, appliesFrom });
    if (chance(0.4)) addWithdrawal(at, name);
  }
  return { policy: FIRST_POLICY, deeds: inOrder(sketches) };
}

function nameOf(deed: Deed): string {
  return 'name' in deed ? deed.name : '';
}

/** Sorted, each a second at least after the one before. */
function inOrder(sketches: readonly Deed[]): Deed[] {
  let last = 0;
  return sketches
    .toSorted((a, b) => a.at - b.at)
    .map((each) => {
      const at = Math.max(each.at, last + 1_000);
      last = at;
      return { ...each, at };
    });
}
