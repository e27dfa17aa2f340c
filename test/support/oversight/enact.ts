import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from '../../../protocols/base/bytes.ts';
import type { FederationId, MessageId } from '../../../protocols/base/ids.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { commitmentOf } from '../../../protocols/disclosure/index.ts';
import type { OversightPolicy } from '../../../protocols/kinds/index.ts';
import { contentCid, pinCheckBody } from '../samples.ts';
import type { Deed, DeedOf, Stated } from './deeds.ts';
import { checkpointOf, type World } from './world.ts';

/** Says in the world what the deeds are, in their order. @returns ids of the messages, by the names that the deeds give */
export function enact(world: World, deeds: readonly Deed[]): ReadonlyMap<string, MessageId> {
  const ids = new Map<string, MessageId>([[NO_MODEL, world.fold.charter().id as string as MessageId]]);
  const seals = new Map<string, Seal>();
  for (const deed of deeds) {
    if (deed.deed === 'amend') {
      world.amend(deed.policy as unknown as OversightPolicy, deed.at);
      continue;
    }
    if (deed.deed === 'frontier' && deed.sealedSize !== null) seals.set(deed.model, sealOf(world, deed));
    const { kind, body } = messageOf(
      deed,
      (name) => ids.get(name) as MessageId,
      (model) => seals.get(model) ?? null,
    );
    const id = world.say(deed.who, kind, body, deed.at);
    const name = nameOf(deed);
    if (name !== null) ids.set(name, id);
  }
  return ids;
}

/** A size under a commitment. */
interface Seal {
  readonly size: number;
  readonly salt: string;
  readonly commitment: string;
}

function sealOf(world: World, { who, model, sealedSize: size }: DeedOf<'frontier'>): Seal {
  if (size === null) throw new TypeError('nothing is sealed');
  const salt = sha256(utf8(model));
  const commitment = commitmentOf(
    {
      federation: world.fold.charters()[0]?.id as FederationId,
      author: world.keyOf(who),
      kind: 'frontier-release/1',
      field: '/model/parameters',
    },
    { salt, value: size },
  );
  return { size, salt: toHex(salt), commitment };
}

function nameOf(deed: Deed): string | null {
  if (deed.deed === 'frontier') return deed.model;
  return 'name' in deed ? deed.name : null;
}

/** What an analog names that was distilled from a model that is none here. */
const NO_MODEL = 'no model';

const GROUND = { legalBasis: 'Example Act, section 3', reason: 'as found' };
const HERE = { jurisdiction: 'example-state', ...GROUND };

function messageOf(
  deed: Exclude<Deed, { readonly deed: 'amend' }>,
  idOf: (name: string) => MessageId,
  sealOfModel: (model: string) => Seal | null,
): { readonly kind: string; readonly body: PlainObject } {
  switch (deed.deed) {
    case 'frontier':
      return {
        kind: 'frontier-release/1',
        body: {
          model: {
            name: deed.model,
            version: '1',
            modelType: deed.family,
            parameters:
              deed.parameters === null ? null : stated(deed.parameters, (n) => n, sealOfModel(deed.model)),
            ...optional('tokenizer', deed.tokenizer, digestOf),
          },
          deployedOn: '2020-01-01',
          access: 'closed',
          scale: optional('operations', deed.operations, (value) => ({ ...value })),
          ...optional('training', deed.training, contentCid),
          summary: deed.model,
          checkpoint: null,
        },
      };
    case 'disclose': {
      const { size, salt } = sealOfModel(deed.model) as Seal;
      const value = deed.isTrue ? size : size + 1;
      return {
        kind: 'disclosure/1',
        body: { message: idOf(deed.model), fields: [{ field: '/model/parameters', salt, value }] },
      };
    }
    case 'analog':
      return {
        kind: 'analog-release/1',
        body: {
          frontier: idOf(deed.model),
          model: {
            name: deed.name,
            version: '1',
            modelType: deed.family,
            parameters: deed.parameters,
            ...optional('tokenizer', deed.tokenizer, digestOf),
          },
          licence: deed.licence,
          restrictions: [...deed.restrictions],
          ...optional('training', deed.training, contentCid),
          ...(deed.distilledFrom === null
            ? {}
            : { distilledFrom: deed.distilledFrom === 'this' ? idOf(deed.model) : idOf(NO_MODEL) }),
          summary: deed.name,
          checkpoint: checkpointOf(deed.bytes),
        },
      };
    case 'inspect':
      return {
        kind: 'inspection/1',
        body: {
          checkpoint: contentCid(deed.bytes),
          parameters: deed.parameters,
          modelType: deed.family,
          tokenizer: deed.tokenizer === null ? null : digestOf(deed.tokenizer),
          licence: deed.licence,
          requirements: Object.entries(deed.requirements).map(([number, isMet]) => ({
            requirement: Number(number),
            state: isMet === null ? 'open' : isMet ? 'met' : 'failed',
            code: isMet === false ? 'heading-missing' : null,
          })),
        },
      };
    case 'evaluate':
      return {
        kind: 'security-evaluation/1',
        body: {
          frontier: idOf(deed.model),
          checkpoint: contentCid(deed.bytes),
          evaluator: deed.who,
          risks: Object.entries(deed.risks).map(([risk, result]) => ({ risk, result })),
          done: [...deed.done],
          access: [...deed.access],
          marginalRisk: null,
          summary: 'as tested',
          report: null,
        },
      };
    case 'pin':
      return { kind: 'pin/1', body: { checkpoint: checkpointOf(deed.bytes), until: deed.until } };
    case 'ask':
      return {
        kind: 'pin-check/1',
        body: pinCheckBody([
          deed.answers
            ? { pin: idOf(deed.pin), at: deed.at }
            : { pin: idOf(deed.pin), at: deed.at, answered: 3, fault: 'late' },
        ]),
      };
    case 'report':
      return {
        kind: 'compliance-report/1',
        body: {
          frontier: idOf(deed.model),
          analog: idOf(deed.analog),
          asOf: deed.at,
          charter: idOf(deed.model),
          clauses: [],
          creation: [],
          costs:
            deed.costs === 'withheld'
              ? WITHHELD
              : deed.costs === 'none'
                ? []
                : [{ item: 'distillation', gpuHours: 5_700, usd: 70_053 }],
        },
      };
    case 'audit':
      return {
        kind: 'audit-attestation/1',
        body: {
          frontier: idOf(deed.model),
          analog: null,
          scope: 'all',
          conclusion: deed.conclusion,
          summary: 'as found',
          report: null,
        },
      };
    case 'extend':
      return {
        kind: 'extension/1',
        body: { frontier: idOf(deed.model), until: deed.until, review: 'dual-use', ...HERE },
      };
    case 'notice':
      return {
        kind: 'notice-of-non-compliance/1',
        body: {
          frontier: idOf(deed.model),
          clauses: ['M7'],
          cureBy: deed.cureBy,
          jurisdiction: deed.jurisdiction,
          ...GROUND,
        },
      };
    case 'cure':
      return { kind: 'cure/1', body: { notice: idOf(deed.notice), analog: null, summary: 'cured' } };
    case 'punish':
      return {
        kind: 'penalty/1',
        body: {
          frontier: idOf(deed.model),
          notice: idOf(deed.notice),
          fine: deed.isFined ? { currency: 'EUR', amount: 1_000 } : null,
          suspendedUntil: deed.suspendedUntil,
          ...HERE,
        },
      };
    case 'determine':
      return {
        kind: 'determination/1',
        body: {
          frontier: idOf(deed.model),
          analog: deed.analog === null ? null : idOf(deed.analog),
          outcome: 'incomplete',
          clauses: Object.entries(deed.clauses).map(([clause, state]) => ({ clause, state, reason: 'seen' })),
          opened: [deed.hasOpened ? (sealOfModel(deed.model)?.commitment ?? OTHER) : OTHER],
          settles: deed.settles.map(idOf),
          ...HERE,
        },
      };
    case 'withdraw':
      return { kind: 'withdrawal/1', body: { statement: idOf(deed.what), reason: 'no longer' } };
    case 'guide':
      return {
        kind: 'guidance/1',
        body: {
          title: deed.name,
          text: deed.name,
          appliesFrom: deed.appliesFrom,
          parameterCeiling: deed.ceiling,
          ...HERE,
        },
      };
    case 'supersede':
      return {
        kind: 'supersession/1',
        body: { subject: idOf(deed.analog), replacement: null, reason: 'another one is better' },
      };
  }
}

const WITHHELD = { withheld: { reason: 'trade-secret', retainedUntil: '2036-12-31' } };
/** A commitment that is nowhere. */
const OTHER = 'ab'.repeat(32);

function stated<T, U>(value: T | 'withheld', show: (value: T) => U, seal: Seal | null = null) {
  if (value !== 'withheld') return show(value as T);
  return seal === null ? WITHHELD : { withheld: { ...WITHHELD.withheld, commitment: seal.commitment } };
}

function optional<T>(name: string, value: Stated<T>, show: (value: T) => PlainObject[string]): PlainObject {
  return value === null ? {} : { [name]: stated(value as T | 'withheld', show) };
}

function digestOf(name: string): string {
  return toHex(sha256(utf8(name)));
}
