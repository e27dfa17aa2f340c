import type {
  EditManifest,
  Intervention,
  Positions,
  ReadManifest,
} from '../../../protocols/artifacts/index.ts';
import { clean, fields } from '../terminal.ts';

/** Edits of every layer look alike. */
const SHOWN = 12;

/** What an intervention does, one line an edit and a read. */
export function interventionView({ base, edits, reads, derivation }: Intervention): string {
  const lines = [...edits.map(editLine), ...reads.map(readLine)];
  const rest = lines.length - SHOWN;
  return [
    fields([
      ['for', base],
      ['derived by', clean(derivation.method)],
      ['from', clean(derivation.dataset)],
      ['chosen', clean(derivation.selection)],
    ]),
    '',
    ...lines.slice(0, SHOWN),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ].join('\n');
}

function editLine(edit: EditManifest): string {
  const { kind, formula } = edit;
  const line = `${kind}: ${formula}`;
  if ('at' in edit) return `${line}, ${numbersOf(edit)}at ${edit.at}, ${positionsText(edit.positions)}`;
  if (kind === 'lora') return `${line}, scale ${edit.scale}, ${edit.modules.length} weights`;
  if (kind === 'rank-one') return `${line}, coefficient ${edit.coefficient}, ${clean(edit.weight)}`;
  const { weights } = edit;
  return `${line}, ${weights === 'writers' ? 'every weight that writes' : `${weights.length} weights`}`;
}

function numbersOf(edit: Extract<EditManifest, { at: unknown }>): string {
  switch (edit.kind) {
    case 'add':
      return `coefficient ${edit.coefficient}, `;
    case 'sae-add':
      return `strength ${edit.strength}, feature ${edit.feature}, `;
    case 'sae-clamp':
      return `value ${edit.value}, feature ${edit.feature}, `;
    default:
      return '';
  }
}

function readLine(read: ReadManifest): string {
  return `read ${read.id}, ${read.kind}: ${read.formula}, ${positionsText(read.positions)}`;
}

function positionsText(positions: Positions): string {
  const { kind, ...more } = positions;
  const rest = Object.entries(more).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return clean(['positions', kind, ...rest].join(' '));
}
