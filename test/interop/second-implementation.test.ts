import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runCli } from '../support/run-cli.ts';

const PROGRAM = fileURLToPath(new URL('python/respond.py', import.meta.url));
/** What the program in Python was written for; it says of the rest that it does not have it. */
const WHOLE = [
  'codec.json',
  'cid.json',
  'did-key.json',
  'derive.json',
  'ed25519.json',
  'ed25519-published.json',
  'message.json',
  'tree.json',
  'checkpoint.json',
  'tile.json',
  'tlog-proof.json',
  'control-seeds.json',
  'decision.json',
  'exact-tests.json',
  'pins.json',
];

it('an implementation from the specification alone, in another language, answers as the vectors do', async () => {
  const args = ['conformance', '--json', '--', 'python3', '-B', PROGRAM];
  const { status, stdout, stderr } = await runCli(args);
  // python3 is to be on the PATH
  expect(stderr).not.toContain('cannot be started');
  const { files, failures } = JSON.parse(stdout) as {
    files: { file: string; cases: number; passed: number }[];
    failures: object[];
  };
  expect(failures).toEqual([]);
  expect(files.filter(({ cases, passed }) => cases === passed).map(({ file }) => file)).toEqual(
    expect.arrayContaining(WHOLE),
  );
  // no answer was wrong, and not every question was answered
  expect(status).toBe(4);
});
