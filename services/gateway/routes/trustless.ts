import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { OversightError } from '../../../protocols/base/errors.ts';
import { parseCid } from '../../../protocols/codec/cid.ts';
import { NOT_MODIFIED } from '../answers/common.ts';
import type { Api } from '../api/api.ts';
import type { CarRequest, GatewayNode } from '../ports.ts';
import { notFound } from '../problems.ts';
import { RateLimit } from '../rate-limit.ts';
import { Turns } from '../turns.ts';

/** A CAR or a block holds about 1 MiB of memory; a reader that takes nothing for 20 seconds has gone. */
const TURNS = { all: 64, ofAddress: 16, idleTimeoutMs: 20_000 };
/** Blocks are asked for one by one: a checkpoint of 60 GB is 60,000 requests, and each has cost a hash of 1 MiB. */
const BLOCK_RATE = { perSecond: 1_000, burst: 4_000, addresses: 4_096, now: () => performance.now() };

/** Buffers kept to read blocks to: a new MiB for each keeps the collector busy. */
const SPARE_BUFFERS = 8;
const BUFFER_BYTES = 1_048_576;

const RAW = 'application/vnd.ipld.raw';
const CAR = 'application/vnd.ipld.car';
const FOREVER = 'public, max-age=31536000, immutable';
/** The empty block inside its own CID: clients ask for it to learn whether this is a gateway. */
const PROBE = 'bafkqaaa';
/** Folders of a directory are at most 16 deep. */
const PATH_LIMIT = 32;

const query = z.object({
  format: z.enum(['raw', 'car']).optional(),
  'dag-scope': z.enum(['all', 'entity', 'block']).default('all'),
  'entity-bytes': z
    .string()
    .regex(/^-?\d{1,15}:(?:-?\d{1,15}|\*)$/)
    .optional(),
  'car-version': z.literal('1').optional(),
  'car-order': z.enum(['dfs', 'unk']).optional(),
  'car-dups': z.enum(['y', 'n']).optional(),
});
type Query = z.infer<typeof query>;

/** Whether `/ipfs/` has a rate of its own, beside that of the other routes. */
export function isContentPath(url: string): boolean {
  return url.startsWith('/ipfs/');
}

/** The trustless IPFS gateway: blocks and CARs of what this node holds. https://specs.ipfs.tech/http-gateways/trustless-gateway/ */
export function trustlessRoutes(api: Api, node: Pick<GatewayNode, 'block' | 'car'>): void {
  const turns = new Turns(TURNS);
  const rate = new RateLimit(BLOCK_RATE);
  const spare: Buffer[] = [];
  api.serve(
    {
      method: 'GET',
      url: '/ipfs/*',
      id: 'getContent',
      tag: 'content',
      access: 'read',
      summary: 'A trustless IPFS gateway for what the node holds: blocks and CARs.',
      params: z.object({ '*': z.string().meta({ description: 'A CID, and for a CAR a path below it.' }) }),
      query,
      headers: {
        Accept: '`application/vnd.ipld.raw` or `application/vnd.ipld.car`, where `format` does not say.',
        Range: 'Bytes of a block.',
        'If-None-Match': 'What the asker has; answered with 304.',
      },
      answers: {
        200: { description: 'A block or a CAR.', content: { [RAW]: null, [CAR]: null } },
        206: { description: 'A part of a block.', content: { [RAW]: null } },
        304: NOT_MODIFIED,
      },
      refuses: ['not-found', 'blob-not-found'],
    },
    ({ params, query: asked, request, reply }) => {
      rate.check(request);
      const [cid = '', ...path] = params['*'].split('/').filter((name) => name !== '');
      const format = formatOf(asked, request.headers.accept ?? '');
      reply.header('cache-control', FOREVER).header('vary', 'Accept');
      if (cid === PROBE && path.length === 0) return reply.type(RAW).send(Buffer.alloc(0));
      if (parseCid(cid) === null || path.length > PATH_LIMIT)
        throw new OversightError('argument-invalid', 'Not a CID (version 1, base32).');
      turns.take(request, reply);
      if (format === 'car') return sendCar(node, carRequest(cid, path, asked, request), request, reply);
      if (path.length > 0)
        throw new OversightError('argument-invalid', 'A block has no path; ask for a CAR.');
      const into = spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
      reply.raw.once('finish', () => {
        if (spare.length < SPARE_BUFFERS) spare.push(into); // all of it is with the system now
      });
      return sendBlock(node, cid, into, request, reply);
    },
  );
}

/** The query decides, then the first type of `Accept` that is ours. */
function formatOf(asked: Query, accept: string): 'raw' | 'car' {
  if (asked.format !== undefined) return asked.format;
  for (const type of accept.split(',').map((each) => each.split(';')[0]?.trim())) {
    if (type === RAW) return 'raw';
    if (type === CAR) return 'car';
  }
  throw new OversightError('argument-invalid', 'This gateway is trustless: add ?format=raw or ?format=car.');
}

function carRequest(
  cid: string,
  path: readonly string[],
  asked: Query,
  { headers }: FastifyRequest,
): CarRequest {
  const [from, to] = asked['entity-bytes']?.split(':') ?? [];
  const wantsDups = asked['car-dups'] ?? /;\s*dups=([yn])/.exec(headers.accept ?? '')?.[1];
  return {
    cid,
    path,
    scope: asked['dag-scope'],
    bytes: from === undefined ? null : { from: Number(from), to: to === '*' ? null : Number(to) },
    dups: wantsDups === 'y',
  };
}

async function sendCar(
  node: Pick<GatewayNode, 'car'>,
  asked: CarRequest,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  // another order of blocks would be another body: the tag is a weak one
  const digest = createHash('sha256').update(JSON.stringify(asked)).digest('base64url').slice(0, 16);
  const etag = `W/"${asked.cid}.car.${digest}"`;
  if (isKnown(request, etag)) return reply.code(304).header('etag', etag).send();
  const car = await node.car(asked);
  if (car === null) throw notFound('content');
  const name = asked.path.at(-1) ?? asked.cid;
  reply
    .header('etag', etag)
    .header('accept-ranges', 'none')
    .header('x-ipfs-path', ipfsPath(asked))
    .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}.car`)
    .type(`${CAR}; version=1; order=dfs; dups=${asked.dups ? 'y' : 'n'}`);
  if (request.method === 'HEAD') return reply.send();
  return reply.send(Readable.from(car, { objectMode: false }));
}

async function sendBlock(
  node: Pick<GatewayNode, 'block'>,
  cid: string,
  into: Buffer,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const etag = `"${cid}.raw"`;
  if (isKnown(request, etag)) return reply.code(304).header('etag', etag).send();
  const block = await node.block(cid, into);
  if (block === null) throw notFound('block');
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  reply
    .header('etag', etag)
    .header('accept-ranges', 'bytes')
    .header('x-ipfs-path', `/ipfs/${cid}`)
    .header('content-disposition', `attachment; filename="${cid}.bin"`)
    .type(RAW);
  const range = rangeOf(request, bytes.length);
  if (range === null) return reply.send(bytes);
  const [from, to] = range;
  return reply
    .code(206)
    .header('content-range', `bytes ${from}-${to}/${bytes.length}`)
    .send(bytes.subarray(from, to + 1));
}

/** One range of bytes, both ends included; null for the whole: RFC 9110 §14.2 lets a server ignore a range. */
function rangeOf({ headers }: FastifyRequest, size: number): readonly [number, number] | null {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return from <= to ? [from, to] : null;
}

function isKnown({ headers }: FastifyRequest, etag: string): boolean {
  const known = headers['if-none-match'] ?? '';
  return known === '*' || known.split(',').some((each) => each.trim() === etag);
}

function ipfsPath({ cid, path }: CarRequest): string {
  return ['/ipfs', cid, ...path.map(encodeURIComponent)].join('/');
}
