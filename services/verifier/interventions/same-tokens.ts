import { OversightError } from '../../../protocols/base/errors.ts';
import { readJson } from '../engine/json-file.ts';

/**
 * Checks that a token id means the same in two checkpoints, where one reads the other's tokens or their unembeddings are
 * compared row by row.
 * @throws OversightError `intervention-invalid` (`tokenizer-mismatch`); `checkpoint-invalid`
 */
export async function checkSameTokens(target: string, source: string): Promise<void> {
  if (await haveSameTokens(target, source)) return;
  throw new OversightError('intervention-invalid', 'the source has other tokens than the target', {
    details: { reason: 'tokenizer-mismatch' },
  });
}

export async function haveSameTokens(target: string, source: string): Promise<boolean> {
  const [ours, theirs] = await Promise.all([readTokens(target), readTokens(source)]);
  return ours.size === theirs.size && [...ours].every(([id, text]) => theirs.get(id) === text);
}

/** Text of each token by its id, from tokenizer.json. */
async function readTokens(directory: string): Promise<ReadonlyMap<number, string>> {
  const json = await readJson(directory, 'tokenizer.json');
  const tokens = new Map<number, string>();
  if (!isObject(json)) return tokens;
  const vocab = isObject(json['model']) ? json['model']['vocab'] : undefined;
  // A list of [text, score] in the order of ids (Unigram), or a map from text to id.
  if (Array.isArray(vocab))
    for (const [id, entry] of vocab.entries())
      tokens.set(id, String(Array.isArray(entry) ? entry[0] : entry));
  else if (isObject(vocab))
    for (const [text, id] of Object.entries(vocab)) if (typeof id === 'number') tokens.set(id, text);
  const added = Array.isArray(json['added_tokens']) ? json['added_tokens'] : [];
  for (const token of added)
    if (isObject(token) && typeof token['id'] === 'number' && typeof token['content'] === 'string')
      tokens.set(token['id'], token['content']);
  return tokens;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
