import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

const EXAMPLE = fileURLToPath(new URL('../../deploy/demo/finding', import.meta.url));

test('the example finding of the README is confirmed', async () => {
  const { status, stdout } = await runCli(['verify', EXAMPLE]);
  expect(status).toBe(0);
  expect(stdout).toContain('CONFIRMED');
});
