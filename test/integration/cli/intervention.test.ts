import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../../support/run-cli.ts';
import { temporary } from '../../support/verifier/demo-models.ts';
import { familyCheckpoint } from '../../support/verifier/family-fixtures.ts';
import { importFixtures } from '../../support/verifier/import-fixtures.ts';

let home: Awaited<ReturnType<typeof temporary>>;
beforeAll(async () => {
  home = await temporary();
});
afterAll(async () => home[Symbol.asyncDispose]());

const model = ['--model', familyCheckpoint('llama')];
const place = ['--at', 'blocks.1.hook_resid_pre', '--positions', 'all', '--coefficient', '2'];
const run = (kind: string, source: string, out: string, ...options: readonly string[]) =>
  runCli([
    'intervention',
    'import',
    kind,
    join(importFixtures, source),
    join(home.path, out),
    ...model,
    ...options,
  ]);

it.each<[string, string, readonly string[]]>([
  ['peft', 'peft/lora', []],
  ['gguf', 'gguf/repeng.gguf', ['--coefficient', '-1.5', '--layers', '1-1']],
  ['saelens', 'saelens/topk', ['--feature', '3', '--clamp', '4', '--positions', 'generated']],
  ['neuronpedia', 'neuronpedia/feature.json', ['--positions', '{"kind":"from-end","index":1}']],
  ['pt', 'pt/nested.pt', ['--tensor', 'directions', '13', '--index', '3', ...place, '--unit']],
])('%s: imports, and shows what came of it', async (kind, source, options) => {
  const imported = await run(kind, source, kind, '--dataset', 'some prompts', '--json', ...options);
  expect(imported.status).toBe(0);
  const shown = await runCli(['intervention', 'show', join(home.path, kind), '--json']);
  expect(JSON.parse(shown.stdout)).toEqual(JSON.parse(imported.stdout));
  expect(JSON.parse(shown.stdout)).toMatchObject({
    format: 'intervention/2',
    derivation: { dataset: 'some prompts' },
  });
});

it.each<[string, string, string, readonly string[]]>([
  ['intervention-invalid', 'pt', 'pt/runs.pt', place],
  ['intervention-invalid', 'pyvene', 'pt/plain.pt', []],
  ['intervention-invalid', 'nnsight', 'pt/plain.pt', []],
  ['not-found', 'gguf', 'gguf/none.gguf', ['--coefficient', '1']],
  ['argument-invalid', 'pt', 'pt/plain.pt', ['--positions', 'all']],
  ['argument-invalid', 'saelens', 'saelens/topk', ['--feature', '3', '--positions', 'all']],
])('%s: %s %s', async (code, kind, source, options) => {
  const { status, stderr, stdout } = await run(kind, source, 'refused', ...options);
  expect(status).toBe(1);
  expect(stderr).toContain(`error ${code}: `);
  expect(stdout).toBe('');
  // nothing half made is left, under whatever name
  expect((await readdir(home.path)).filter((name) => name.includes('refused'))).toEqual([]);
});

it('does not write over what is there', async () => {
  const again = await run('peft', 'peft/lora', 'peft');
  expect(again.stderr).toContain('error argument-invalid: ');
});
