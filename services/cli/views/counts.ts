import { type Claim, CONDITIONS, type ConditionCount } from '../../../protocols/kinds/index.ts';
import { clean, clip, columns } from '../terminal.ts';

export interface CountSource {
  readonly name: string;
  readonly counts: readonly ConditionCount[];
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
  const measures = [claim.effect.measure, ...claim.gates.map((gate) => gate.measure)];
  return measures.flatMap((measure) =>
    CONDITIONS.flatMap((condition) => {
      const cells = sources.map(({ counts }) =>
        counts.filter((count) => count.measure === measure && count.condition === condition),
      );
      const label = `${measure.replaceAll('-', ' ')}, ${condition === 'control' ? 'random vector' : condition}`;
      // several random vectors give several rows
      const height = Math.max(0, ...cells.map((each) => each.length));
      return Array.from({ length: height }, (_, row) => [
        row === 0 ? clip(label, 27) : '',
        ...cells.map((each) => cellText(each[row])),
      ]);
    }),
  );
}

function cellText(count: ConditionCount | undefined): string {
  if (count === undefined) return '-';
  if (count.n === 0) return 'none scored';
  return `${percent((count.k / count.n) * 1_000_000)} ${count.k}/${count.n}`;
}

export function percent(ppm: number): string {
  return `${Number((ppm / 10_000).toFixed(2))} %`;
}

/** The claim as one sentence. */
export function claimSentence({ effect, gates }: Claim): string {
  const bound = `${effect.direction === 'decrease' ? 'falls to at most' : 'rises to at least'} ${percent(effect.boundPpm)}`;
  const spared = gates.map(
    (gate) =>
      `${gate.measure.replaceAll('-', ' ')} falls by at most ${Number((gate.maximumDropPpm / 10_000).toFixed(2))} points`,
  );
  return `${effect.measure.replaceAll('-', ' ')} ${bound}, while ${spared.join(' and ')}`;
}
