import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OversightError } from '../../../protocols/base/errors.ts';
import { HTTP_BODY_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { recordDigest } from '../../../protocols/record/index.ts';
import { buildGateway } from '../../../services/gateway/index.ts';
import { exampleStory } from '../../support/example-story.ts';
import { contentCid, frontierBody } from '../../support/samples.ts';

const TOKEN = 'a'.repeat(48);
const UNKNOWN_ID = 'bafyreigaknpexyvxt76zgkitavbwx6ejgfheup5oybpm77f3pxzrvwpfdi';
const OWNER = { authorization: `Bearer ${TOKEN}` };

let story: ReturnType<typeof exampleStory>;
let app: FastifyInstance;
let faults: unknown[];

beforeEach(async () => {
  story = exampleStory();
  faults = [];
  app = await buildGateway(story.node, { token: TOKEN, onFault: (error) => faults.push(error) });
});
afterEach(() => app.close());

describe('reading', () => {
  test('the record is served under its digest and not sent twice', async () => {
    const first = await app.inject('/record');
    expect(first.statusCode).toBe(200);
    expect(first.headers.etag).toBe(`"${recordDigest(first.json())}"`);
    const again = await app.inject({
      url: '/record',
      headers: { 'if-none-match': String(first.headers.etag) },
    });
    expect(again.statusCode).toBe(304);
    expect(again.body).toBe('');
    story.lastVerdict();
    const changed = await app.inject({
      url: '/record',
      headers: { 'if-none-match': String(first.headers.etag) },
    });
    expect(changed.statusCode).toBe(200);
  });

  test('its parts are the record’s parts', async () => {
    const record = (await app.inject('/record')).json();
    expect((await app.inject('/record/members')).json()).toEqual({ members: record.members });
    expect((await app.inject('/record/findings')).json()).toEqual({ findings: record.findings });
    expect((await app.inject('/record/releases')).json()).toEqual({
      frontierReleases: record.frontierReleases,
      analogReleases: record.analogReleases,
    });
    const id = story.findings.faithful;
    expect((await app.inject(`/record/findings/${id}`)).json()).toMatchObject({ id, standing: 'confirmed' });
  });

  test('a message as JSON, and as the bytes that were signed', async () => {
    const { id, wire } = story.frontier;
    const json = (await app.inject(`/messages/${id}`)).json();
    expect(json).toMatchObject({ id, kind: 'frontier-release/1', sequence: 2 });
    expect(Buffer.from(json.wire, 'base64')).toEqual(Buffer.from(wire));
    for (const request of [
      { url: `/messages/${id}?format=wire` },
      { url: `/messages/${id}`, headers: { accept: 'application/cbor' } },
    ]) {
      const raw = await app.inject(request);
      expect(raw.headers['content-type']).toBe('application/cbor');
      expect(raw.rawPayload).toEqual(Buffer.from(wire));
    }
  });

  test('a block as raw bytes', async () => {
    const cid = contentCid('a block');
    story.node.blocks.set(cid, Uint8Array.of(1, 2, 3));
    const response = await app.inject(`/ipfs/${cid}?format=raw`);
    expect(response.headers['content-type']).toBe('application/vnd.ipld.raw');
    expect(response.rawPayload).toEqual(Buffer.from([1, 2, 3]));
  });

  test.each(['/', '/app.js', '/style.css', '/status', '/charter', '/wording', '/health', '/nothing'])(
    '%s carries the security headers and no CORS',
    async (url) => {
      const { headers } = await app.inject(url);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    },
  );
});

describe('the owner', () => {
  test('publishes a message and finds it in the record', async () => {
    const refused = await post('/messages', { kind: 'frontier-release/1', body: frontierBody('m') });
    expect(refused).toMatchObject({ status: 422, code: 'message-refused', reason: 'role-may-not' });
    const body = { displayName: 'new name', endpoints: { libp2p: [], gateway: null } };
    const response = await app.inject({
      method: 'POST',
      url: '/messages',
      headers: OWNER,
      payload: { kind: 'member-card/1', body },
    });
    expect(response.statusCode).toBe(201);
    const { id } = response.json();
    expect(response.headers.location).toBe(`/messages/${id}`);
    expect((await app.inject(`/messages/${id}`)).json().body).toEqual(body);
  });

  test('adds a directory', async () => {
    const response = await app.inject({
      method: 'POST',
      url: '/content',
      headers: OWNER,
      payload: { directory: '/models/analog' },
    });
    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({ cid: contentCid('/models/analog'), profile: 'unixfs-v1-2025' });
  });

  test.each([
    ['no token', {}],
    ['another token', { authorization: `Bearer ${'b'.repeat(48)}` }],
    ['a longer token', { authorization: `Bearer ${TOKEN}a` }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['the token alone', { authorization: TOKEN }],
  ])('is no one with %s', async (_, headers) => {
    const before = story.node.status().messages;
    for (const url of ['/messages', '/content']) {
      // the check comes before the body is read: this one is malformed
      const response = await app.inject({
        method: 'POST',
        url,
        headers: { ...headers, 'content-type': 'application/json' },
        payload: '{',
      });
      expect(response.statusCode).toBe(401);
      expect(response.headers['www-authenticate']).toContain('Bearer');
      expect(response.json().code).toBe('token-invalid');
    }
    expect(story.node.status().messages).toBe(before);
  });

  test('needs a token that cannot be guessed', async () => {
    await expect(buildGateway(story.node, { token: 'short' })).rejects.toMatchObject({
      code: 'config-invalid',
    });
  });
});

describe('refusals are problems', () => {
  const card = { kind: 'member-card/1', body: {} };
  test.each([
    ['unknown address', 'GET', '/nothing', undefined, 404, 'not-found'],
    ['address that does not decode', 'GET', '/messages/%ff', undefined, 400, 'argument-invalid'],
    ['id that is no id', 'GET', '/messages/abc', undefined, 400, 'argument-invalid'],
    ['unknown message', 'GET', `/messages/${UNKNOWN_ID}`, undefined, 404, 'not-found'],
    ['unknown finding', 'GET', `/record/findings/${UNKNOWN_ID}`, undefined, 404, 'not-found'],
    ['unknown block', 'GET', `/ipfs/${contentCid('x')}?format=raw`, undefined, 404, 'not-found'],
    ['block not asked for raw', 'GET', `/ipfs/${contentCid('x')}`, undefined, 400, 'argument-invalid'],
    ['CID that is none', 'GET', '/ipfs/..%2f..%2fetc?format=raw', undefined, 400, 'argument-invalid'],
    ['cursor that is none', 'GET', '/events?after=-1', undefined, 400, 'argument-invalid'],
    ['unknown event type', 'GET', '/events?type=finding', undefined, 400, 'argument-invalid'],
    ['malformed JSON', 'POST', '/messages', '{"kind":', 400, 'argument-invalid'],
    ['kind without a version', 'POST', '/messages', { ...card, kind: 'finding' }, 400, 'argument-invalid'],
    ['unknown field', 'POST', '/messages', { ...card, author: 'me' }, 400, 'argument-invalid'],
    ['fraction in a body', 'POST', '/messages', { ...card, body: { a: 0.5 } }, 400, 'argument-invalid'],
    ['body against its schema', 'POST', '/messages', card, 422, 'message-refused'],
    [
      'body too large',
      'POST',
      '/messages',
      { ...card, body: { a: 'x'.repeat(HTTP_BODY_LIMIT_BYTES) } },
      413,
      'request-too-large',
    ],
    ['relative directory', 'POST', '/content', { directory: 'models' }, 400, 'argument-invalid'],
    ['missing directory', 'POST', '/content', { directory: '/missing' }, 422, 'request-refused'],
  ] as const)('%s', async (_, method, url, payload, status, code) => {
    const response = await app.inject({
      method,
      url,
      headers: { ...OWNER, ...(payload === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(payload === undefined ? {} : { payload }),
    });
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({ status, code, type: `urn:oversight:error:${code}` });
    expect(response.statusCode).toBe(status);
    expect(faults).toEqual([]);
  });

  test('a failure of ours shows its code, an unexpected one nothing at all', async () => {
    story.node.block = () => Promise.reject(new OversightError('disk-full', 'no room'));
    expect((await app.inject(`/ipfs/${contentCid('x')}?format=raw`)).json()).toMatchObject({
      status: 507,
      code: 'disk-full',
    });
    story.node.block = () => Promise.reject(new Error('/home/secret'));
    const response = await app.inject(`/ipfs/${contentCid('x')}?format=raw`);
    expect(response.json()).toMatchObject({ status: 500, code: 'internal-failure' });
    expect(response.body).not.toContain('secret');
    expect(faults).toHaveLength(1);
  });
});

async function post(url: string, payload: object) {
  return (await app.inject({ method: 'POST', url, headers: OWNER, payload })).json();
}
