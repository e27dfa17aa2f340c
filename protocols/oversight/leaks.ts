/**
 * How many holders it takes until the weights are out in half of all worlds, where each leaks them with this chance: the
 * least n with (1 - p)^n < 1/2. Response to NTIA-2023-0009 of the Center for a New American Security, 2024; spec
 * 18-oversight §6
 * @param chancePpm of one holder, 1 to 1,000,000 @throws RangeError below one
 */
export function holdersUntilLikelyLeak(chancePpm: number): number {
  if (!(chancePpm >= 1)) throw new RangeError('a chance of at least one in a million');
  const kept = 1 - chancePpm / 1_000_000;
  let [n, all] = [1, kept];
  while (all >= 0.5) {
    n += 1;
    all *= kept;
  }
  return n;
}
