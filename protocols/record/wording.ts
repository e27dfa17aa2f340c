import type { Outcome } from '../kinds/index.ts';
import type { ReasonCode, Standing } from '../verdict/index.ts';
import type { Discount } from './record.ts';

/** What the codes of the record mean, for readers who do not know the rule. The page and the command both show these. */
export const REASON_SENTENCES: Readonly<Record<ReasonCode, string>> = {
  'beats-chance': 'It is more than random arrangements of the same items come to.',
  'beats-control': 'It does more than random vectors of the same size.',
  'chance-unresolved': 'It could not be told from what random arrangements of the same items come to.',
  'change-unresolved': 'There were too few prompts to show any change from the untreated model.',
  'claimed-counts-differ': 'The counts seen differ from the counts claimed by more than chance allows.',
  'claimed-values-differ':
    'The numbers seen differ from the numbers claimed by more than their margins allow.',
  'control-does-the-same': 'A random vector of the same size does it too, so the vector explains nothing.',
  'control-unresolved': 'It could not be told from a random vector of the same size.',
  'counts-incomplete': 'The re-run lacks counts that the rule needs.',
  'effect-not-reproduced': 'The claimed effect did not appear in the re-run.',
  'effect-reproduced': 'The claimed effect appeared in the re-run.',
  'effect-unresolved': 'There were too few prompts to tell whether the claimed effect is there.',
  'gate-failed': 'It harms what should stay as it was: a benign measure fell by more than allowed.',
  'gate-passed': 'What should stay as it was did: no benign measure fell by more than allowed.',
  'gate-unresolved': 'There were too few prompts to tell whether a benign measure fell by more than allowed.',
  'no-change-from-baseline':
    'The treated model does not differ from the untreated one by more than chance allows.',
};

export const STANDING_SENTENCES: Readonly<Record<Standing, string>> = {
  confirmed: 'Enough independent verifiers re-ran it and saw what it claims.',
  disputed: 'Enough verifiers confirm it and enough refute it.',
  open: 'Too few verifiers have settled it yet.',
  refuted: 'Enough independent verifiers re-ran it and it does not hold.',
};

export const OUTCOME_SENTENCES: Readonly<Record<Outcome, string>> = {
  confirmed: 'The re-run bears the claim out.',
  'hardware-dependent': 'The result depends on the hardware it runs on.',
  inconclusive: 'The re-run settles nothing either way.',
  'not-rerunnable': 'The verifier could not run it.',
  refuted: 'The re-run contradicts the claim.',
};

export const DISCOUNT_SENTENCES: Readonly<Record<Discount, string>> = {
  'controls-not-drawn': 'Not counted: the verdict does not run the random controls that the finding draws.',
  'outcome-not-derived': 'Not counted: the stated outcome does not follow from the stated counts.',
  'own-organisation': 'Not counted: the verifier belongs to the organisation that published the finding.',
  superseded: 'Not counted: the same verifier has spoken again since.',
};

/** The sentence of a code, or the code itself where this version does not know it. */
export function sentenceOf(sentences: Readonly<Record<string, string>>, code: string): string {
  return Object.hasOwn(sentences, code) ? (sentences[code] as string) : code;
}
