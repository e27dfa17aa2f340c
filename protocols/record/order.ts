import { compareText } from '../base/bytes.ts';
import type { Kept } from './kept.ts';

/** The record's order: by claimed time, then by id. spec 08-record §3.1 */
export function inOrder<M extends Pick<Kept, 'issuedAt' | 'id'>>(messages: readonly M[]): M[] {
  return [...messages].sort((a, b) => a.issuedAt - b.issuedAt || compareText(a.id, b.id));
}
