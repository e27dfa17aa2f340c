import { describe, expect, it } from 'vitest';
import { inBytes, progressBar } from '../../../services/cli/progress-bar.ts';
import { Lines, WIDTH } from '../../../services/cli/terminal.ts';

const MB = 1_000_000;

/** Steps of a pass over 100 MB, one tenth of a second and one MB each. */
function pass(terminal: boolean): { readonly notes: readonly string[]; readonly drawn: readonly string[] } {
  const [notes, drawn]: [string[], string[]] = [[], []];
  let at = 0;
  const draw = terminal ? (text: string) => void drawn.push(text) : null;
  const show = progressBar('read', { note: (text) => void notes.push(text), draw }, () => at);
  for (let bytesDone = 0; bytesDone <= 100 * MB; bytesDone += MB / 4) {
    show({ bytesDone, bytesTotal: 100 * MB });
    at += 25;
  }
  return { notes, drawn };
}

describe('progressBar', () => {
  it('tells each tenth where there is no terminal', () => {
    const { notes, drawn } = pass(false);
    expect(drawn).toEqual([]);
    expect(notes).toHaveLength(11);
    expect(notes[0]).toBe('read   0 % of 100 MB');
    expect(notes[5]).toBe('read  50 % of 100 MB, 10 MB/s, 5 s left');
    expect(notes[10]).toBe('read 100 % of 100 MB, 10 MB/s');
  });

  it('draws on a terminal, ten times a second at most, and the end', () => {
    const { notes, drawn } = pass(true);
    expect(notes).toEqual([]);
    expect(drawn.length).toBeLessThanOrEqual(101);
    expect(drawn.at(-1)).toBe(`[${'#'.repeat(24)}] read 100 % of 100 MB, 10 MB/s`);
    for (const line of drawn) expect(line.length).toBeLessThan(WIDTH);
  });

  it('ends at once where there is nothing to read', () => {
    const notes: string[] = [];
    progressBar('read', { note: (text) => void notes.push(text), draw: null })({
      bytesDone: 0,
      bytesTotal: 0,
    });
    expect(notes).toEqual(['read 100 % of 0 B']);
  });
});

describe('Lines', () => {
  it('end what is drawn before anything else is written', () => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text) > 0 };
    const lines = new Lines(stream, stream);
    lines.draw('half');
    lines.draw('whole');
    lines.print('done');
    lines.note('error');
    expect(written.join('')).toBe('\rhalf\u001b[K\rwhole\u001b[K\ndone\nerror\n');
  });
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [999_600, '1 MB'],
  [1_234_567, '1.23 MB'],
  [5e15, '5000 TB'],
])('%d bytes are %s', (bytes, text) => expect(inBytes(bytes)).toBe(text));
