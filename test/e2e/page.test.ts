import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../services/gateway/index.ts';
import { launchChromium } from '../support/chromium.ts';
import { exampleStory, FINDING_TITLES } from '../support/example-story.ts';
import { governedCharter, playGoverned } from '../support/governed-histories.ts';
import { InMemoryNode } from '../support/in-memory-node.ts';
import { contentCid, findingBody } from '../support/samples.ts';
import { randomFrom } from '../support/seed.ts';
import { steadyPort } from '../support/steady-port.ts';

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=1</script>';

let browser: Browser;
let story: ReturnType<typeof exampleStory>;
let gateway: Gateway;
let page: Page;
/** Console errors and warnings, page errors, and requests that left the gateway. */
let faults: string[];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

beforeEach(async () => {
  story = exampleStory();
  gateway = await createGateway(story.node, { token: 'a'.repeat(48), port: 0 });
  faults = [];
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('console', (entry) => {
    if (entry.type() === 'error' || entry.type() === 'warning') faults.push(entry.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(gateway.url)) faults.push(`request to ${request.url()}`);
  });
  await page.addInitScript({
    content: "addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective))",
  });
});
afterEach(async () => {
  await page.close();
  await gateway[Symbol.asyncDispose]();
});

describe('the page', () => {
  test('shows the federation, its releases and its members', async () => {
    await open('releases');
    expect(await page.textContent('h1')).toBe('Example federation');
    const releases = await page.textContent('#releases');
    for (const fact of ['tiny-frontier', '6,689,024', 'tiny-analog', '4.69', 'Apache-2.0', 'example-lab']) {
      expect(releases).toContain(fact);
    }
    expect(releases).toContain(contentCid('analog checkpoint').slice(-10));
    expect(await page.textContent('#digest')).toBe(story.node.record().digest);
    await open('federation');
    expect(await page.textContent('#federation')).toContain('verifier-south');
    expect(faults).toEqual([]);
  });

  test('shows a claim beside each verifier’s counts, the standing and the reasons', async () => {
    await open();
    const confirmed = finding(FINDING_TITLES.faithful);
    expect(await confirmed.getAttribute('data-standing')).toBe('confirmed');
    // the verdicts stand in the order of the record
    const [measure, claimed, ...verifiers] = await confirmed.locator('thead th').allInnerTexts();
    expect([measure, claimed]).toEqual(['Measure', 'Claimed']);
    expect(verifiers.sort()).toEqual(['verifier-north\nconfirmed', 'verifier-south\nconfirmed']);
    const rows = (await confirmed.locator('tbody tr').allInnerTexts()).map((row) =>
      row.replaceAll(/\s+/g, ' '),
    );
    expect(rows[1]).toBe('trigger rate treated 1 % 4/400 at most 5 % 1 % 4/400 1 % 4/400');
    const refuted = finding(FINDING_TITLES.random);
    expect(await refuted.getAttribute('data-standing')).toBe('refuted');
    const reasons = refuted.locator('> .reasons > li');
    expect(await reasons.first().getAttribute('data-bearing')).toBe('refutes');
    expect(await reasons.evaluateAll((all) => all.map((each) => each.getAttribute('data-reason')))).toContain(
      'no-change-from-baseline',
    );
    expect(await finding(FINDING_TITLES.overdose).getAttribute('data-standing')).toBe('open');
  });

  test('an event appears as it comes, the record follows, and opened details stay open', async () => {
    await open();
    await page.locator('#connection[data-state="live"]').waitFor();
    const overdose = finding(FINDING_TITLES.overdose);
    await verdictsOf(overdose).locator('> summary').click();
    story.lastVerdict();
    await page.locator('.finding[data-standing="refuted"]', { hasText: FINDING_TITLES.overdose }).waitFor();
    // which may be after the record: they come by two ways
    const newest = page.locator(`#events li[data-cursor="${story.node.status().lastEvent}"]:first-child`);
    expect(await newest.getAttribute('data-type')).toBe('org.analog-oversight.finding.standing-changed');
    expect(await verdictsOf(overdose).getAttribute('open')).toBe('');
    expect(faults).toEqual([]);
  });

  test('an answer that is late is not drawn over a newer one', async () => {
    await page.clock.install(); // the pause before the page looks again passes at once
    const late = Promise.withResolvers<void>();
    let [looks, asked] = [0, 0];
    page.on('request', (request) => {
      if (request.url().endsWith('/overview')) looks += 1;
    });
    await page.route('**/findings?*', async (route) => {
      const response = await route.fetch();
      const body = await response.text();
      asked += 1;
      if (asked === 2) await late.promise;
      await route.fulfill({ response, body });
    });
    const again = async () => {
      await page.locator(`#events li[data-cursor="${story.node.status().lastEvent}"]`).waitFor();
      await page.clock.runFor(1_000);
    };
    await open();
    await again();
    await expect.poll(() => asked).toBe(2);
    story.lastVerdict();
    await again();
    await page.evaluate("fetch('health')"); // whatever was asked before it has been seen
    expect(looks).toBe(2);
    late.resolve();
    await page.locator('.finding[data-standing="refuted"]', { hasText: FINDING_TITLES.overdose }).waitFor();
    expect(asked).toBe(3);
  });

  test('shows where the charter stands, how far feeds are witnessed, former keys and forks', async () => {
    const charter = governedCharter();
    // a history that has all of it
    const history = playGoverned(charter, 250, randomFrom(41));
    const node = new InMemoryNode('example-regulator', charter);
    node.take(history);
    await using changing = await createGateway(node, { token: 'a'.repeat(48), port: 0 });
    await open('federation', changing.url);
    const { record } = node.record();
    const versions = page.getByRole('region', { name: 'Versions of the charter' }).locator('tbody th');
    const numbers = record.charter.history.map(({ version }) => `Version ${version}`).reverse();
    expect((await versions.allInnerTexts()).map((text) => text.replace(' in force', ''))).toEqual(numbers);
    expect(await page.locator('.proposal .tag').allInnerTexts()).toEqual(
      record.proposals.map(({ consents, needed }) => `${consents.length} of ${needed} consents`),
    );
    const former = [...record.members, ...record.formerMembers].flatMap((each) => each.former);
    const rows = page.getByRole('region', { name: 'Former keys' }).locator('tbody tr');
    expect(await rows.count()).toBe(former.length);
    expect(await page.locator('.fork').count()).toBe(record.forks.length);
    expect(await page.textContent('#federation')).toMatch(/20\d\d-\d\d-\d\d \d\d:\d\d UTC/);
    const known = record.findings.filter(({ established }) => established !== null);
    expect(Math.min(numbers.length, former.length, record.forks.length, known.length)).toBeGreaterThan(0);
    const excess = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(excess).toBeLessThanOrEqual(0);
    expect(faults.filter((fault) => !fault.startsWith(`request to ${changing.url}`))).toEqual([]);
  });

  test('what the network wrote stays text', async () => {
    story.node.hear('example-academy', 'finding/1', findingBody(HOSTILE));
    await open();
    await finding(HOSTILE).waitFor();
    await page.locator('#events li', { hasText: HOSTILE }).waitFor();
    expect(await page.locator('main img:not(svg), main script, aside img').count()).toBe(0);
    expect(await page.title()).toBe('Example federation · oversight network');
    expect(faults).toEqual([]);
  });

  test.each([
    ['phone', 390, 844],
    ['desktop', 1280, 900],
  ])('fits a %s without sideways scrolling', async (_, width, height) => {
    await page.setViewportSize({ width, height });
    await open();
    const excess = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(excess).toBeLessThanOrEqual(0);
  });

  test('is worked by keyboard: past the header to the content, then into a finding', async () => {
    await open();
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('class')).toBe('skip');
    await page.keyboard.press('Enter');
    const summary = verdictsOf(finding(FINDING_TITLES.overdose)).locator('> summary');
    while (!(await summary.evaluate((each) => each.matches(':focus')))) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    expect(await verdictsOf(finding(FINDING_TITLES.overdose)).getAttribute('open')).toBe('');
  });

  test('says so when the node has gone, and that it came back', async () => {
    await gateway[Symbol.asyncDispose]();
    const port = await steadyPort();
    gateway = await createGateway(story.node, { token: 'a'.repeat(48), port });
    await open();
    await gateway[Symbol.asyncDispose]();
    await page.locator('#connection[data-state="connecting"]').waitFor();
    gateway = await createGateway(story.node, { token: 'a'.repeat(48), port });
    await page.locator('#connection[data-state="live"]').waitFor();
  });
});

/** Opens one part of the page, and waits until something stands in it and the stream is open. */
async function open(part = 'findings', url = gateway.url): Promise<void> {
  await page.goto(`${url}/#/${part}`);
  await page.locator(`#${part} > *`).first().waitFor();
  await page.locator('#connection[data-state="live"]').waitFor();
}

function finding(title: string) {
  return page.locator('.finding', { has: page.locator('h3', { hasText: title }) });
}

function verdictsOf(card: Locator): Locator {
  return card.locator('> details:not(.check)');
}
