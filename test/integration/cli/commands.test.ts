import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../../services/gateway/index.ts';
import { exampleStory } from '../../support/example-story.ts';
import { charterDocumentOf } from '../../support/federation.ts';
import { InMemoryNode } from '../../support/in-memory-node.ts';
import { type CliRun, runCli, startCli } from '../../support/run-cli.ts';
import { claimOf, contentCid, findingBody, frontierBody } from '../../support/samples.ts';
import { steadyPort } from '../../support/steady-port.ts';

const TOKEN = 'c'.repeat(48);
/** Terminal control and right-to-left override. */
const ESCAPES = ['\u001b', '\u202e'];

let folder: string;
let story: ReturnType<typeof exampleStory>;
let gateway: Gateway;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oversight-cli-'));
  story = exampleStory();
  gateway = await createGateway(story.node, { token: TOKEN, port: 0 });
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe('a failure is its code, a sentence and a status', () => {
  const nowhere = { OVERSIGHT_URL: 'http://127.0.0.1:9' };
  test.each<[string, string[], Record<string, string>, number, string]>([
    ['unknown command', ['fetch'], {}, 2, 'argument-invalid'],
    ['unknown option', ['show', 'status', '--frob'], {}, 2, 'argument-invalid'],
    ['missing option', ['init'], {}, 2, 'argument-invalid'],
    [
      'unknown role',
      ['init', '--name', 'a', '--organisation', 'A', '--roles', 'king'],
      {},
      2,
      'argument-invalid',
    ],
    ['cursor that is none', ['watch', '--after', '1.5'], {}, 2, 'argument-invalid'],
    ['unknown event type', ['watch', '--type', 'x'], {}, 2, 'argument-invalid'],
    ['missing charter', ['charter', 'show', '/nowhere/charter.json'], {}, 1, 'charter-not-found'],
    ['missing member', ['charter', 'create', ...charterFlags('/nowhere/member.json')], {}, 1, 'not-found'],
    ['no node', ['show', 'status'], nowhere, 1, 'node-unreachable'],
    ['no node to watch', ['watch'], nowhere, 1, 'node-unreachable'],
    ['no home', ['show', 'status'], {}, 1, 'node-unreachable'],
    ['no home to join from', ['join', '--charter', '/nowhere/charter.json'], {}, 1, 'home-not-found'],
    ['address that is none', ['show', 'status', '--url', 'file:///etc/passwd'], {}, 1, 'argument-invalid'],
    ['missing finding folder', ['verify', '/nowhere'], {}, 1, 'not-found'],
    ['missing body', ['publish', 'finding'], {}, 1, 'argument-invalid'],
  ])('%s', async (_, args, env, status, code) => {
    expectFailure(await runCli(args, env), status, code);
  });

  test('a node that is something else', async () => {
    const run = await runCli(['show', 'record', '--url', `${gateway.url}/page`]);
    expectFailure(run, 1, 'not-found');
  });

  test('where it happened is shown on request only', async () => {
    const run = await runCli(['charter', 'show', '/nowhere'], { OVERSIGHT_DEBUG: '1' });
    expect(run.stderr).toContain('    at ');
  });
});

describe('making a federation', () => {
  test('init, charter and join; a home is made once, a charter never overwritten', async () => {
    const entries = [];
    for (const [name, roles] of [
      ['a-lab', 'lab'],
      ['a-verifier', 'verifier,witness'],
    ] as const) {
      const home = join(folder, name);
      const made = await runCli(['init', ...initFlags(home, name, roles), '--json']);
      expect(made).toMatchObject({ status: 0, stderr: '' });
      expect(JSON.parse(made.stdout)).toEqual(JSON.parse(await readFile(join(home, 'member.json'), 'utf8')));
      expect((await stat(join(home, 'seed'))).mode & 0o777).toBe(0o600);
      entries.push(join(home, 'member.json'));
    }
    expectFailure(
      await runCli(['init', ...initFlags(join(folder, 'a-lab'), 'a-lab', 'lab')]),
      1,
      'home-exists',
    );

    const out = join(folder, 'charter.json');
    const create = [
      'charter',
      'create',
      '--name',
      'Two',
      '--quorum',
      '1',
      '--out',
      out,
      '--member',
      ...entries,
    ];
    const created = await runCli([...create, '--json']);
    expect(created).toMatchObject({ status: 0, stderr: '' });
    const { federation } = JSON.parse(created.stdout);
    expectFailure(await runCli(create), 1, 'argument-invalid');
    const shown = await runCli(['charter', 'show', out]);
    expect(shown.stdout).toContain(federation);
    expectNarrow(shown.stdout);

    const joined = await runCli(['join', '--home', join(folder, 'a-lab'), '--charter', out, '--json']);
    expect(JSON.parse(joined.stdout)).toEqual({ federation, founder: true });
    const other = join(folder, 'other.json');
    await writeFile(other, JSON.stringify(charterDocumentOf()));
    expectFailure(
      await runCli(['join', '--home', join(folder, 'a-lab'), '--charter', other]),
      1,
      'home-exists',
    );
  });

  test('a quorum that no verifiers can reach is warned of', async () => {
    const home = join(folder, 'lab');
    await runCli(['init', ...initFlags(home, 'lab', 'lab')]);
    const run = await runCli(['charter', 'create', ...charterFlags(join(home, 'member.json'))]);
    expect(run.status).toBe(0);
    expect(run.stderr).toContain('warning');
  });

  test('a policy file gives whole sections; what it does not say is as usual', async () => {
    const home = join(folder, 'watcher');
    await runCli(['init', ...initFlags(home, 'watcher', 'witness')]);
    const out = join(folder, 'with-policy.json');
    const create = async (sections: object, ...more: string[]) => {
      const flags = ['--name', 'One', '--member', join(home, 'member.json'), '--out', out];
      const policy = ['--policy', await write('policy.json', sections)];
      return runCli(['charter', 'create', ...flags, ...policy, ...more]);
    };
    const group = { name: 'all', threshold: 1, members: ['watcher'] };
    const witness = { outside: [], groups: [group], quorum: 'all' };
    const verification = { quorum: 1, alphaPpm: 10_000, controls: 3 };
    for (const [sections, code, ...more] of [
      [{ witness }, 'argument-invalid'],
      [{ verification }, 'argument-invalid', '--controls', '4'],
      [{ witnesses: witness }, 'argument-invalid', '--quorum', '1'],
      [{ quotas: { burst: 1 } }, 'argument-invalid', '--quorum', '1'],
      [
        { witness: { ...witness, groups: [group, { ...group, name: 'again' }] } },
        'charter-invalid',
        '--quorum',
        '1',
      ],
      [{ witness: { ...witness, quorum: 'nobody' } }, 'charter-invalid', '--quorum', '1'],
    ] as const) {
      expectFailure(await create(sections, ...more), 1, code);
    }
    expect((await create({ witness, verification })).status).toBe(0);
    const { policy } = JSON.parse(await readFile(out, 'utf8'));
    expect(policy).toMatchObject({ witness, verification, amendment: { consentPpm: 500_000 } });
  });
});

describe('showing', () => {
  test('the record, its parts and the node, within 80 columns', async () => {
    for (const [view, facts] of [
      [['record'], ['Example federation', 'tiny-analog', '4.69 %', 'confirmed', story.findings.faithful]],
      [['releases'], ['tiny-frontier', '6,689,024', contentCid('analog checkpoint')]],
      [['members'], ['verifier-south', 'not yet']],
      [['charter'], ['version 0, in force', 'none']],
      [['status'], ['example-regulator', 'signature-invalid 2']],
      [
        ['finding', story.findings.faithful],
        ['trigger rate, treated', '1 % 4/400', 'effect-reproduced'],
      ],
      [
        ['finding', story.findings.random.slice(-10)],
        ['refuted', 'no-change-from-baseline'],
      ],
      [
        ['message', story.frontier.id],
        ['frontier-release/1', '"tiny-frontier"'],
      ],
    ] as const) {
      const run = await runCli(['show', ...view, '--url', gateway.url]);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      for (const fact of facts) expect(run.stdout).toContain(fact);
      expectNarrow(run.stdout);
    }
  });

  test('as JSON, with the digest beside the record', async () => {
    const run = await runCli(['show', 'record', '--json'], { OVERSIGHT_URL: gateway.url });
    expect(JSON.parse(run.stdout)).toEqual(story.node.record());
  });

  test('an end that fits none or several findings is refused', async () => {
    expectFailure(await show('finding', 'zzzzzz'), 1, 'not-found');
    expectFailure(await show('finding', ''), 1, 'argument-invalid');
  });

  test('text from the network cannot steer the terminal', async () => {
    const id = story.node.hear('example-academy', 'finding/1', findingBody(`${ESCAPES.join('')}title`)).id;
    for (const view of [['record'], ['finding', id], ['message', id]]) {
      const { stdout } = await show(...view);
      expect(stdout).toContain('title');
      for (const character of ESCAPES) expect(stdout).not.toContain(character);
    }
  });
});

describe('publishing', () => {
  let lab: InMemoryNode;
  let labGateway: Gateway;
  let env: Record<string, string>;

  beforeEach(async () => {
    lab = new InMemoryNode('example-lab');
    labGateway = await createGateway(lab, { token: TOKEN, port: 0 });
    env = { OVERSIGHT_URL: labGateway.url, OVERSIGHT_TOKEN: TOKEN };
  });
  afterEach(() => labGateway[Symbol.asyncDispose]());

  test('a release with its checkpoint', async () => {
    const body = await write('body.json', frontierBody('published'));
    const run = await runCli(['publish', 'frontier-release', '--body', body, '--dir', folder, '--json'], env);
    expect(run).toMatchObject({ status: 0, stderr: 'read  50 % of 12 B\n' });
    const message = lab.message(JSON.parse(run.stdout).id);
    expect(message).toMatchObject({
      kind: 'frontier-release/1',
      body: { ...frontierBody('published'), checkpoint: { cid: contentCid(folder), sizeBytes: 12 } },
    });
  });

  test('a finding folder, and a directory at a path of one’s own', async () => {
    const { intervention: _i, suite: _s, ...body } = findingBody('from a folder');
    await mkdir(join(folder, 'steer'));
    await mkdir(join(folder, 'prompts'));
    await write('finding.json', { ...body, intervention: './steer', suite: 'prompts', targetDirectory: '.' });
    const extra = ['--content', `extra.logs=${folder}`];
    const run = await runCli(['publish', 'finding', '--dir', folder, ...extra, '--json'], env);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    const published = lab.message(JSON.parse(run.stdout).id);
    expect(published?.body).toEqual({
      ...body,
      intervention: reference(join(folder, 'steer')),
      suite: reference(join(folder, 'prompts')),
      extra: { logs: reference(folder) },
    });
  });

  test.each([
    ['another token', { OVERSIGHT_TOKEN: 'd'.repeat(48) }, 'token-invalid'],
    ['no token for a foreign address', { OVERSIGHT_TOKEN: undefined }, 'token-invalid'],
  ])('%s', async (_, change, code) => {
    const body = await write('body.json', frontierBody('m'));
    const merged = Object.entries({ ...env, ...change }).filter(([, value]) => value !== undefined);
    const run = await runCli(
      ['publish', 'frontier-release', '--body', body],
      Object.fromEntries(merged) as Record<string, string>,
    );
    expectFailure(run, 1, code);
    expect(lab.status().messages).toBe(0);
  });

  test('what the node refuses is refused with its reason', async () => {
    const body = await write('body.json', { ...frontierBody('m'), deployedOn: 'yesterday' });
    const run = await runCli(['publish', 'frontier-release', '--body', body], env);
    expectFailure(run, 1, 'message-refused');
    expect(run.stderr).toContain('body-invalid');
    const missing = ['publish', 'analog-release', '--body', body, '--dir', join(folder, 'missing')];
    const nowhere = await runCli(missing, env);
    expect(nowhere).toMatchObject({ status: 1, stdout: '' });
    expect(nowhere.stderr).toContain('error checkpoint-invalid: not-a-directory');
  });

  test('the home of a running node says where it is and proves the owner', async () => {
    await write('node.json', { gateway: labGateway.url });
    await writeFile(join(folder, 'token'), `${TOKEN}\n`);
    const body = await write('body.json', frontierBody('m'));
    const run = await runCli(['publish', 'frontier-release', '--body', body, '--home', folder]);
    expect(run).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('watching', () => {
  test('prints what was and what comes, resumes over a restart, and ends on request with status 0', async () => {
    await gateway[Symbol.asyncDispose]();
    const port = await steadyPort();
    gateway = await createGateway(story.node, { token: TOKEN, port });
    const child = startCli(['watch', '--after', '24'], { OVERSIGHT_URL: gateway.url });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => (await lines.next()).value as string;
    expect(await next()).toMatch(/^ {2}25 .*verifier-south re-ran, refuted: /);
    expect(await next()).toMatch(/^ {2}26 .*finding now refuted: /);
    await gateway[Symbol.asyncDispose]();
    gateway = await createGateway(story.node, { token: TOKEN, port });
    story.lastVerdict();
    const verdict = await next();
    expect(verdict).toMatch(/^ {2}27 .*verifier-south re-ran, refuted: /);
    expectNarrow(verdict);
    child.kill('SIGINT');
    const [status] = await once(child, 'close');
    expect(status).toBe(0);
  });

  test('as CloudEvents, of the types asked for', async () => {
    const args = ['watch', '--json', '--type', 'analog.released'];
    const child = startCli(args, { OVERSIGHT_URL: gateway.url });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const event = JSON.parse((await lines.next()).value as string);
    expect(event).toMatchObject({ specversion: '1.0', type: 'org.analog-oversight.analog.released' });
    child.kill('SIGTERM');
    const [status] = await once(child, 'close');
    expect(status).toBe(0);
  });
});

describe('verify', () => {
  test.each<[string, object, string]>([
    ['a claim against its schema', { claim: { ...claimOf(), gates: [] } }, 'finding-invalid'],
    ['a directory that is not there', { suite: './nowhere' }, 'not-found'],
    ['no target', {}, 'argument-invalid'],
  ])('refuses %s', async (_, change, code) => {
    const file = { title: 't', intervention: '.', suite: '.', claim: claimOf(), ...change };
    await write('finding.json', file);
    expectFailure(await runCli(['verify', folder]), 1, code);
  });
});

test('--version and --help', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
  expect(await runCli(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  for (const args of [['--help'], ['publish', '--help'], ['charter', 'create', '--help']]) {
    const help = await runCli(args);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expectNarrow(help.stdout);
  }
});

function expectFailure(run: CliRun, status: number, code: string): void {
  expect(run.stderr).toMatch(new RegExp(`^error ${code}: .`));
  expect(run.stderr).not.toContain('    at ');
  expect(run.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  expect(run.status).toBe(status);
}

function expectNarrow(text: string): void {
  // identifiers of 59 characters and their label fit; nothing may be wider
  for (const line of text.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(80);
}

function show(...view: readonly string[]): Promise<CliRun> {
  return runCli(['show', ...view, '--url', gateway.url]);
}

function reference(directory: string) {
  return { cid: contentCid(directory), profile: 'unixfs-v1-2025', sizeBytes: 12 };
}

async function write(name: string, value: object): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(value));
  return path;
}

function initFlags(home: string, name: string, roles: string): string[] {
  return ['--home', home, '--name', name, '--organisation', `The ${name}`, '--roles', roles];
}

function charterFlags(member: string): string[] {
  return [
    '--name',
    'One',
    '--member',
    member,
    '--quorum',
    '1',
    '--out',
    join(folder ?? '/nowhere', 'c.json'),
  ];
}
