/** Whether a property test has all its runs: so in the project `property-full`, which `npm test` runs. */
export const hasAllRuns = process.env['PROPERTY_RUNS'] === 'all';

/** @returns of the runs that are promised all, or for every day (the project `property`) a tenth */
export function runsOf(promised: number): number {
  return hasAllRuns ? promised : Math.ceil(promised / 10);
}
