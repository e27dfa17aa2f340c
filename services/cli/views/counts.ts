import {
  type Claim,
  CONDITIONS,
  type ConditionCount,
  type Effect,
  type Estimate,
  type Gate,
  isRate,
  isRateGate,
} from '../../../protocols/kinds/index.ts';
import { clean, clip, columns } from '../terminal.ts';

export interface CountSource {
  readonly name: string;
  readonly counts: readonly ConditionCount[];
  /** Where the claim says anything of a number. */
  readonly estimates?: readonly Estimate[] | undefined;
}

/** Sources side by side in one table; more go into a table of their own, so that lines stay within the terminal. */
const SOURCES_PER_TABLE = 3;
const SOURCE_WIDTH = 16;

/** Rates by measure and condition, one column a source: the claim first, then each re-run. */
export function countTables(claim: Claim, sources: readonly CountSource[], indent = ''): string {
  const tables: string[] = [];
  for (let at = 0; at < sources.length; at += SOURCES_PER_TABLE) {
    const shown = sources.slice(at, at + SOURCES_PER_TABLE);
    const head = ['', ...shown.map(({ name }) => clip(clean(name), SOURCE_WIDTH))];
    tables.push(columns([head, ...countRows(claim, shown)]));
  }
  return tables.join('\n\n').replaceAll(/^(?=.)/gm, indent);
}

function countRows(claim: Claim, sources: readonly CountSource[]): string[][] {
  const rates = [...(isRate(claim.effect) ? [claim.effect] : []), ...claim.gates.filter(isRateGate)];
  const values = isRate(claim.effect) ? [] : [claim.effect];
  return [
    ...rates.flatMap(({ measure }) => rowsOf(measure, sources, ({ counts }) => counts, countText)),
    ...values.flatMap(({ measure }) =>
      rowsOf(measure, sources, ({ estimates = [] }) => estimates, valueText),
    ),
  ];
}

function rowsOf<Cell extends { readonly measure: string; readonly condition: string }>(
  measure: string,
  sources: readonly CountSource[],
  cellsOf: (source: CountSource) => readonly Cell[],
  text: (cell: Cell) => string,
): string[][] {
  return CONDITIONS.flatMap((condition) => {
    const cells = sources.map((source) =>
      cellsOf(source).filter((cell) => cell.measure === measure && cell.condition === condition),
    );
    const label = `${measure.replaceAll('-', ' ')}, ${condition === 'control' ? 'random vector' : condition}`;
    // several random vectors give several rows
    const height = Math.max(0, ...cells.map((each) => each.length));
    return Array.from({ length: height }, (_, row) => [
      row === 0 ? clip(label, 27) : '',
      ...cells.map((each) => {
        const cell = each[row];
        return cell === undefined ? '-' : text(cell);
      }),
    ]);
  });
}

function countText(count: ConditionCount): string {
  if (count.n === 0) return 'none scored';
  return `${percent((count.k / count.n) * 1_000_000)} ${count.k}/${count.n}`;
}

function valueText({ n, valueMicro }: Estimate): string {
  return `${units(valueMicro)} of ${n}`;
}

export function percent(ppm: number): string {
  return `${Number((ppm / 10_000).toFixed(2))} %`;
}

function units(micro: number): string {
  return String(Number((micro / 1_000_000).toFixed(4)));
}

/** The claim as one sentence. */
export function claimSentence({ effect, gates }: Claim): string {
  const spared = gates.map(gateText);
  return `${effectText(effect)}${spared.length === 0 ? '' : `, while ${spared.join(' and ')}`}`;
}

function effectText(effect: Effect): string {
  const measure = effect.measure.replaceAll('-', ' ');
  if (isRate(effect))
    return `${measure} ${effect.direction === 'decrease' ? 'falls to at most' : 'rises to at least'} ${percent(effect.boundPpm)}`;
  return `${measure} is ${effect.direction === 'decrease' ? 'at most' : 'at least'} ${units(effect.boundMicro)}`;
}

function gateText(gate: Gate): string {
  const measure = gate.measure.replaceAll('-', ' ');
  if (isRateGate(gate))
    return `${measure} falls by at most ${Number((gate.maximumDropPpm / 10_000).toFixed(2))} points`;
  return `${measure} rises by at most ${units(gate.maximumRiseMicro)}`;
}
