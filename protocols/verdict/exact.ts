/**
 * Exact tests in integers. Every node must reach the same verdict from the same counts, so no test here rounds:
 * a probability is compared with its bound as one fraction with another.
 */
const MILLION = 1_000_000n;

/** P(X <= k) < alpha for X ~ Binomial(n, p): the one-sided Clopper-Pearson upper bound of k/n lies below p. */
export function isRateBelow(k: number, n: number, pPpm: number, alphaPpm: number): boolean {
  if (n === 0) return false;
  return lessThanAlpha(binomialMass(n, 0, k, BigInt(pPpm), MILLION), MILLION ** BigInt(n), alphaPpm);
}

/** P(X >= k) < alpha for X ~ Binomial(n, p): the one-sided Clopper-Pearson lower bound of k/n lies above p. */
export function isRateAbove(k: number, n: number, pPpm: number, alphaPpm: number): boolean {
  if (n === 0) return false;
  return lessThanAlpha(binomialMass(n, k, n, BigInt(pPpm), MILLION), MILLION ** BigInt(n), alphaPpm);
}

/**
 * Exact McNemar, one-sided: given `lost` + `gained` discordant pairs, is `lost` more than chance allows?
 * P(X >= lost) < alpha for X ~ Binomial(lost + gained, 1/2). McNemar 1947.
 */
export function isLossBeyondChance(lost: number, gained: number, alphaPpm: number): boolean {
  const n = lost + gained;
  if (n === 0) return false;
  return lessThanAlpha(binomialMass(n, lost, n, 1n, 2n), 2n ** BigInt(n), alphaPpm);
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

/** Sum over i in [from, to] of C(n, i) a^i (d - a)^(n - i): a probability times d^n. */
function binomialMass(n: number, from: number, to: number, a: bigint, d: bigint): bigint {
  const b = d - a;
  const powers: bigint[] = [1n]; // b^0 .. b^(n - from)
  for (let i = 1; i <= n - from; i++) powers.push((powers[i - 1] as bigint) * b);
  let coefficient = choose(n, from) * a ** BigInt(from); // C(n, i) a^i
  let mass = 0n;
  for (let i = from; i <= to; i++) {
    mass += coefficient * (powers[n - i] as bigint);
    coefficient = (coefficient * BigInt(n - i) * a) / BigInt(i + 1);
  }
  return mass;
}

function choose(n: number, k: number): bigint {
  let out = 1n;
  for (let i = 1; i <= Math.min(k, n - k); i++) out = (out * BigInt(n - Math.min(k, n - k) + i)) / BigInt(i);
  return out;
}

function lessThanAlpha(part: bigint, whole: bigint, alphaPpm: number): boolean {
  return part * MILLION < whole * BigInt(alphaPpm);
}
