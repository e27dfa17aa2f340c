import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Model } from '../../services/gateway/routes/overview.ts';
import { filesMatching } from '../architecture/files.ts';
import { launchChromium } from '../support/chromium.ts';
import { runCli, startCli } from '../support/run-cli.ts';

const PARTS = ['releases', 'findings', 'federation', 'calendar', 'verify', 'act'] as const;
const AXE = new URL('../../node_modules/axe-core/axe.min.js', import.meta.url);
/** Dozens of signatures, on a machine that does other things. */
const CHECKS_TIMEOUT_MS = 60_000;
const LOOKS = [
  ['light', 1280, 'light'],
  ['dark', 1280, 'dark'],
  ['phone', 390, 'light'],
] as const;

let browser: Browser;
let scratch: string;
let demo: ReturnType<typeof startCli>;
/** The regulator's page, after the demo's last step. */
let url: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'oversight-page-'));
  demo = startCli(['demo'], { TMPDIR: scratch });
  for await (const line of createInterface({ input: demo.stdout })) {
    const [, found] = /page: (http:\S+)/.exec(line) ?? [];
    if (found === undefined) continue;
    url = found;
    break;
  }
  demo.stdout.resume();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  const ended = once(demo, 'close');
  demo.kill('SIGINT');
  await ended;
  await rm(scratch, { recursive: true, force: true });
});

describe('the page of the demo’s regulator', () => {
  test.each(LOOKS)(
    'every part, %s: all checked here, no fault, accessible, no sideways scrolling',
    async (_, width, colorScheme) => {
      const { page, faults } = await newPage({ width, colorScheme });
      const axe = await readFile(AXE, 'utf8');
      for (const part of PARTS) {
        await open(page, part);
        if (part === 'act') await chooseModel(page, 'example-frontier');
        // witnesses go on seeing the last messages for a moment
        await expect.poll(() => openMarks(page, part), { timeout: CHECKS_TIMEOUT_MS }).toEqual([]);
        await page.evaluate(axe);
        const violations = await page.evaluate<string[]>(
          `axe.run(document, { resultTypes: ['violations'] }).then((all) => all.violations.map(({ id }) => id))`,
        );
        expect(violations, part).toEqual([]);
        expect(
          await page.evaluate('document.documentElement.scrollWidth - innerWidth'),
          part,
        ).toBeLessThanOrEqual(0);
      }
      expect(faults).toEqual([]);
    },
  );

  test('shows both acts of the regulator, and what is late', async () => {
    const { page } = await newPage();
    await open(page, 'releases');
    const late = model(page, 'example-frontier-2');
    expect(await late.locator('.window').getAttribute('data-late')).toBe('true');
    await late.locator('[data-kind="notice-of-non-compliance/1"] .check[data-state="checked"]').waitFor();
    expect(await late.locator('[data-clause="M7"] .state').getAttribute('data-state')).toBe('not-met');
    const first = model(page, 'example-frontier 1.0');
    await first.locator('[data-kind="determination/1"] .check[data-state="checked"]').first().waitFor();
    expect(await first.locator('[data-clause="M7"] .state').getAttribute('data-state')).toBe('met');
    await open(page, 'calendar');
    const overdue = page.getByRole('region', { name: 'What is late' });
    expect(await overdue.locator('tbody tr').allInnerTexts()).toEqual([
      expect.stringMatching(/the analog is due\s+example-frontier-2/),
    ]);
  });

  test('has every place that the table of clauses names', async () => {
    const { page } = await newPage();
    await open(page, 'releases');
    const first = model(page, 'example-frontier 1.0');
    await first.locator('[data-clause]').first().waitFor({ state: 'attached' });
    const table = filesMatching('protocols/spec/18-oversight.md')[0]?.text ?? '';
    const rows = [...table.matchAll(/^\| `([MN]\d+)` \|.*\| Releases, ([^|]+) \|$/gm)];
    expect(rows).toHaveLength(25);
    for (const [, clause, place = ''] of rows) {
      const [name = '', more] = place.split(' and ');
      expect(await first.locator(`[data-place="${name}"]`).count(), `${clause}: ${place}`).toBeGreaterThan(0);
      if (more === 'window') expect(await first.locator('.timeline .window').count()).toBe(1);
      // holders are not a clause that is judged
      if (clause !== 'N2') expect(await first.locator(`[data-clause="${clause}"]`).count(), clause).toBe(1);
    }
  });

  test('draws each verifier’s counts beside the claim, with intervals', async () => {
    const { page } = await newPage();
    await open(page, 'findings');
    const plots = page.locator('.finding').first().locator('.forest svg');
    await plots.first().locator('.interval').first().waitFor({ state: 'attached' });
    expect(await plots.count()).toBe(2);
    const counted = await plots.first().locator('.counted').count();
    const claimed = await plots.first().locator('.claimed').count();
    expect([counted, claimed]).toEqual([8, 2]); // two verifiers: baseline, treated, two random vectors
    await expect.poll(() => plots.first().locator('.interval').count()).toBe(10);
  });

  test('a regulator acts by keyboard, and the page shows it as it comes', async () => {
    const { page } = await newPage();
    const [home = ''] = (await readdir(scratch)).filter((name) => name.startsWith('oversight-demo-'));
    const token = (await readFile(join(scratch, home, 'regulator', 'token'), 'utf8')).trim();
    await open(page, 'act');
    await chooseModel(page, 'example-frontier-2');
    const form = page.locator('.act[data-kind="determination/1"]');
    await form.getByRole('button', { name: 'Sign and publish' }).press('Enter');
    expect(await answerOf(form)).toMatch(/^Not published: /);
    await page.getByLabel('owner’s token').fill('b'.repeat(64));
    await form.getByLabel('outcome').selectOption('late');
    await form.getByLabel('legal basis').fill('Example Analog Act, section 3');
    await form.getByLabel('reason').fill('Nothing came.');
    await form.getByRole('button', { name: 'Sign and publish' }).press('Enter');
    expect(await answerOf(form)).toMatch(/^Not published: /); // nobody's token
    await page.getByLabel('owner’s token').fill(token);
    await form.getByRole('button', { name: 'Sign and publish' }).press('Enter');
    await form.locator('.answer a').waitFor();
    await page.goto(`${url}#/releases`);
    const said = model(page, 'example-frontier-2').locator('[data-kind="determination/1"]');
    await said.locator('.check[data-state="checked"]').waitFor();
    expect(await said.innerText()).toContain('regulator determined: late');
  });

  test('a node that lies is marked', async () => {
    const { page } = await newPage();
    await page.route('**/findings?*', async (route) => {
      const answer = await route.fetch();
      const body = await answer.text();
      await route.fulfill({ response: answer, body: body.replaceAll('"k":0,', '"k":1,') });
    });
    await open(page, 'findings');
    await page.locator('.finding > .check[data-state="wrong"]').first().waitFor();
    const marks = page.locator('.finding > .check');
    await settled(page, 'findings');
    expect(await marks.evaluateAll((all) => all.map((each) => each.getAttribute('data-state')))).toEqual(
      Array.from({ length: 4 }, () => 'wrong'),
    );
    await page.route('**/models?*', async (route) => {
      const answer = await route.fetch();
      const { models, next } = await answer.json();
      // known an hour later than witnesses say
      for (const { frontier } of models) frontier.established += 3_600_000;
      await route.fulfill({ response: answer, json: { models, next } });
    });
    await open(page, 'releases');
    await page.locator('.model > .check[data-state="wrong"]').first().waitFor();
  });

  test('checks dropped files by itself: a message, a proof, a bundle, and none when tampered with', async () => {
    const { page, faults } = await newPage();
    const id = await frontierOf('example-frontier');
    const bytesAt = async (path: string) => Buffer.from(await (await fetch(`${url}${path}`)).arrayBuffer());
    const proof = await bytesAt(`messages/${id}.tlog-proof`);
    const wire = await bytesAt(`messages/${id}?format=wire`);
    const [home = ''] = (await readdir(scratch)).filter((name) => name.startsWith('oversight-demo-'));
    const file = join(scratch, 'all.car');
    await runCli(['export', file, '--home', join(scratch, home, 'regulator')]);
    const bundle = await readFile(file);
    const spoilt = Buffer.from(bundle);
    spoilt[bundle.length >> 1] = (bundle[bundle.length >> 1] ?? 0) ^ 1;
    const broken = Buffer.from(wire);
    broken[40] = (broken[40] ?? 0) ^ 1;
    await open(page, 'verify');
    const files = [
      ['release.tlog-proof', proof, 'checked'],
      ['release.cbor', wire, 'partly'],
      ['release.json', await bytesAt(`messages/${id}`), 'partly'],
      ['broken.cbor', broken, 'wrong'],
      ['broken.tlog-proof', Buffer.from(proof.toString().replace('index ', 'index 1')), 'wrong'],
      ['nothing.txt', Buffer.from('nothing'), 'wrong'],
      ['all.car', bundle, 'checked'],
      ['spoilt.car', spoilt, 'wrong'],
      ['cut-off.car', bundle.subarray(0, bundle.length - 100), 'wrong'],
    ] as const;
    await page
      .locator('#verify-files')
      .setInputFiles(files.map(([name, buffer]) => ({ name, mimeType: 'application/octet-stream', buffer })));
    await settled(page, 'verify');
    for (const [name, , state] of files) {
      const card = page.locator('#verified article', { has: page.locator('h3', { hasText: name }) });
      expect(await card.locator('.check').getAttribute('data-state'), await card.innerText()).toBe(state);
    }
    const all = page.locator('#verified article', { has: page.locator('h3', { hasText: 'all.car' }) });
    expect(await all.innerText()).toMatch(/signatures: messages signed by their authors \(\d{2,}\)/);
    expect(faults).toEqual([]); // nothing was sent anywhere
  });
});

async function newPage({ width = 1280, colorScheme = 'light' as 'light' | 'dark' } = {}) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  onTestFinished(() => page.close());
  const faults: string[] = [];
  page.on('console', (entry) => {
    if (entry.type() === 'error' || entry.type() === 'warning') faults.push(entry.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) faults.push(`request to ${request.url()}`);
  });
  return { page, faults };
}

async function open(page: Page, part: string): Promise<void> {
  await page.goto(`${url}#/${part}`);
  await drawn(page, part);
}

async function drawn(page: Page, part: string): Promise<void> {
  await page.locator(`#${part} > *`).first().waitFor();
  await page.locator('#connection[data-state="live"]').waitFor();
}

async function frontierOf(name: string): Promise<string> {
  const answer = (await (await fetch(`${url}models`)).json()) as { readonly models: readonly Model[] };
  const found = answer.models.find(({ frontier }) => frontier?.name === name);
  return found?.frontier?.id ?? '';
}

async function chooseModel(page: Page, name: string): Promise<void> {
  await page.goto(`${url}#/act/${await frontierOf(name)}`);
  await page.locator('.act').nth(1).waitFor();
}

/** No mark of the part waits for its answer any more. */
async function settled(page: Page, part: string): Promise<void> {
  const waiting = page.locator(`#${part} .check[data-state="waiting"]`);
  await expect.poll(() => waiting.count(), { timeout: CHECKS_TIMEOUT_MS }).toBe(0);
}

/** What marks of the part say that are not all that they could be, as the page stands now. */
async function openMarks(page: Page, part: string): Promise<(string | null)[]> {
  await settled(page, part);
  const open = await page
    .locator(`#${part} .check:not([data-state="checked"])`)
    .evaluateAll((all) => all.map((each) => each.textContent));
  if (open.length > 0) {
    await page.reload();
    // of a part that is not drawn yet no mark is open
    await drawn(page, part);
  }
  return open;
}

function model(page: Page, title: string): Locator {
  return page.locator('.model', { has: page.locator('h3', { hasText: title }) });
}

async function answerOf(form: Locator): Promise<string> {
  const answer = form.locator('.answer');
  await answer.filter({ hasText: /published/i }).waitFor();
  return answer.innerText();
}
