import { gunzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  cosignatureVerifier,
  decodeEntryBundle,
  ed25519Verifier,
  leafHash,
  parseNoteUnverified,
  parseTlogProofUnverified,
  parseVkey,
  parseWitnessPolicy,
  TILE_WIDTH,
  verifyNote,
  verifyTlogProof,
  witnessNoteKey,
} from '../../../protocols/feed/index.ts';
import type { CharterDocument } from '../../../protocols/kinds/index.ts';
import { buildGateway } from '../../../services/gateway/index.ts';
import { Author, charterDocumentOf, signerOf } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { InMemoryNode } from '../../support/in-memory-node.ts';
import { LoggedFeeds } from '../../support/logged-feeds.ts';

const LAB = 'example-lab';
const WITNESSES = ['example-academy', 'example-regulator', 'example-observer'] as const;
const native = signerOf(LAB).ed25519;

/** The academy and one of the regulator and the observer must have cosigned. */
function documentOf(): CharterDocument {
  const document = charterDocumentOf();
  const groups = [
    { name: 'public', threshold: 1, members: ['example-regulator', 'example-observer'] },
    { name: 'all', threshold: 2, members: ['example-academy', 'public'] },
  ];
  return {
    ...document,
    members: document.members.map((member) =>
      WITNESSES.some((name) => name === member.name)
        ? { ...member, roles: [...member.roles, 'witness'] }
        : member,
    ),
    policy: { ...document.policy, witness: { outside: [], groups, quorum: 'all' } },
  };
}

async function scene(): Promise<{ readonly feeds: LoggedFeeds; readonly app: FastifyInstance }> {
  const feeds = new LoggedFeeds(await freshFolder(), documentOf(), 'example-observer');
  const node = new InMemoryNode('example-observer');
  node.logs = feeds.logs;
  const app = await buildGateway(node, { token: '0'.repeat(48) });
  onTestFinished(() => app.close());
  return { feeds, app };
}

const prefixOf = (feeds: LoggedFeeds, name = LAB) => `/feeds/${feeds.keyOf(name).slice('did:key:'.length)}`;

/** Sizes and signers of the checkpoint that a node serves. */
async function checkpointOf(app: FastifyInstance, feeds: LoggedFeeds) {
  const answer = await app.inject(`${prefixOf(feeds)}/checkpoint`);
  const note = parseNoteUnverified(answer.rawPayload);
  if (!note.ok) return { status: answer.statusCode, size: null, signers: [] };
  return {
    status: answer.statusCode,
    size: Number(note.value.text.split('\n')[1]),
    signers: note.value.signatures.map(({ name }) => name.split('/')[1]),
  };
}

describe('GET /feeds', () => {
  it('tells each log: its key, its size, where it is', async () => {
    const { feeds, app } = await scene();
    feeds.say(LAB, 3);
    feeds.sign(LAB);
    const [summary] = (await app.inject('/feeds')).json().feeds;
    expect(summary).toMatchObject({ name: LAB, size: 3, signed: 3, prefix: prefixOf(feeds) });
    const key = parseVkey(summary.vkey);
    expect(key.ok && key.value.name).toBe(summary.origin);
  });
});

describe('GET /feeds/:key/checkpoint', () => {
  it('is a note that tools can read, and is not to be kept', async () => {
    const { feeds, app } = await scene();
    feeds.say(LAB, 3);
    feeds.sign(LAB);
    const answer = await app.inject(`${prefixOf(feeds)}/checkpoint`);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-cache');
    const note = parseNoteUnverified(answer.rawPayload);
    if (!note.ok) throw new TypeError(note.detail);
    const origin = note.value.text.split('\n')[0] as string;
    expect(verifyNote(note.value, [ed25519Verifier(origin, signerOf(LAB).publicKey, native)]).ok).toBe(true);
  });

  it('is the newest head until the witness policy is content with one, then that', async () => {
    const { feeds, app } = await scene();
    expect(await checkpointOf(app, feeds)).toMatchObject({ status: 404 });
    feeds.say(LAB, 3);
    expect(await checkpointOf(app, feeds)).toMatchObject({ status: 404 });
    feeds.witness(LAB, 'example-academy');
    expect(await checkpointOf(app, feeds)).toMatchObject({ size: 3, signers: ['feed', 'witness'] });
    feeds.say(LAB);
    feeds.sign(LAB);
    expect(await checkpointOf(app, feeds)).toMatchObject({ size: 4, signers: ['feed'] });
    feeds.witness(LAB, 'example-academy');
    feeds.witness(LAB, 'example-regulator');
    feeds.say(LAB);
    feeds.sign(LAB);
    expect(await checkpointOf(app, feeds)).toMatchObject({
      size: 4,
      signers: ['feed', 'witness', 'witness'],
    });
  });

  it('refuses what is no key of a feed', async () => {
    const { app } = await scene();
    expect((await app.inject('/feeds/z6MkNo/checkpoint')).statusCode).toBe(400);
  });
});

describe('GET /feeds/:key/tile', () => {
  it('serves hashes and entries that fit one another, for ever', async () => {
    const { feeds, app } = await scene();
    const messages = feeds.say(LAB, TILE_WIDTH + 3);
    const tile = (path: string) => app.inject(`${prefixOf(feeds)}/tile/${path}`);
    const leaves = await tile('0/000');
    expect(leaves.headers['content-type']).toBe('application/octet-stream');
    expect(leaves.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(leaves.rawPayload.length).toBe(8_192);
    expect((await tile('0/001.p/3')).rawPayload.length).toBe(96);
    expect((await tile('1/000.p/1')).rawPayload.length).toBe(32);
    const bundle = decodeEntryBundle((await tile('entries/001.p/2')).rawPayload, 2);
    if (!bundle.ok) throw new TypeError(bundle.detail);
    expect(bundle.value.map((entry) => Buffer.from(entry))).toEqual(
      messages.slice(TILE_WIDTH, TILE_WIDTH + 2).map(({ wire }) => Buffer.from(wire)),
    );
    const first = leafHash((messages[0] as (typeof messages)[number]).wire);
    expect(leaves.rawPayload.subarray(0, 32)).toEqual(Buffer.from(first));
  });

  it('has no tile that the feed does not fill, and none under another spelling', async () => {
    const { feeds, app } = await scene();
    feeds.say(LAB, 3);
    for (const path of [
      '0/000',
      '0/000.p/4',
      '0/001.p/1',
      '1/000.p/1',
      'entries/000',
      '64/000.p/1',
      '0/0.p/3',
      '0/000.p/0',
      '0/000.p/03',
      '../checkpoint',
    ])
      expect([path, (await app.inject(`${prefixOf(feeds)}/tile/${path}`)).statusCode]).toEqual([path, 404]);
  });

  it('compresses entries for who takes it', async () => {
    const { feeds, app } = await scene();
    feeds.say(LAB, 3);
    const url = `${prefixOf(feeds)}/tile/entries/000.p/3`;
    const plain = await app.inject({ url, headers: { 'accept-encoding': 'identity, gzip;q=0' } });
    const packed = await app.inject({ url, headers: { 'accept-encoding': 'br, gzip' } });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.headers['vary']).toBe('accept-encoding');
    expect(gunzipSync(packed.rawPayload)).toEqual(plain.rawPayload);
  });
});

describe('GET /messages/:id.tlog-proof', () => {
  it('shows a stranger that the message is in the feed, and who has seen it', async () => {
    const { feeds, app } = await scene();
    const [message] = feeds.say(LAB, 5).slice(2);
    if (message === undefined) throw new TypeError('five messages');
    const url = `/messages/${message.id}.tlog-proof`;
    expect((await app.inject(url)).statusCode).toBe(404);
    for (const witness of WITNESSES) feeds.witness(LAB, witness);
    const answer = await app.inject(url);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    const proof = parseTlogProofUnverified(answer.rawPayload);
    if (!proof.ok) throw new TypeError(proof.detail);
    const origin = proof.value.note.text.split('\n')[0] as string;
    const verified = verifyTlogProof(proof.value, proof.value.extra ?? new Uint8Array(), {
      log: ed25519Verifier(origin, signerOf(LAB).publicKey, native),
      witnesses: WITNESSES.map((name) =>
        cosignatureVerifier(witnessNoteKey(feeds.federation, feeds.keyOf(name)), native),
      ),
    });
    expect(verified.ok && [verified.value.index, verified.value.cosignatures.length]).toEqual([2, 3]);
    expect(Buffer.from(proof.value.extra ?? [])).toEqual(Buffer.from(message.wire));
  });

  it('takes the first head that the policy is content with', async () => {
    const { feeds, app } = await scene();
    const [message] = feeds.say(LAB);
    for (const witness of WITNESSES) feeds.witness(LAB, witness);
    feeds.say(LAB, 4);
    for (const witness of WITNESSES) feeds.witness(LAB, witness);
    const proof = parseTlogProofUnverified(
      (await app.inject(`/messages/${message?.id}.tlog-proof`)).rawPayload,
    );
    expect(proof.ok && proof.value.note.text.split('\n')[1]).toBe('1');
  });
});

describe('GET /witness-policy', () => {
  it('is a policy file with the keys of feeds and witnesses', async () => {
    const { feeds, app } = await scene();
    feeds.say(LAB);
    const policy = parseWitnessPolicy((await app.inject('/witness-policy')).payload);
    if (!policy.ok) throw new TypeError(policy.detail);
    expect(policy.value.witnesses.map(({ name }) => name)).toEqual([...WITNESSES]);
    expect(policy.value.quorum).toBe('all');
    for (const { vkey } of [...policy.value.logs, ...policy.value.witnesses])
      expect(parseVkey(vkey).ok).toBe(true);
  });

  it('is that of the charter under which a message was said, where one is named', async () => {
    const { feeds, app } = await scene();
    const [message] = feeds.say(LAB);
    const answer = await app.inject(`/witness-policy?message=${message?.id}`);
    expect(parseWitnessPolicy(answer.payload).ok).toBe(true);
    const stranger = new Author('example-academy', feeds.federation).say('note/1', {});
    expect((await app.inject(`/witness-policy?message=${stranger.id}`)).statusCode).toBe(404);
    expect((await app.inject('/witness-policy?message=1')).statusCode).toBe(400);
  });
});

describe('POST /add-checkpoint', () => {
  it('answers as a witness does, whatever the body is called', async () => {
    const { feeds, app } = await scene();
    feeds.say(LAB, 5);
    const post = (payload: Uint8Array | string, type?: string) =>
      app.inject({
        method: 'POST',
        url: '/add-checkpoint',
        payload: Buffer.from(payload),
        headers: type === undefined ? {} : { 'content-type': type },
      });
    const first = await post(feeds.request(LAB, 0));
    expect([first.statusCode, first.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    const stale = await post(feeds.request(LAB, 0), 'application/json');
    expect([stale.statusCode, stale.headers['content-type'], stale.payload]).toEqual([
      409,
      'text/x.tlog.size',
      '5\n',
    ]);
    expect((await post('old 0\n', 'text/plain')).statusCode).toBe(400);
    expect((await post('x'.repeat(16_385), 'text/plain')).statusCode).toBe(413);
    expect((await app.inject({ method: 'POST', url: '/add-checkpoint' })).statusCode).toBe(400);
  });

  it('lets one of several requests at once pass, each from the same size', async () => {
    const { feeds, app } = await scene();
    const bodies = [1, 2, 3].map((count) => {
      feeds.say(LAB, count);
      return feeds.request(LAB, 0);
    });
    const answers = await Promise.all(
      bodies.map((body) =>
        app.inject({ method: 'POST', url: '/add-checkpoint', payload: Buffer.from(body) }),
      ),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409, 409]);
  });

  it('is not there at a node that is no witness', async () => {
    const app = await buildGateway(new InMemoryNode('example-lab'), { token: '0'.repeat(48) });
    onTestFinished(() => app.close());
    const answer = await app.inject({ method: 'POST', url: '/add-checkpoint', payload: 'old 0\n' });
    expect(answer.statusCode).toBe(404);
  });
});
