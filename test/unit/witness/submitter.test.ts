import { describe, expect, it, onTestFinished } from 'vitest';
import { utf8 } from '../../../protocols/base/bytes.ts';
import { type WitnessAnswer, witnessNoteKey } from '../../../protocols/feed/index.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import { type Submission, Submitter, type WitnessTarget } from '../../../services/witness/index.ts';
import { signerOf } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { until } from '../../support/until.ts';
import { FEDERATION, openWitness, SampleFeed } from '../../support/witnessed-feed.ts';

const WITNESS = memberKey(signerOf('example-regulator').publicKey);

/** An author, one witness, and what was said between them. */
async function scene({ entries = 3, publishes = true, ask }: SceneOptions = {}) {
  const folder = await freshFolder();
  const feed = new SampleFeed('example-lab', entries);
  const { witness, file } = openWitness(folder);
  const submissions: Submission[] = [];
  const faults: unknown[] = [];
  const target: WitnessTarget = {
    witness: WITNESS,
    noteKey: witnessNoteKey(FEDERATION, WITNESS),
    publishes,
    ask: async (body) => ask?.(body) ?? witness.addCheckpoint(utf8(body)),
  };
  const submitter = new Submitter({
    federation: FEDERATION,
    feed,
    targets: () => [target],
    memory: file,
    ed25519: feed.signer.ed25519,
    onSubmission: (each) => submissions.push(each),
    onCosigned: () => {},
    onFault: (error) => faults.push(error),
    delayMs: 0,
  });
  onTestFinished(() => submitter[Symbol.asyncDispose]());
  const settled = (count: number) =>
    until(() => submissions.length >= count, { what: `${count} submissions` });
  return { feed, witness, file, submitter, submissions, faults, settled };
}

interface SceneOptions {
  readonly entries?: number;
  readonly publishes?: boolean;
  /** Answers in place of the witness; null lets it answer. */
  readonly ask?: (body: string) => WitnessAnswer | null;
}

const outcomes = (submissions: readonly Submission[]) =>
  submissions.map(({ outcome, size }) => [outcome, size]);

describe('a submitter', () => {
  it('shows each head to its witness once', async () => {
    const { feed, file, submitter, submissions, settled } = await scene();
    submitter.grown();
    await settled(1);
    feed.grow(2);
    submitter.grown();
    await settled(2);
    submitter.grown();
    feed.grow(0);
    expect(outcomes(submissions)).toEqual([
      ['cosigned', 3],
      ['cosigned', 5],
    ]);
    expect(file.submitted(feed.key, WITNESS)).toBe(5);
  });

  it('goes on from the size that the witness names', async () => {
    const { feed, witness, submitter, submissions, settled } = await scene({ entries: 7 });
    witness.addCheckpoint(feed.request(0, 4));
    submitter.grown();
    await settled(2);
    expect(outcomes(submissions)).toEqual([
      ['stale', 7],
      ['cosigned', 7],
    ]);
  });

  it('stops where the witness has seen more of it than it has itself', async () => {
    const { witness, submitter, submissions, settled } = await scene({ entries: 3 });
    witness.addCheckpoint(new SampleFeed('example-lab', 9).request(0));
    submitter.grown();
    await settled(2);
    expect(outcomes(submissions)).toEqual([
      ['stale', 3],
      ['ahead', 9],
    ]);
  });

  it('takes no cosignature that does not verify', async () => {
    const line = '\u2014 stranger.example AAAAAAAA\n';
    const ask = () => ({ status: 200, contentType: 'text/plain', body: line });
    const { feed, file, submitter, submissions, settled } = await scene({ ask });
    submitter.grown();
    await settled(1);
    expect(outcomes(submissions)).toEqual([['refused', 3]]);
    expect(file.submitted(feed.key, WITNESS)).toBe(0);
  });

  it('asks again when told that its witness is back', async () => {
    let away = true;
    const ask = () => {
      if (away) throw new Error('away');
      return null;
    };
    const { submitter, submissions, settled } = await scene({ ask });
    submitter.grown();
    await settled(1);
    away = false;
    submitter.retry();
    await settled(2);
    expect(outcomes(submissions)).toEqual([
      ['unreachable', 3],
      ['cosigned', 3],
    ]);
  });

  it('ends after a few answers that each name another size', async () => {
    let size = 0;
    const ask = () => ({ status: 409, contentType: 'text/x.tlog.size', body: `${++size}\n` });
    const { submitter, submissions, settled } = await scene({ entries: 100, ask });
    submitter.grown();
    await settled(4);
    expect(outcomes(submissions)).toEqual(Array.from({ length: 4 }, () => ['stale', 100]));
  });

  it('keeps what a witness outside the federation cosigned, to publish it', async () => {
    const { feed, file, submitter, settled } = await scene({ publishes: false });
    submitter.grown();
    await settled(1);
    // the witness of this scene keeps its outbox in the same file
    const both = file.first(9).map(({ cosigned }) => cosigned);
    expect(both).toHaveLength(2);
    expect(both[0]).toEqual(both[1]);
    expect(both[1]).toMatchObject({ feed: feed.key, size: 3, witness: WITNESS, head: feed.head().signature });
  });
});
