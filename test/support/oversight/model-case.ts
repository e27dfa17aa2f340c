import type { FederationId, MessageId } from '../../../protocols/base/ids.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { withhold } from '../../../protocols/disclosure/index.ts';
import { type ClauseId, EVALUATION_ITEMS, type OversightPolicy } from '../../../protocols/kinds/index.ts';
import { assess, type ClauseResult, DEFAULT_OVERSIGHT_POLICY } from '../../../protocols/oversight/index.ts';
import { contentCid, pinCheckBody } from '../samples.ts';
import { checkpointOf, World } from './world.ts';

const TOKENIZER = 'ab'.repeat(32);
const GROUND = { jurisdiction: 'example-state', legalBasis: 'Example Act', reason: 'as found' };
export const POLICY: OversightPolicy = {
  ...DEFAULT_OVERSIGHT_POLICY,
  thresholds: DEFAULT_OVERSIGHT_POLICY.thresholds.map((each) => ({ ...each, since: '2020-01-01' })),
  phases: [{ from: '2025-01-01', mode: 'mandatory' }],
  jurisdictions: [{ id: 'example-state', name: 'Example State', legalBasis: 'Example Act' }],
};

/** A moment in UTC, such as `2026-03-31T23:59:59`. */
export function time(text: string): number {
  return Date.parse(`${text.length === 10 ? `${text}T12:00:00` : text}Z`);
}

/**
 * One lab, one model of 15 January 2026 (its window: 15 February to 15 April), and everything about it right unless a
 * test says otherwise.
 */
export class ModelCase {
  readonly world: World;
  frontier = 'not released' as MessageId;
  analog = 'not released' as MessageId;

  constructor(policy: Partial<OversightPolicy> = {}) {
    this.world = new World(
      {
        lab: ['lab'],
        'other-lab': ['lab'],
        academy: ['academic'],
        regulator: ['regulator'],
        'other-regulator': ['regulator'],
        verifier: ['verifier'],
        'other-verifier': ['verifier'],
        'lab-verifier': ['verifier', 'academic'],
      },
      { ...POLICY, ...policy },
      { 'lab-verifier': 'lab' },
    );
  }

  releaseFrontier(changes: PlainObject = {}, at = time('2026-01-15')): this {
    this.frontier = this.say('lab', 'frontier-release/1', { ...frontierNotice(), ...changes }, at);
    return this;
  }

  releaseAnalog(changes: PlainObject = {}, at = time('2026-03-01')): this {
    const body = { frontier: this.frontier, ...analogNotice(), distilledFrom: this.frontier, ...changes };
    this.analog = this.say('lab', 'analog-release/1', body, at);
    return this;
  }

  /** The notice of the frontier release with one field withheld under a commitment. */
  withhold(field: string, salt: Uint8Array, notice: PlainObject = frontierNotice()) {
    const author = this.world.keyOf('lab');
    const federation = this.world.fold.charters()[0]?.id as FederationId;
    const done = withhold(
      { federation, author, kind: 'frontier-release/1', body: notice },
      { field, reason: 'trade-secret', retainedUntil: '2036-01-15', salt, readers: [] },
    );
    if (!done.ok) throw new TypeError(done.detail);
    return done.value;
  }

  evaluate(changes: PlainObject = {}, at = time('2026-02-20')): this {
    this.say('academy', 'security-evaluation/1', { ...this.evaluation(), ...changes }, at);
    return this;
  }

  inspect(changes: PlainObject = {}, at = time('2026-03-05'), by = 'verifier'): this {
    this.say(by, 'inspection/1', { ...inspection(), ...changes }, at);
    return this;
  }

  /** Two members promise copies and show them. */
  keep(at = time('2026-03-10')): this {
    for (const keeper of ['verifier', 'academy']) {
      const pin = this.say(
        keeper,
        'pin/1',
        { checkpoint: checkpointOf('analog'), until: time('2030-01-01') },
        at,
      );
      this.say('other-verifier', 'pin-check/1', pinCheckBody([{ pin, at: at + 1_000 }]), at + 1_000);
    }
    return this;
  }

  report(changes: PlainObject = {}, at = time('2026-03-20')): this {
    const body = {
      frontier: this.frontier,
      analog: this.analog,
      asOf: at,
      charter: this.world.fold.charter().id,
      clauses: [],
      creation: [],
      costs: [{ item: 'distillation', gpuHours: 5_700, usd: 70_053 }],
      ...changes,
    };
    this.say('lab', 'compliance-report/1', body, at);
    return this;
  }

  /** An act of the regulator on the model. */
  act(kind: string, changes: PlainObject = {}, at = time('2026-05-01'), by = 'regulator'): MessageId {
    return this.say(by, kind, { frontier: this.frontier, ...GROUND, ...changes }, at);
  }

  /** All of it right. */
  complete(): this {
    return this.releaseFrontier().evaluate().releaseAnalog().inspect().keep().report();
  }

  say(name: string, kind: string, body: PlainObject, at: number): MessageId {
    return this.world.say(name, kind, body, at);
  }

  /** How one clause stands. */
  clause(clause: ClauseId, at: number): ClauseResult {
    const { clauses } = this.assessment(at);
    return clauses.find((each) => each.clause === clause) as ClauseResult;
  }

  assessment(at: number) {
    const assessment = assess(this.world.dossiers(), this.frontier, this.world.policyOf, at);
    if (assessment === null) throw new TypeError('the model is not known by then');
    return assessment;
  }

  evaluation(): PlainObject {
    return {
      frontier: this.frontier,
      checkpoint: contentCid('analog'),
      evaluator: 'Example Evaluators',
      risks: POLICY.evaluation.risks.map((risk) => ({ risk, result: 'acceptable' })),
      done: [...EVALUATION_ITEMS],
      access: ['weights', 'fine-tuning'],
      marginalRisk: null,
      summary: 'as tested',
      report: null,
    };
  }
}

export const frontierModel = {
  name: 'frontier',
  version: '1',
  modelType: 'llama',
  parameters: 10_000_000,
  tokenizer: TOKENIZER,
};

export function frontierNotice(): PlainObject {
  return {
    model: frontierModel,
    deployedOn: '2026-01-10',
    access: 'closed',
    scale: { operations: { significand: 2, exponent: 26 } },
    training: contentCid('data'),
    summary: 'as deployed',
    checkpoint: null,
  };
}

export const analogModel = {
  name: 'analog',
  version: '1',
  modelType: 'llama',
  parameters: 100_000,
  tokenizer: TOKENIZER,
};

export function analogNotice(): PlainObject {
  return {
    model: analogModel,
    licence: 'Apache-2.0',
    training: contentCid('data'),
    summary: 'distilled',
    checkpoint: checkpointOf('analog'),
  };
}

export function inspection(): PlainObject {
  return {
    checkpoint: contentCid('analog'),
    parameters: 100_000,
    modelType: 'llama',
    tokenizer: TOKENIZER,
    licence: 'Apache-2.0',
    requirements: [1, 2, 3, 4, 5, 6, 7, 8].map((requirement) => ({ requirement, state: 'met', code: null })),
  };
}

/** The inspection with one requirement failed. */
export function lacking(requirement: number): PlainObject {
  return { requirements: [{ requirement, state: 'failed', code: 'heading-missing' }] };
}

export const WITHHELD = { withheld: { reason: 'trade-secret', retainedUntil: '2036-01-15' } };
