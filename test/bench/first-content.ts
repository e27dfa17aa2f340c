import type { Browser } from 'playwright-core';
import type { Message } from '../../protocols/message/index.ts';
import { decide } from '../../protocols/verdict/index.ts';
import { createGateway } from '../../services/gateway/index.ts';
import { launchChromium } from '../support/chromium.ts';
import { Author, charterOf, type MemberName } from '../support/federation.ts';
import { InMemoryNode } from '../support/in-memory-node.ts';
import {
  analogBody,
  claimOf,
  findingBody,
  frontierBody,
  POLICY,
  RERUNS,
  rerunOf,
  verdictBody,
} from '../support/samples.ts';

const MESSAGES = 10_000;
const MODELS = 60;
const VERIFIERS: readonly MemberName[] = ['verifier-north', 'verifier-south'];
const RUNS = 7;

/** Remembers when the first card of a list stood in the page, milliseconds after the navigation began. */
const WATCH = (selector: string) => `new MutationObserver((_, observer) => {
  if (document.querySelector(${JSON.stringify(selector)}) === null) return;
  observer.disconnect();
  requestAnimationFrame(() => { globalThis.firstContentMs = performance.now(); });
}).observe(document, { childList: true, subtree: true })`;

const SEEN = `new Promise((resolve) => {
  const look = () => globalThis.firstContentMs === undefined ? requestAnimationFrame(look) : resolve(globalThis.firstContentMs);
  look();
})`;

/** From the navigation to the first model and the first finding, each in a browser without a cache, 10,000 messages in the record. */
export async function measureFirstContent(): Promise<{
  readonly messages: number;
  readonly coldMs: number;
  readonly releasesMs: readonly number[];
  readonly findingsMs: readonly number[];
}> {
  const node = new InMemoryNode('example-regulator');
  node.take(history());
  await using gateway = await createGateway(node, { token: 'a'.repeat(48), port: 0 });
  await using browser = await launchChromium();
  // the first of all has the record put together
  const coldMs = await firstContent(browser, `${gateway.url}/#/releases`, '.model');
  const releasesMs: number[] = [];
  const findingsMs: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    releasesMs.push(await firstContent(browser, `${gateway.url}/#/releases`, '.model'));
    findingsMs.push(await firstContent(browser, `${gateway.url}/#/findings`, '.finding'));
  }
  return { messages: node.status().messages, coldMs, releasesMs, findingsMs };
}

async function firstContent(browser: Browser, url: string, selector: string): Promise<number> {
  await using context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript({ content: WATCH(selector) });
  await page.goto(url);
  return await page.evaluate<number>(SEEN);
}

/** Sixty models with their analogs; all the rest findings with two verdicts each. */
function* history(): Generator<Message> {
  const { id } = charterOf();
  const authors = new Map<MemberName, Author>();
  const say = (name: MemberName, kind: string, body: Parameters<Author['say']>[1], at: number) => {
    const author = authors.get(name) ?? new Author(name, id);
    authors.set(name, author);
    return author.say(kind, body, 1_790_000_000_000 + at);
  };
  let count = 0;
  for (let model = 0; model < MODELS; model++) {
    const frontier = say(
      'example-lab',
      'frontier-release/1',
      frontierBody(`model-${model}`, 6_689_024),
      count++,
    );
    yield frontier;
    yield say('example-lab', 'analog-release/1', analogBody(frontier.id, 314_048), count++);
  }
  const claim = claimOf();
  const counts = rerunOf(RERUNS.faithful);
  const { outcome } = decide(claim, counts, POLICY);
  while (count < MESSAGES) {
    const finding = say('example-academy', 'finding/1', findingBody(`finding ${count}`, claim), count++);
    yield finding;
    for (const verifier of VERIFIERS) {
      if (count >= MESSAGES) return;
      yield say(verifier, 'verdict/1', verdictBody(finding.id, outcome, counts), count++);
    }
  }
}
