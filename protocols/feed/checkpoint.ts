import { accept, type Result, refuse } from '../base/result.ts';
import { fromBase64, toBase64 } from '../codec/base64.ts';
import { HASH_BYTES, type Hash } from './hash.ts';

/** What the text of a checkpoint says, of whichever log. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  /** Lines after the third, opaque; a feed has none. */
  readonly extensions: readonly string[];
}

/** Without extension lines: this protocol writes none. spec 12-feeds §3.1 */
export function formatCheckpointText({ origin, size, root }: Omit<Checkpoint, 'extensions'>): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** The text of a checkpoint of any log. spec 12-feeds §3.1 */
export function parseCheckpointText(text: string): Result<Checkpoint, 'checkpoint-invalid'> {
  const [name = '', size = '', hash = '', ...rest] = text.split('\n');
  const extensions = rest.slice(0, -1);
  if (name === '' || rest.at(-1) !== '' || extensions.includes(''))
    return refuse('checkpoint-invalid', 'not three or more lines, none empty');
  const root = fromBase64(hash);
  const count = parseSize(size);
  if (count === null) return refuse('checkpoint-invalid', 'the second line is no size');
  if (root?.length !== HASH_BYTES) return refuse('checkpoint-invalid', 'the third line is no root');
  return accept({ origin: name, size: count, root, extensions });
}

/** Decimal, no leading zero; null for all else. Also the form of an index in C2SP texts. */
export function parseSize(text: string): number | null {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const size = Number(text);
  return Number.isSafeInteger(size) ? size : null;
}
