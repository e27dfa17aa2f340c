import type { RecordAnswer } from '../answers.ts';
import { clean } from '../terminal.ts';
import { dateOf } from './time.ts';

type Pin = RecordAnswer['pins'][number] & { readonly state: string };

/** What the states of a copy mean to people. spec 19-pins §3.3 */
const STATES: Readonly<Record<string, string>> = {
  shown: 'shown when asked',
  failed: 'could not show it',
  promised: 'promised, not asked of late',
  over: 'the promise is over',
};

/** Of each checkpoint who keeps it. */
export function pinsView(pins: readonly Pin[], { analogReleases }: RecordAnswer): string {
  if (pins.length === 0) return 'nobody has promised to keep anything';
  const byCheckpoint = Map.groupBy(pins, ({ checkpoint }) => checkpoint);
  return [...byCheckpoint]
    .map(([checkpoint, keepers]) => {
      const release = analogReleases.find((analog) => analog.checkpoint === checkpoint);
      const title = release === undefined ? [] : [clean(`${release.name} ${release.version}`)];
      return [
        ...title,
        checkpoint,
        ...keepers.map(
          ({ member, until, state, checks }) =>
            `  ${clean(member)}: until ${dateOf(until)}; ${STATES[state] ?? state}${faultsOf(checks)}`,
        ),
      ].join('\n');
    })
    .join('\n');
}

function faultsOf(checks: Pin['checks']): string {
  const faults = [...new Set(checks.flatMap(({ fault }) => fault ?? []))];
  return faults.length === 0 ? '' : ` (${faults.join(', ')})`;
}

/** How many keep a checkpoint, in a line. */
export function copiesLine({
  promised,
  shown,
  independent,
}: {
  readonly promised: number;
  readonly shown: number;
  readonly independent: number;
}): string {
  if (promised === 0) return 'nobody has promised to keep it';
  const copies = shown === 1 ? '1 copy shown' : `${shown} copies shown`;
  return `${copies}, ${independent} independent of the lab; promised by ${promised}`;
}
