/**
 * Exact tests in integers. Every node must reach the same verdict from the same counts, so no test here rounds:
 * a probability is compared with its bound as one fraction with another. spec 07-verdict §6
 */
const MILLION = 1_000_000;

/**
 * P(X <= k) < alpha for X ~ Binomial(n, p): the one-sided Clopper-Pearson upper bound of k/n lies below p.
 * Sums from the largest term of the tail and stops as soon as the rest cannot matter.
 */
export function isRateBelow(k: number, n: number, pPpm: number, alphaPpm: number): boolean {
  if (n === 0 || pPpm === 0) return false;
  if (pPpm === MILLION) return k < n;
  const shared = greatestDivisor(pPpm, MILLION);
  const a = BigInt(pPpm / shared);
  const b = BigInt(MILLION / shared) - a;
  const bound = (a + b) ** BigInt(n) * BigInt(alphaPpm);
  let term = choose(n, k) * a ** BigInt(k) * b ** BigInt(n - k) * BigInt(MILLION); // P(X = k), as bound
  let mass = term;
  for (let i = k; i > 0; i--) {
    if (mass >= bound) return false;
    // P(X = i - 1) / P(X = i) = down / up, and falls with i: the rest is less than a geometric series
    const up = BigInt(n - i + 1) * a;
    const down = BigInt(i) * b;
    if (up > down && mass * (up - down) + term * down < bound * (up - down)) return true;
    term = (term * down) / up; // exact: every term is an integer
    mass += term;
  }
  return mass < bound;
}

/** P(X >= k) < alpha for X ~ Binomial(n, p): the one-sided Clopper-Pearson lower bound of k/n lies above p. */
export function isRateAbove(k: number, n: number, pPpm: number, alphaPpm: number): boolean {
  return isRateBelow(n - k, n, MILLION - pPpm, alphaPpm);
}

/**
 * Exact McNemar, one-sided: given `lost` + `gained` discordant pairs, is `lost` more than chance allows?
 * P(X >= lost) < alpha for X ~ Binomial(lost + gained, 1/2). McNemar 1947.
 */
export function isLossBeyondChance(lost: number, gained: number, alphaPpm: number): boolean {
  return isRateBelow(gained, lost + gained, MILLION / 2, alphaPpm);
}

/**
 * Fisher's exact test, two-sided: do k1 of n1 and k2 of n2 differ more than chance allows?
 * Sums the tables that are no more probable than the one seen.
 */
export function areRatesDifferent(k1: number, n1: number, k2: number, n2: number, alphaPpm: number): boolean {
  const k = k1 + k2;
  if (n1 === 0 || n2 === 0 || k === 0 || k === n1 + n2) return false;
  const first = Math.max(0, k - n2);
  const last = Math.min(k, n1);
  // weight(i) = C(n1, i) C(n2, k - i), each from the one before
  let weight = choose(n1, first) * choose(n2, k - first);
  const weights: bigint[] = [weight];
  for (let i = first; i < last; i++) {
    weight = (weight * BigInt(n1 - i) * BigInt(k - i)) / (BigInt(i + 1) * BigInt(n2 - k + i + 1));
    weights.push(weight);
  }
  const seen = weights[k1 - first] as bigint;
  let tail = 0n;
  let total = 0n;
  for (const each of weights) {
    total += each;
    if (each <= seen) tail += each;
  }
  return lessThanAlpha(tail, total, alphaPpm);
}

function choose(n: number, k: number): bigint {
  let out = 1n;
  for (let i = 1; i <= Math.min(k, n - k); i++) out = (out * BigInt(n - Math.min(k, n - k) + i)) / BigInt(i);
  return out;
}

function lessThanAlpha(part: bigint, whole: bigint, alphaPpm: number): boolean {
  return part * BigInt(MILLION) < whole * BigInt(alphaPpm);
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
