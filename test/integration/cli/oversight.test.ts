import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { accept } from '../../../protocols/base/result.ts';
import { checkBody } from '../../../protocols/kinds/index.ts';
import type { Message } from '../../../protocols/message/index.ts';
import { createGateway, type Gateway } from '../../../services/gateway/index.ts';
import { freshFolder } from '../../support/checkpoints/folders.ts';
import { frontierModel, ModelCase, time } from '../../support/oversight/model-case.ts';
import { nodeOf } from '../../support/oversight/served.ts';
import { ANALOG_PARAMETERS, FRONTIER_PARAMETERS, releaseFolder } from '../../support/release-folder.ts';
import { runCli } from '../../support/run-cli.ts';
import { contentCid } from '../../support/samples.ts';

const TOKEN = 'a'.repeat(48);
const JUNE = '2026-06-01T12:00:00Z';

/** A model with its analog, and the frontier model of the demonstration, whose analog has not come. */
const model = new ModelCase().complete();
const awaited = model.say(
  'lab',
  'frontier-release/1',
  {
    model: { ...frontierModel, name: 'demo-frontier', parameters: FRONTIER_PARAMETERS },
    deployedOn: '2026-05-10',
    access: 'closed',
    training: contentCid('data'),
    summary: 'as deployed',
    checkpoint: null,
  },
  time('2026-05-10'),
);
const published: { readonly kind: string; readonly body: PlainObject }[] = [];
let gateway: Gateway;

beforeAll(async () => {
  const node = nodeOf(model.world);
  gateway = await createGateway(
    new Proxy(node, {
      get(target, name) {
        if (name !== 'publish') return Reflect.get(target, name, target) as unknown;
        return async (kind: string, body: PlainObject) => {
          published.push({ kind, body });
          return accept({
            id: model.analog,
            kind,
            author: 'did:key:z',
            sequence: 1,
            wire: new Uint8Array(),
          } as unknown as Message);
        };
      },
    }),
    { token: TOKEN, port: 0 },
  );
});
afterAll(() => gateway[Symbol.asyncDispose]());

const run = (...args: string[]) => runCli([...args, '--url', gateway.url], { OVERSIGHT_TOKEN: TOKEN });

describe('assess', () => {
  test('all models, a line each', async () => {
    const { status, stdout } = await run('assess', '--at', JUNE);
    expect(status).toBe(0);
    expect(stdout.split('\n').filter((line) => line !== '')).toHaveLength(3);
    expect(stdout).toContain('mandatory');
    expect((await run('assess', '--at', '2026-01-01')).stdout).toContain('no frontier model');
  });

  test('one model: every clause, and for a script the exit status', async () => {
    const pending = await run('assess', model.frontier.slice(-8), '--at', '2026-03-15');
    expect(pending.status).toBe(4);
    for (const clause of ['M1 ', 'M14', 'N6 ']) expect(pending.stdout).toMatch(new RegExp(`^${clause}`, 'm'));
    for (const line of pending.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const broken = await run('assess', awaited, '--at', '2026-12-01', '--json');
    expect(broken.status).toBe(3);
    expect(JSON.parse(broken.stdout)).toMatchObject({ overall: 'not-met', analog: null });
  });
});

test('timeline', async () => {
  const { status, stdout } = await run('timeline', model.frontier, '--at', JUNE);
  expect(status).toBe(0);
  for (const words of ['released the analog', 'the window opens', 'filed a compliance report'])
    expect(stdout).toContain(words);
});

describe('report', () => {
  test('as one file', async () => {
    const out = join(await freshFolder(), 'report.html');
    expect((await run('report', model.frontier, '--at', JUNE, '--format', 'html', '--out', out)).status).toBe(
      0,
    );
    expect(await readFile(out, 'utf8')).toMatch(/^<!doctype html>/);
    const pdf = join(await freshFolder(), 'report.pdf');
    expect((await run('report', model.frontier, '--at', JUNE, '--format', 'pdf', '--out', pdf)).status).toBe(
      0,
    );
    expect((await readFile(pdf)).subarray(0, 5).toString()).toBe('%PDF-');
    expect((await run('report', model.frontier, '--format', 'pdf')).stderr).toContain('argument-invalid');
    const json = await run('report', model.frontier, '--at', JUNE);
    expect(JSON.parse(json.stdout)).toMatchObject({ model: { id: model.frontier } });
  });

  test('filed by the lab, with its costs', async () => {
    const costs = join(await freshFolder(), 'costs.json');
    const lines = [
      { item: 'distillation', gpuHours: 5_700, usd: 70_053 },
      { item: 'evaluation', gpuHours: 1_000, usd: 12_290 },
    ];
    await writeFile(costs, JSON.stringify({ costs: lines, creation: [{ on: '2026-02-01', what: 'begun' }] }));
    expect((await run('report', model.frontier, '--publish', '--costs', costs)).status).toBe(0);
    const { kind, body } = published.at(-1) as (typeof published)[number];
    expect(checkBody(kind, body)).toBe(null);
    expect(body).toMatchObject({ frontier: model.frontier, analog: model.analog, costs: lines });
    expect((await run('report', awaited, '--publish')).stderr).toContain('not-found');
  });
});

test('holders', async () => {
  expect((await runCli(['holders', '0.001'])).stdout).toContain('693');
  expect(JSON.parse((await runCli(['holders', '0.01', '--json'])).stdout)).toEqual({
    chance: 0.01,
    holders: 69,
  });
  for (const chance of ['0', '2', 'often', '0.0000001'])
    expect((await runCli(['holders', chance])).stderr).toContain('argument-invalid');
});

describe('release check', () => {
  const check = (folder: string, ...more: string[]) =>
    run('release', 'check', folder, '--frontier', awaited.slice(-8), '--at', '2026-07-01', ...more);
  const clauses = (stdout: string) =>
    new Map(
      (JSON.parse(stdout) as { clauses: { clause: string; state: string; code: string }[] }).clauses.map(
        (each) => [each.clause, each],
      ),
    );

  test('a directory and its notice, by the same clauses', async () => {
    const folder = await releaseFolder();
    const notice = join(await freshFolder(), 'notice.json');
    await writeFile(notice, JSON.stringify({ training: contentCid('data'), distilledFrom: awaited }));
    const run = await check(folder, '--notice', notice, '--json');
    const found = clauses(run.stdout);
    for (const clause of ['M1', 'M4', 'M5', 'M6', 'M7', 'M9', 'M10', 'M11', 'M12'])
      expect(found.get(clause), clause).toMatchObject({ state: 'met' });
    // nobody has evaluated these bytes
    expect(found.get('M18')).toMatchObject({ state: 'not-met', code: 'evaluation-missing' });
    expect(run.status).toBe(3);
    const { checkpoint, analog } = JSON.parse(run.stdout) as {
      checkpoint: { cid: string };
      analog: PlainObject;
    };
    expect(analog).toMatchObject({ parameters: ANALOG_PARAMETERS, checkpoint: checkpoint.cid });
  });

  test('says what to do about each that is not met', async () => {
    const folder = await releaseFolder();
    for (const name of ['DATA.md', 'LICENSE', 'scripts']) await rm(join(folder, name), { recursive: true });
    const { status, stdout } = await check(folder);
    expect(status).toBe(3);
    for (const clause of ['M10', 'M11', 'M12'])
      expect(stdout).toMatch(new RegExp(`^${clause} +NOT MET`, 'm'));
    expect(stdout).toContain('->');
  });

  test('too late', async () => {
    const { stdout } = await run(
      'release',
      'check',
      await releaseFolder(),
      '--frontier',
      awaited,
      '--at',
      '2026-09-01',
      '--json',
    );
    expect(clauses(stdout).get('M7')).toMatchObject({ state: 'not-met', code: 'late' });
  });
});

test('release inspect: what the bytes hold, as a message', async () => {
  const folder = await releaseFolder();
  const shown = JSON.parse((await run('release', 'inspect', folder)).stdout) as PlainObject;
  expect(shown).toMatchObject({ parameters: ANALOG_PARAMETERS, modelType: 'llama' });
  expect(checkBody('inspection/1', shown)).toBe(null);
  await rm(join(folder, 'DATA.md'));
  expect((await run('release', 'inspect', folder, '--publish')).status).toBe(0);
  const { kind, body } = published.at(-1) as (typeof published)[number];
  expect(kind).toBe('inspection/1');
  expect(body['checkpoint']).not.toBe(shown['checkpoint']);
  expect(body['requirements']).toContainEqual({ requirement: 5, state: 'failed', code: 'heading-missing' });
});
