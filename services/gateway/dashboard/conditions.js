/** Conditions of a re-run in the order in which they are read. */
export const CONDITION_ORDER = ['baseline', 'treated', 'affine', 'native', 'control'];

/** @type {Readonly<Record<string, string>>} */
const WORDS = { affine: 'treated, affine map', control: 'random vector' };

/** @param {string} condition */
export function conditionWords(condition) {
  return WORDS[condition] ?? condition;
}
