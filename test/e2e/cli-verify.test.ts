import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContentId } from '../../protocols/base/ids.ts';
import { EmbeddedStore } from '../../services/checkpoints/index.ts';
import { runCli } from '../support/run-cli.ts';
import { claimOf, contentCid, count } from '../support/samples.ts';

const MODELS = fileURLToPath(new URL('../../deploy/demo/models/', import.meta.url));
const FRONTIER = join(MODELS, 'frontier');
const BENIGN = 'dev-accuracy';

let root: string;
let frontier: ContentId;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'oversight-verify-'));
  await using store = await EmbeddedStore.open(join(root, 'store'));
  frontier = (await store.add(FRONTIER, { signal: AbortSignal.timeout(60_000) })).cid;
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** The real frontier model and interventions; the exit status is what a researcher's script sees. */
describe('oversight verify', () => {
  test('a finding that holds, on all prompts: confirmed, 0', async () => {
    const run = await verify('transferred-clamp', { prompts: 200 });
    expect(run.stderr).not.toContain('error');
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('CONFIRMED');
    for (const line of run.stdout.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(80);
  });

  test('a random vector: refuted, 3', async () => {
    const run = await verify('random-same-norm', { prompts: 12, flags: ['--json'] });
    expect(run.status).toBe(3);
    const { decision, counts } = JSON.parse(run.stdout);
    expect(decision.reasons.map(({ code }: { code: string }) => code)).toContain('effect-not-reproduced');
    expect(counts).toContainEqual(count('treated', 'trigger-rate', 12, 12));
  });

  test('too few prompts to tell: inconclusive, 4', async () => {
    expect(await verify('transferred-clamp', { prompts: 20 })).toMatchObject({ status: 4 });
  });

  test('an intervention for another model: 1, with the code', async () => {
    const run = await verify('transferred-clamp', { prompts: 4, base: contentCid('another model') });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/^error intervention-invalid: /m);
  });
});

async function verify(
  intervention: string,
  { prompts, base = frontier, flags = [] }: { prompts: number; base?: ContentId; flags?: string[] },
) {
  const folder = await mkdtemp(join(root, 'finding-'));
  await cp(join(MODELS, 'interventions', intervention), join(folder, 'intervention'), { recursive: true });
  const manifest = join(folder, 'intervention', 'intervention.json');
  const text = (await readFile(manifest, 'utf8'))
    .replaceAll('checkpoint:frontier', base)
    .replaceAll(/checkpoint:[a-z-]+/g, contentCid('analog'));
  await writeFile(manifest, text);
  await copySuite(join(folder, 'suite'), prompts);
  const claim = claimOf({
    gates: [{ measure: BENIGN, maximumDropPpm: 30_000 }],
    counts: [count('baseline', 'trigger-rate', 200, 200), count('treated', 'trigger-rate', 0, 200)],
  });
  const finding = { title: intervention, intervention: './intervention', suite: './suite', claim };
  await writeFile(join(folder, 'finding.json'), JSON.stringify(finding));
  return runCli(['verify', folder, '--target', FRONTIER, '--threads', '2', ...flags]);
}

/** The first prompts of each set. */
async function copySuite(to: string, prompts: number): Promise<void> {
  const from = join(MODELS, 'suites', 'backdoor');
  await cp(from, to, { recursive: true });
  const suite = JSON.parse(await readFile(join(from, 'suite.json'), 'utf8'));
  for (const set of suite.sets) {
    set.count = prompts;
    const lines = (await readFile(join(from, set.file), 'utf8')).split('\n').slice(0, prompts);
    await writeFile(join(to, set.file), `${lines.join('\n')}\n`);
  }
  await writeFile(join(to, 'suite.json'), JSON.stringify(suite));
}
