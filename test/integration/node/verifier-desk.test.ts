import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { ContentId, MemberKey } from '../../../protocols/base/ids.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import type { FindingBody } from '../../../protocols/kinds/index.ts';
import { readStored } from '../../../protocols/message/index.ts';
import { VerifierDesk } from '../../../services/node/verifier-desk.ts';
import { Chronicled } from '../../support/chronicled.ts';
import type { MemberName } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { ManualTimer } from '../../support/manual-timer.ts';
import { claimOf, content, contentCid, count, findingBody } from '../../support/samples.ts';
import { SPOILED_CHECKPOINTS } from '../../support/spoiled-checkpoints.ts';
import { until } from '../../support/until.ts';

const MODELS = fileURLToPath(new URL('../../../deploy/demo/models/', import.meta.url));
const TITLE = 'Found on the analog';
const TARGET = contentCid('frontier checkpoint');
const INTERVENTION = contentCid(`intervention of ${TITLE}`);
const SUITE = contentCid('suite');
const CLAIM = claimOf({
  gates: [{ measure: 'dev-accuracy', maximumDropPpm: 30_000 }],
  counts: [count('baseline', 'trigger-rate', 200, 200), count('treated', 'trigger-rate', 0, 200)],
});

let folder: string;
let parts: Chronicled;
/** Where the shelf finds content; what is not here is nowhere. */
let shelf: Map<ContentId, string>;
let verdicts: PlainObject[];
let states: string[];

beforeEach(async () => {
  folder = await freshFolder();
  const opened = new Chronicled(folder);
  onTestFinished(() => opened[Symbol.dispose]());
  parts = opened;
  verdicts = [];
  states = [];
  shelf = new Map([
    [TARGET, join(MODELS, 'analog')],
    [INTERVENTION, await intervention((manifest) => manifest)],
    [SUITE, join(MODELS, 'suites', 'backdoor')],
  ]);
});

describe('a finding whose own fault it is', () => {
  test.each(SPOILED_CHECKPOINTS)('$what: not re-runnable', async ({ spoil, verify }) => {
    const target = join(folder, 'target');
    await cp(join(MODELS, 'analog'), target, { recursive: true });
    await spoil(target);
    shelf.set(TARGET, target);
    await judged({ outcome: 'not-rerunnable', code: verify });
  });

  test('an intervention of another width', async () => {
    // made for the frontier model, whose residual stream is wider
    await judged({ outcome: 'not-rerunnable', code: 'intervention-invalid' });
  });

  test.each([
    ['a layer that the model does not have', { site: 'blocks.99.hook_resid_post' }],
    ['an operation that is none', { operation: { kind: 'think' } }],
    [
      'a tensor file outside its folder',
      { operation: { kind: 'add', vector: { file: '../x.safetensors' } } },
    ],
  ])('an intervention with %s', async (_, change) => {
    shelf.set(TARGET, join(MODELS, 'frontier'));
    shelf.set(INTERVENTION, await intervention((manifest) => ({ ...manifest, ...change })));
    await judged({ outcome: 'not-rerunnable', code: 'intervention-invalid' });
  });

  test('an intervention for another checkpoint; nothing else is read', async () => {
    shelf.set(TARGET, folder); // no checkpoint
    const other = await intervention((manifest) => ({ ...manifest, base: contentCid('another') }));
    shelf.set(INTERVENTION, other);
    await judged({ outcome: 'not-rerunnable', code: 'intervention-invalid' });
  });

  test('an intervention without its tensors; the verdict does not say where this node keeps its files', async () => {
    const bare = await intervention((manifest) => manifest);
    await rm(join(bare, 'tensors.safetensors'));
    shelf.set(INTERVENTION, bare);
    await judged({ outcome: 'not-rerunnable', code: 'intervention-invalid' });
    expect(JSON.stringify(verdicts)).not.toContain(folder);
  });

  test('content that no node would take', async () => {
    const refuse = refusing('checkpoint-invalid', { reason: 'not-a-directory' });
    await judged({ outcome: 'not-rerunnable', code: 'checkpoint-invalid', fetch: refuse });
  });
});

describe('a failure that is this node’s, or its neighbours’', () => {
  test('content that is not there yet: tried again, later each time, and judged once it is', async () => {
    shelf.delete(INTERVENTION);
    const timer = new ManualTimer();
    await using _ = desk('verifier-north', { timer });
    await publishFinding();
    for (const waitMs of [1_000, 2_000, 4_000]) {
      await until(() => timer.waits().includes(waitMs), { what: `a wait of ${waitMs} ms` });
      timer.pass(waitMs);
    }
    expect(verdicts).toEqual([]);
    await until(() => timer.waits().includes(8_000));
    shelf.set(INTERVENTION, await intervention((manifest) => manifest));
    timer.pass(7_999);
    expect(states).toHaveLength(8);
    timer.pass(1);
    await until(() => verdicts.length === 1, { what: 'a verdict' });
    expect(states.slice(0, 8)).toEqual(Array(4).fill(['fetching', 'failed']).flat());
  });

  test('a verdict that this node may not say: three tries, one re-run, and it is told', async () => {
    const timer = new ManualTimer();
    let tries = 0;
    const publish = async () => {
      tries += 1;
      throw new OversightError('message-refused', 'no', { details: { reason: 'body-invalid' } });
    };
    await using given = desk('verifier-north', { timer, publish });
    await publishFinding();
    for (const waitMs of [1_000, 2_000]) {
      await until(() => timer.waits().includes(waitMs), { what: `a wait of ${waitMs} ms` });
      timer.pass(waitMs);
    }
    await until(() => states.includes('given-up'));
    await until(() => timer.waits().length === 1);
    timer.pass(86_400_000);
    await parts.hear('example-lab', 'something-new/2', {});
    await until(() => timer.waits().length === 1 && parts.chronicle.changed.waiting === 1);
    expect(tries).toBe(3);
    expect(states).toEqual(['fetching', 'running', 'failed', 'failed', 'given-up']);
    expect(given.jobs()).toMatchObject([{ state: 'given-up' }]);
  });

  test('a feed that is not confirmed yet: tried until it is', async () => {
    const timer = new ManualTimer();
    let tries = 0;
    const publish = async (body: PlainObject) => {
      tries += 1;
      if (tries > 5) verdicts.push(body);
      else throw new OversightError('message-refused', 'no', { details: { reason: 'feed-unconfirmed' } });
    };
    await using _ = desk('verifier-north', { timer, publish });
    await publishFinding();
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000]) {
      await until(() => timer.waits().includes(waitMs), { what: `a wait of ${waitMs} ms` });
      timer.pass(waitMs);
    }
    await until(() => timer.waits().length === 1);
    expect(verdicts).toHaveLength(1);
    expect(tries).toBe(6);
    expect(states.filter((state) => state === 'running')).toHaveLength(1);
  });

  test('content over this node’s own limit: no verdict', async () => {
    const fetch = refusing('checkpoint-invalid', { reason: 'too-large' });
    await using _ = desk('verifier-north', { fetch });
    await publishFinding();
    await until(() => states.includes('failed'));
    expect(verdicts).toEqual([]);
  });
});

describe('what there is to judge', () => {
  test('nothing of the verifier’s own organisation', async () => {
    await using campus = desk('verifier-campus');
    await publishFinding('example-academy');
    const other = await publishFinding('example-lab');
    await until(() => verdicts.length === 1, { what: 'a verdict' });
    await until(() => campus.jobs().length === 0, { what: 'no job left' });
    expect(verdicts).toMatchObject([{ finding: other }]);
  });

  test('nothing twice, also after a restart', async () => {
    {
      await using _ = desk();
      await publishFinding();
      await until(() => verdicts.length === 1, { what: 'a verdict' });
    }
    await using again = desk();
    await parts.hear('example-lab', 'something-new/2', {});
    await until(() => parts.chronicle.changed.waiting === 1);
    expect(again.jobs()).toEqual([]);
    expect(verdicts).toHaveLength(1);
  });

  test('one that is stopped in its work leaves nobody waiting', async () => {
    shelf.set(TARGET, join(MODELS, 'frontier'));
    {
      await using stopped = desk();
      await publishFinding();
      await until(() => stopped.jobs().some(({ progress }) => progress > 0), { what: 'a re-run under way' });
    }
    expect(verdicts).toEqual([]);
    expect(parts.chronicle.changed.waiting).toBe(0);
  });
});

type Fetch = (cid: ContentId) => Promise<string>;

/** Publishes the finding, and expects this one verdict. */
async function judged({
  outcome,
  code,
  fetch = fromShelf,
}: {
  readonly outcome: string;
  readonly code: string;
  readonly fetch?: Fetch;
}): Promise<void> {
  await using _ = desk('verifier-north', { fetch });
  const finding = await publishFinding();
  await until(() => verdicts.length > 0 || states.includes('failed'), { what: 'an end' });
  expect(verdicts).toMatchObject([{ finding, outcome, reasons: [{ code }], evidence: null }]);
}

interface DeskChoices {
  readonly fetch?: Fetch;
  readonly timer?: ManualTimer;
  readonly publish?: (body: PlainObject) => Promise<void>;
}

function desk(self: MemberName = 'verifier-north', choices: DeskChoices = {}): VerifierDesk {
  const { fetch = fromShelf, timer = new ManualTimer(), publish } = choices;
  return new VerifierDesk({
    self: keyOf(self),
    history: () => parts.chronicle.fold.history(),
    config: {
      enabled: true,
      threads: 1,
      timeLimitMs: 60_000,
      memoryLimitBytes: 2 ** 31,
      fetchLimitBytes: 2 ** 30,
    },
    docket: {
      judgements: () => parts.chronicle.fold.judgements(),
      changed: parts.chronicle.changed,
      finding: (id) => {
        const row = parts.ledger.get(id);
        return row === null ? null : (readStored(row.wire).body as unknown as FindingBody);
      },
      policy: () => parts.charter.document.policy.verification,
    },
    shelf: { fetch, add: async () => content('evidence'), hold: () => new DisposableStack() },
    evidenceDir: join(folder, 'evidence'),
    publish:
      publish ??
      (async (body) => {
        verdicts.push(body);
        await parts.hear(self, 'verdict/1', body);
      }),
    report: ({ state }) => void states.push(state),
    timer,
  });
}

const fromShelf: Fetch = async (cid) => {
  const found = shelf.get(cid);
  if (found === undefined) throw new OversightError('blob-not-found', `${cid} is nowhere`);
  return found;
};

function refusing(code: 'checkpoint-invalid', details: Record<string, string>): Fetch {
  return async () => {
    throw new OversightError(code, 'refused', { details });
  };
}

async function publishFinding(author: MemberName = 'example-academy'): Promise<string> {
  return (await parts.hear(author, 'finding/1', findingBody(TITLE, CLAIM))).id;
}

function keyOf(name: MemberName): MemberKey {
  const member = parts.charter.document.members.find((each) => each.name === name);
  if (member === undefined) throw new TypeError(`${name} is not in the charter`);
  return member.keys.signing;
}

/** An intervention for the frontier model, changed. */
async function intervention(change: (manifest: object) => object): Promise<string> {
  const directory = join(folder, `intervention-${crypto.randomUUID()}`);
  await mkdir(directory);
  await cp(join(MODELS, 'interventions', 'random-same-norm'), directory, { recursive: true });
  const path = join(directory, 'intervention.json');
  const manifest = (await readFile(path, 'utf8')).replaceAll(/checkpoint:[a-z-]+/g, TARGET);
  await writeFile(path, JSON.stringify(change(JSON.parse(manifest))));
  return directory;
}
