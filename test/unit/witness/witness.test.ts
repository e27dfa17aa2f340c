import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../protocols/base/bytes.ts';
import { checkpointText, readWitnessAnswer, witnessNoteKey } from '../../../protocols/feed/index.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import type { Conflict } from '../../../services/witness/index.ts';
import { signerOf } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { FEDERATION, openWitness, SampleFeed } from '../../support/witnessed-feed.ts';

const regulator = signerOf('example-regulator');
const KEY = witnessNoteKey(FEDERATION, memberKey(regulator.publicKey));

describe('a witness', () => {
  it('answers each request with the status that is its own', async () => {
    const { witness } = openWitness(await freshFolder(), {
      knows: (feed) => feed !== new SampleFeed('example-observer').key,
    });
    const feed = new SampleFeed('example-lab', 5);
    const fork = new SampleFeed('example-lab', 9, { branch: 'other' });
    const elsewhere = new SampleFeed('example-lab', 5, { federation: KEY.name as typeof FEDERATION });
    const forged = Buffer.from(feed.request(5))
      .toString()
      .replace('\n5\n', '\n6\n')
      .replace('old 5', 'old 5');
    const asked: [string, Uint8Array, number][] = [
      ['malformed', utf8('old 0\n'), 400],
      ['unknown feed', new SampleFeed('example-observer', 3).request(0), 404],
      ['other federation', elsewhere.request(0), 404],
      ['first', feed.request(0, 3), 200],
      ['stale', feed.request(2, 5), 409],
      ['grown', feed.request(3, 5), 200],
      ['again', feed.request(5, 5), 200],
      ['smaller', feed.request(3, 3), 409],
      ['not signed', utf8(forged), 403],
      ['old above new', utf8(Buffer.from(feed.request(3)).toString().replace('old 3', 'old 7')), 400],
      ['other root', fork.request(5, 5), 409],
      ['other past', fork.request(5, 9), 422],
      ['no proof', feed.request(5, 5, feed.consistency(3, 5)), 422],
    ];
    for (const [id, body, status] of asked)
      expect([id, witness.addCheckpoint(body).status]).toEqual([id, status]);
  });

  it('gives what its author can verify, and the size that was asked from wrongly', async () => {
    const { witness } = openWitness(await freshFolder());
    const feed = new SampleFeed('example-lab', 5);
    const read = (body: Uint8Array, size: number) =>
      readWitnessAnswer(
        witness.addCheckpoint(body),
        checkpointText(FEDERATION, feed.head(size)),
        KEY,
        regulator.ed25519,
      );
    expect(read(feed.request(0, 3), 3)).toMatchObject({
      kind: 'cosigned',
      cosignature: { time: 1_790_000_000 },
    });
    expect(read(feed.request(0, 5), 5)).toEqual({ kind: 'stale', size: 3 });
    expect(read(feed.request(3, 5), 5).kind).toBe('cosigned');
  });

  it('has stored a head before it tells that it has cosigned it, and remembers it after a restart', async () => {
    const folder = await freshFolder();
    const feed = new SampleFeed('example-lab', 5);
    const first = openWitness(folder);
    expect(first.witness.addCheckpoint(feed.request(0)).status).toBe(200);
    // no disposal: as after a kill
    const second = openWitness(folder);
    expect(second.file.last(feed.key)).toMatchObject({ size: 5, root: feed.tree.root() });
    expect(second.witness.addCheckpoint(feed.request(0)).body).toBe('5\n');
    const other = new SampleFeed('example-lab', 5, { branch: 'other' });
    expect(second.witness.addCheckpoint(other.request(5)).status).toBe(409);
  });

  it('learns what it had cosigned from its own words, where a backup has forgotten it', async () => {
    const feed = new SampleFeed('example-lab', 5);
    const before = openWitness(await freshFolder());
    before.witness.addCheckpoint(feed.request(0, 3));
    before.witness.addCheckpoint(feed.request(3, 5));
    const said = before.file.first(9).map(({ cosigned }) => cosigned);
    const after = openWitness(await freshFolder());
    // in any order: the largest counts
    for (const cosigned of [...said].reverse()) after.file.remember(cosigned);
    expect(after.file.last(feed.key)).toEqual(before.file.last(feed.key));
    expect(after.file.first(9)).toEqual([]);
    const other = new SampleFeed('example-lab', 5, { branch: 'other' });
    expect(after.witness.addCheckpoint(other.request(0)).status).toBe(409);
  });

  it('cosigns nothing where it cannot store', async () => {
    const { witness, file } = openWitness(await freshFolder());
    file[Symbol.dispose]();
    expect(() => witness.addCheckpoint(new SampleFeed('example-lab', 5).request(0))).toThrow();
  });

  it('puts each head that is larger into its outbox, and the same again not', async () => {
    let rung = 0;
    const { witness, file } = openWitness(await freshFolder(), { onCosigned: () => (rung += 1) });
    const feed = new SampleFeed('example-lab', 5);
    for (const [old, size] of [
      [0, 2],
      [2, 2],
      [2, 5],
      [5, 5],
    ] as const)
      expect(witness.addCheckpoint(feed.request(old, size)).status).toBe(200);
    expect(file.first(9).map(({ cosigned }) => cosigned.size)).toEqual([2, 5]);
    expect(rung).toBe(2);
    file.drop(1);
    expect(file.first(9).map(({ cosigned }) => cosigned.size)).toEqual([5]);
  });

  it('never cosigns a larger head at an earlier time', async () => {
    let now = 1_790_000_900_000;
    const { witness, file } = openWitness(await freshFolder(), { clock: { now: () => now } });
    const feed = new SampleFeed('example-lab', 5);
    witness.addCheckpoint(feed.request(0, 3));
    now -= 3_600_000;
    witness.addCheckpoint(feed.request(3, 5));
    expect(file.last(feed.key)).toMatchObject({ size: 5, time: 1_790_000_900 });
  });

  it('tells of two heads of one size, both signed', async () => {
    const conflicts: Conflict[] = [];
    const { witness } = openWitness(await freshFolder(), { onConflict: (each) => conflicts.push(each) });
    const feed = new SampleFeed('example-lab', 5);
    const fork = new SampleFeed('example-lab', 5, { branch: 'other' });
    witness.addCheckpoint(feed.request(0));
    witness.addCheckpoint(fork.request(5));
    const signed = (each: SampleFeed) => {
      const { size, root, signature } = each.head();
      return { size, root, signature };
    };
    expect(conflicts).toEqual([{ feed: feed.key, heads: [signed(feed), signed(fork)] }]);
  });
});
