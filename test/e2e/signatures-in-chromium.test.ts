import { expect, test } from 'vitest';
import { serveToBrowser } from '../support/browser-code.ts';
import { launchChromium } from '../support/chromium.ts';

/** In the page: every vector against tweetnacl and against the browser's own Ed25519. */
const JUDGE = `(async () => {
  const { fromHex } = await import('/protocols/base/bytes.js');
  const { pureEd25519 } = await import('/protocols/identity/ed25519.js');
  const { isAcceptableSigningKey, verifyStrict } = await import('/protocols/identity/strict.js');
  const { verifyStrictWeb } = await import('/protocols/identity/web-ed25519.js');
  const cases = [];
  for (const file of ['ed25519.json', 'ed25519-published.json'])
    cases.push(...(await (await fetch('/protocols/vectors/' + file)).json()).cases);
  const wrong = [];
  let accepted = 0;
  for (const each of cases) {
    const parts = [fromHex(each.publicKey), fromHex(each.signature), fromHex(each.message)];
    const answers = {
      tweetnacl: verifyStrict(pureEd25519, ...parts),
      webCrypto: await verifyStrictWeb(crypto.subtle, ...parts),
    };
    if (isAcceptableSigningKey(parts[0]) !== each.keyAcceptable) wrong.push(each.id + ' key');
    for (const [name, answer] of Object.entries(answers))
      if (answer !== each.accepted) wrong.push(each.id + ' ' + name + ': ' + answer);
    if (each.accepted) accepted++;
  }
  return { judged: cases.length, accepted, wrong };
})()`;

test('Chromium gives the same answer to every vector, by tweetnacl and by Web Crypto', async () => {
  await using served = await serveToBrowser(['protocols/identity']);
  await using browser = await launchChromium();
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto(served.url);
  const result = await page.evaluate<{ judged: number; accepted: number; wrong: string[] }>(JUDGE);
  expect(faults).toEqual([]);
  expect(result.wrong).toEqual([]);
  expect(result.judged).toBeGreaterThan(1_278);
  expect(result.accepted).toBeGreaterThan(90);
});
