import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { surveyDirectory } from '../../services/checkpoints/index.ts';
import { runCli } from '../support/run-cli.ts';

const DEMO = fileURLToPath(new URL('../../deploy/demo/', import.meta.url));
const EXAMPLE = join(DEMO, 'finding');

test('the example finding of the README is confirmed', async () => {
  const { status, stdout } = await runCli(['verify', EXAMPLE]);
  expect(status).toBe(0);
  expect(stdout).toContain('CONFIRMED');
});

test('it names the models of the demo by their content', async () => {
  const finding = await readFile(join(EXAMPLE, 'finding.json'), 'utf8');
  for (const model of ['analog', 'frontier']) {
    const { cid } = await surveyDirectory(join(DEMO, 'models', model), {
      signal: new AbortController().signal,
    });
    expect(finding).toContain(cid);
  }
});
