import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { witnessNoteKey } from '../../../protocols/feed/index.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import { WitnessFile } from '../../../services/ledger/index.ts';
import { postCheckpoint, type Submission, Submitter } from '../../../services/witness/index.ts';
import { signerOf } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { until } from '../../support/until.ts';
import { FEDERATION, SampleFeed } from '../../support/witnessed-feed.ts';

const CHILD = fileURLToPath(new URL('./dying-witness.ts', import.meta.url));
const WITNESS = memberKey(signerOf('example-regulator').publicKey);
const MANY = '1000';

/** The process of a witness on this file, and its address. */
async function startWitness(path: string, answers: string) {
  const child = spawn(process.execPath, [CHILD, path, answers], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: line.toString('utf8').trim() };
}

test('a witness killed between storing a head and answering has cosigned it, and nothing else of that size ever', async () => {
  const folder = await freshFolder();
  const path = join(folder, 'their-witness.sqlite');
  const feed = new SampleFeed('example-lab', 3);
  const memory = new WitnessFile(join(folder, 'our-witness.sqlite'));
  onTestFinished(() => memory[Symbol.dispose]());
  let { child, url } = await startWitness(path, '1');
  const submissions: Submission[] = [];
  const submitter = new Submitter({
    federation: FEDERATION,
    feed,
    targets: () => [
      {
        witness: WITNESS,
        noteKey: witnessNoteKey(FEDERATION, WITNESS),
        publishes: true,
        ask: (body, options) => postCheckpoint(url, body, options),
      },
    ],
    memory,
    ed25519: feed.signer.ed25519,
    onSubmission: (each) => submissions.push(each),
    onCosigned: () => {},
    onFault: (error) => {
      throw error;
    },
    delayMs: 0,
  });
  onTestFinished(() => submitter[Symbol.asyncDispose]());
  submitter.grown();
  await until(() => memory.submitted(feed.key, WITNESS) === 3);

  feed.grow(4);
  submitter.grown();
  await once(child, 'exit');
  await until(() => submissions.at(-1)?.outcome === 'unreachable');
  expect(memory.submitted(feed.key, WITNESS)).toBe(3);

  ({ child, url } = await startWitness(path, MANY));
  // it has stored the head that it could not tell of: another history of that size comes too late
  const other = new SampleFeed('example-lab', 3);
  const fork = new SampleFeed('example-lab', 7, { branch: 'other' });
  const decoder = new TextDecoder();
  const ask = async (body: Uint8Array) =>
    (await postCheckpoint(url, decoder.decode(body), { signal: AbortSignal.timeout(5_000) })).status;
  expect(await ask(fork.request(7))).toBe(409);
  expect(await ask(other.request(3))).toBe(409);
  fork.grow(2);
  expect(await ask(fork.request(7))).toBe(422);

  submitter.retry();
  await until(() => memory.submitted(feed.key, WITNESS) === 7);
  // it may have been asked more than once while it was away
  const answered = submissions.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'unreachable');
  expect(answered).toEqual(['cosigned', 'stale', 'cosigned']);
});
