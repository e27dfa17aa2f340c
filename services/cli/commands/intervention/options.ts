import { InvalidArgumentError, Option } from 'commander';
import {
  type PointName,
  type Positions,
  parsePoint,
  positionsSchema,
} from '../../../../protocols/artifacts/index.ts';

/** Positions that need no more than their name; the others are given as JSON. */
const PLAIN = ['all', 'prompt', 'last-prompt-token', 'generated', 'last-prompt-token-and-generated'];

export function positionsOption(): Option {
  return new Option(
    '--positions <which>',
    `tokens it applies to: ${PLAIN.join(', ')}, or as JSON (10-artifacts §6.3)`,
  ).argParser(parsePositions);
}

function parsePositions(text: string): Positions {
  const parsed = positionsSchema.safeParse(PLAIN.includes(text) ? { kind: text } : jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`Give one of ${PLAIN.join(', ')}, or JSON as in intervention.json.`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // refused by the schema
  }
}

export function parseNumber(text: string): number {
  const value = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (Math.abs(value) <= 1e6) return value;
  throw new InvalidArgumentError('Give a number, such as -1.5.');
}

export function parsePointName(text: string): PointName {
  const point = parsePoint(text);
  if (point !== null) return point.name;
  throw new InvalidArgumentError('Give a point, such as blocks.12.hook_resid_post.');
}

/** Indices with commas between them. */
export function parseIndices(text: string): readonly number[] {
  if (/^\d{1,9}(?:,\d{1,9})*$/.test(text)) return text.split(',').map(Number);
  throw new InvalidArgumentError('Give indices from 0, such as 3,10.');
}

export function parseLayers(text: string): { readonly from: number; readonly to: number } {
  const [, from, to] = /^(\d{1,4})-(\d{1,4})$/.exec(text) ?? [];
  if (from !== undefined && to !== undefined && Number(from) <= Number(to))
    return { from: Number(from), to: Number(to) };
  throw new InvalidArgumentError('Give the first and the last layer, such as 10-20.');
}
