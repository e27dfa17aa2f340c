import type { AnalogEntry } from '../record/index.ts';
import type { Case } from './case.ts';
import { inspectedFact } from './inspected.ts';
import { type Finding, fact, met, notMet, unknown } from './result.ts';

/** spec 18-oversight §4, M3 */
export function judgeFamily(given: Case, analog: AnalogEntry): Finding {
  const { frontier } = given.dossier;
  const families = pairOf(given, analog, 'modelType', frontier.modelType, analog.modelType);
  const tokenizers = pairOf(given, analog, 'tokenizer', frontier.tokenizer, analog.tokenizer);
  if (families === null || tokenizers === null) return unknown('inspections-disagree');
  const facts = [
    fact('family of the frontier model', families.of, frontier),
    fact('family of the analog', families.by, analog),
  ];
  if (families.of !== families.by) return notMet('family-differs', ...facts);
  if (tokenizers.of === null || tokenizers.by === null) return unknown('tokenizer-unknown', ...facts);
  return tokenizers.of === tokenizers.by
    ? met('family-same', ...facts, fact('tokenizer', tokenizers.by, analog))
    : notMet('tokenizer-differs', ...facts, fact('tokenizer', tokenizers.by, analog));
}

/** What those who looked found goes before what the releases state; null where they disagree. */
function pairOf(
  given: Case,
  analog: AnalogEntry,
  field: 'modelType' | 'tokenizer',
  ofFrontier: string | null,
  ofAnalog: string | null,
): { readonly of: string | null; readonly by: string | null } | null {
  const of = inspectedFact(given, given.dossier.frontier.checkpoint, field);
  const by = inspectedFact(given, analog.checkpoint, field);
  if (of === 'disagree' || by === 'disagree') return null;
  return { of: of?.value ?? ofFrontier, by: by?.value ?? ofAnalog };
}

/** spec 18-oversight §4, M4 */
export function judgeData({ dossier: { frontier } }: Case, analog: AnalogEntry): Finding {
  const facts = [
    fact('statement of the frontier model', frontier.training, frontier),
    fact('statement of the analog', analog.training, analog),
  ];
  if (frontier.training === null || analog.training === null) return unknown('data-unknown', ...facts);
  return frontier.training === analog.training
    ? met('data-same', ...facts)
    : notMet('data-differs', ...facts);
}

/** spec 18-oversight §4, M5 */
export function judgeDistillation({ dossier: { frontier } }: Case, analog: AnalogEntry): Finding {
  const from = fact('distilled from', analog.distilledFrom, analog);
  if (analog.distilledFrom === null) return unknown('distillation-unstated', from);
  return analog.distilledFrom === frontier.id
    ? met('distilled', from)
    : notMet('distilled-from-another', from);
}

/** spec 18-oversight §4, M6 */
export function judgeRatio(given: Case, analog: AnalogEntry): Finding {
  const { frontier } = given.dossier;
  const whole = inspectedFact(given, frontier.checkpoint, 'parameters');
  const part = inspectedFact(given, analog.checkpoint, 'parameters');
  if (whole === 'disagree' || part === 'disagree') return unknown('inspections-disagree');
  const [size, count] = [whole?.value ?? frontier.parameters, part?.value ?? analog.parameters];
  const facts = [
    fact('parameters of the frontier model', size, whole?.by ?? frontier),
    fact(
      part === null ? 'parameters of the analog, as stated' : 'parameters counted',
      count,
      part?.by ?? analog,
    ),
    ...(count === analog.parameters ? [] : [fact('parameters stated', analog.parameters, analog)]),
  ];
  if (size === null) return unknown('ratio-unknown', ...facts);
  const { from, to } = given.policy.ratioPpm;
  // in big integers: at the ends of the window one parameter decides
  const share = BigInt(count) * 1_000_000n;
  if (share < BigInt(from) * BigInt(size)) return notMet('ratio-below', ...facts);
  return share > BigInt(to) * BigInt(size) ? notMet('ratio-above', ...facts) : met('ratio-inside', ...facts);
}
