import type { Prompt } from '../../../protocols/artifacts/index.ts';

/** A field of a prompt's row; undefined where the row has none of its own by that name. */
export function rowField(prompt: Prompt, field: string): unknown {
  return Object.hasOwn(prompt, field) ? prompt[field] : undefined;
}

/** Null where it is no text. */
export function textField(prompt: Prompt, field: string): string | null {
  const value = rowField(prompt, field);
  return typeof value === 'string' ? value : null;
}
