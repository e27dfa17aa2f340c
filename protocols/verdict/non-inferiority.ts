/**
 * Paired non-inferiority by the score test of Tango (Statistics in Medicine 17, 1998): has a rate on the same
 * prompts fallen by more than a margin? Only + - * / and sqrt are used, which IEEE 754 rounds alike everywhere.
 */
export type GateState = 'passed' | 'failed' | 'unresolved';

/** One-sided 5 % point of the normal distribution. */
const Z_05 = 1.6448536269514722;

/**
 * @param lost prompts right before and wrong after
 * @param gained prompts wrong before and right after
 * @param n all prompts
 * @param margin largest harmless fall of the rate, 0 to 1
 */
export function gateState(lost: number, gained: number, n: number, margin: number): GateState {
  if (n === 0) return 'unresolved';
  const score = tangoScore(lost, gained, n, margin);
  if (score <= -Z_05) return 'passed';
  return score >= Z_05 ? 'failed' : 'unresolved';
}

/** Standardised distance of the observed fall from `margin`; negative when the fall is smaller. */
function tangoScore(lost: number, gained: number, n: number, margin: number): number {
  const distance = lost - gained - n * margin;
  // constrained maximum-likelihood estimate of the probability of a gain
  const a = 2 * n;
  const b = -lost - gained + (2 * n - lost + gained) * margin;
  const c = -gained * margin * (1 - margin);
  const gain = (Math.sqrt(b * b - 4 * a * c) - b) / (2 * a);
  const variance = n * (2 * gain + margin * (1 - margin));
  if (variance <= 0) return distance === 0 ? 0 : distance * Number.MAX_VALUE;
  return distance / Math.sqrt(variance);
}
