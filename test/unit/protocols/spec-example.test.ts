import { expect, it } from 'vitest';
import { filesMatching } from '../../architecture/files.ts';

/** 05-message opens with the bytes of a vector: each byte string is there, or its first and last bytes are. */
it('the opening example of 05-message is the vector it names', () => {
  const [spec] = filesMatching('protocols/spec/05-message.md');
  const [file] = filesMatching('protocols/vectors/message.json');
  const { sealed } = JSON.parse(file?.text ?? '') as { sealed: { id: string; wire: string }[] };
  const wire = sealed.find(({ id }) => id === 'fourth-empty-body')?.wire ?? '';
  const example = spec?.text.split('\n\n')[1] ?? '';
  const written = [...example.matchAll(/^ +((?:[0-9a-f]{2}[0-9a-f…]* ?)+)(?: {2}|$)/gm)].map(
    ([, bytes = '']) => bytes.trim().replaceAll(' ', '').replaceAll('…', '[0-9a-f]*'),
  );
  expect(written.length).toBeGreaterThan(10);
  expect(wire).toMatch(new RegExp(`^${written.join('')}$`));
});
