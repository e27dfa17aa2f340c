import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../services/gateway/index.ts';
import {
  AnswerCheck,
  type ApiDocument,
  type DescribedOperation,
  operationsOf,
} from '../support/api/document.ts';
import { randomRequest } from '../support/api/random-request.ts';
import { exampleStory } from '../support/example-story.ts';
import { numberOf } from '../support/fuzz/number-of.ts';
import { cardBody, frontierBody } from '../support/samples.ts';
import { pickBelow, randomFrom, testSeed } from '../support/seed.ts';

/** The gateway asked at random by what its own OpenAPI document says, for API_FUZZ_SECONDS (10). TEST_SEED repeats a run. */
const SECONDS = Number(process.env['API_FUZZ_SECONDS'] ?? 10);
/** However slow the machine. */
const LEAST_REQUESTS = 300;
const TOKEN = 'a'.repeat(48);
/** Of the requests, so many come without a token, or with a wrong one. */
const STRANGERS = 0.1;
/** Values to ask with again. */
const TEXTS_LIMIT = 300;

const BODIES = [
  { kind: 'member-card/1', body: cardBody('fuzz') },
  { kind: 'frontier-release/1', body: frontierBody('tiny', 12) },
  { kind: 'made-up/1', body: { a: [1, 'two', { three: null }] } },
  { kind: 'finding/1', body: {} },
  { url: 'https://example.org/hook', filter: { deadlines: [14, 'overdue'], released: true } },
  { after: 0 },
  { dryRun: true },
  { directory: '/tmp/checkpoint', name: 'analog' },
  { directory: '/tmp/missing' },
];

let gateway: Gateway;
let document: ApiDocument;

beforeAll(async () => {
  const rateLimit = { perSecond: 1e9, burst: 1e9, addresses: 8, now: () => performance.now() };
  gateway = await createGateway(exampleStory().node, { token: TOKEN, port: 0, rateLimit });
  document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as ApiDocument;
});
afterAll(() => gateway[Symbol.asyncDispose]());

test('whatever is asked, the answer is as documented and never a failure of the node', {
  timeout: 60_000 + 2_000 * SECONDS,
}, async () => {
  const seed = testSeed();
  const check = new AnswerCheck(document);
  const operations = operationsOf(document);
  const texts = new Set<string>();
  const answered = new Map<string, Set<number>>(
    operations.map(({ operationId }) => [operationId, new Set()]),
  );
  const end = performance.now() + 1_000 * SECONDS;
  let asked = 0;
  for (; asked < LEAST_REQUESTS || performance.now() < end; asked++) {
    const random = randomFrom(numberOf(`${seed} ${asked}`));
    const operation = operations[pickBelow(random, operations.length)] as DescribedOperation;
    const request = randomRequest(operation, random, { texts: [...texts], bodies: BODIES });
    const { status, type, text } = await ask(operation, request, random() >= STRANGERS);
    const where = `${request.method} ${request.path} ${request.body ?? ''}`.slice(0, 1_000);
    expect.soft(status, where).toBeLessThan(500);
    expect(check.fault(operation, status, type, text), where).toBeNull();
    answered.get(operation.operationId)?.add(status);
    collect(text, texts);
  }
  const good = [...answered.values()].filter((statuses) => [...statuses].some((status) => status < 300));
  // what refuses everything is not tested
  expect(good.length).toBeGreaterThan(operations.length / 2);
  console.info(`${asked} requests, ${good.length} of ${operations.length} operations answered with success`);
});

async function ask(
  { operationId }: DescribedOperation,
  { method, path, headers, body }: ReturnType<typeof randomRequest>,
  isOwner: boolean,
): Promise<{ readonly status: number; readonly type: string | null; readonly text: string }> {
  const response = await fetch(`${gateway.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...headers,
      ...(isOwner ? { authorization: `Bearer ${TOKEN}` } : {}),
      ...(body === null ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === null ? {} : { body }),
  });
  const type = response.headers.get('content-type');
  if (operationId === 'streamEvents' && response.ok) {
    await response.body?.cancel(); // it does not end
    return { status: response.status, type, text: '' };
  }
  return { status: response.status, type, text: await response.text() };
}

/** Ids, keys and names that an answer holds: to be asked about. */
function collect(text: string, into: Set<string>): void {
  for (const [, found = ''] of text.matchAll(/"((?:bafy|did:key:|sub_|baf)[a-zA-Z0-9:_]{1,80})"/g)) {
    if (into.size >= TEXTS_LIMIT) return;
    into.add(found);
  }
}
