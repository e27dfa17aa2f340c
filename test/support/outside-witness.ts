import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { MemberKey } from '../../protocols/base/ids.ts';
import { memberKey } from '../../protocols/identity/did-key.ts';

const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const NAME = 'witness.example/outside';

/** A witness that shares no code with ours beyond the spelling of a did:key: C2SP tlog-witness from its text. */
export interface OutsideWitness {
  readonly key: MemberKey;
  readonly keyName: string;
  readonly url: string;
  /** Status of each answer, in order. */
  readonly answers: readonly number[];
  /** The size it has cosigned last of a log. */
  sizeOf(origin: string): number;
}

/** @param keyOf the raw Ed25519 key of a log that it knows; null for others */
export async function startOutsideWitness(
  keyOf: (origin: string) => Uint8Array | null,
): Promise<OutsideWitness> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD.length);
  const seen = new Map<string, { readonly size: bigint; readonly root: Buffer }>();
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const known = request.method === 'POST' && request.url === '/add-checkpoint';
      const [status, body, type = 'text/plain'] = known
        ? judge(Buffer.concat(parts).toString('utf8'), keyOf, seen, privateKey, raw)
        : [404, ''];
      answers.push(status);
      response.writeHead(status, { 'content-type': type }).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return {
    key: memberKey(raw),
    keyName: NAME,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    sizeOf: (origin) => Number(seen.get(origin)?.size ?? 0n),
  };
}

function judge(
  body: string,
  keyOf: (origin: string) => Uint8Array | null,
  seen: Map<string, { readonly size: bigint; readonly root: Buffer }>,
  privateKey: KeyObject,
  raw: Buffer,
): [number, string, string?] {
  const match = /^old (\d+)\n((?:[^\n]+\n)*)\n(([^\n]+)\n(\d+)\n([^\n]+)\n)\n((?:\u2014 [^\n]+\n)+)$/.exec(
    body,
  );
  if (match === null) return [400, ''];
  const [, old = '', hashes = '', text = '', origin = '', size = '', root = '', lines = ''] = match;
  const key = keyOf(origin);
  if (key === null) return [404, ''];
  if (!lines.split('\n').some((line) => isSignedBy(key, origin, text, line))) return [403, ''];
  if (BigInt(old) > BigInt(size)) return [400, ''];
  const last = seen.get(origin) ?? { size: 0n, root: sha256() };
  if (BigInt(old) !== last.size) return [409, `${last.size}\n`, 'text/x.tlog.size'];
  const head = { size: BigInt(size), root: Buffer.from(root, 'base64') };
  const proof = hashes.split('\n').filter((line) => line !== '');
  const path = proof.map((line) => Buffer.from(line, 'base64'));
  if (head.size === last.size && !head.root.equals(last.root)) return [409, ''];
  if (!isGrown(last, head, path)) return [422, ''];
  seen.set(origin, head);
  const time = Math.floor(Date.now() / 1_000);
  const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), privateKey);
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(BigInt(time));
  const line = Buffer.concat([keyIdOf(NAME, 4, raw), stamp, signature]).toString('base64');
  return [200, `\u2014 ${NAME} ${line}\n`];
}

function isSignedBy(key: Uint8Array, name: string, text: string, line: string): boolean {
  const [, signer, encoded = ''] = line.split(' ');
  const bytes = Buffer.from(encoded, 'base64');
  if (signer !== name || !bytes.subarray(0, 4).equals(keyIdOf(name, 1, key))) return false;
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_HEAD, key]), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(text), publicKey, bytes.subarray(4));
}

/** RFC 6962 §2.1.4, by rebuilding both roots from the path from the top down. */
function isGrown(
  from: { readonly size: bigint; readonly root: Buffer },
  to: { readonly size: bigint; readonly root: Buffer },
  path: readonly Buffer[],
): boolean {
  if (from.size === 0n || from.size === to.size) return path.length === 0;
  const rest = [...path];
  /** Roots of the first `m` of `n` leaves and of all `n`; `whole` when the m leaves are the verifier's own root. */
  const rebuild = (m: bigint, n: bigint, whole: boolean): [Buffer, Buffer] => {
    if (m === n) {
      const node = whole ? from.root : take();
      return [node, node];
    }
    let k = 1n;
    while (2n * k < n) k *= 2n;
    if (m <= k) {
      const [older, newer] = rebuild(m, k, whole);
      return [older, node(newer, take())];
    }
    const [older, newer] = rebuild(m - k, n - k, false);
    const left = take();
    return [node(left, older), node(left, newer)];
  };
  const take = () => rest.shift() ?? Buffer.alloc(0);
  const [older, newer] = rebuild(from.size, to.size, true);
  return rest.length === 0 && older.equals(from.root) && newer.equals(to.root);
}

const node = (left: Buffer, right: Buffer) => sha256(Buffer.of(1), left, right);

const keyIdOf = (name: string, type: number, key: Uint8Array) =>
  sha256(Buffer.from(`${name}\n`), Buffer.of(type), Buffer.from(key)).subarray(0, 4);

function sha256(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
