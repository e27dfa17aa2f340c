import { createHash } from 'node:crypto';

/**
 * The rule of 04-identity §3 on whole numbers alone, from RFC 8032 §5.1 and nothing else: no library, no
 * shared code, nothing fast. What the backends are held to.
 */

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = mod(-121665n * invert(121666n));
const SQRT_MINUS_ONE = power(2n, (P - 1n) / 4n);

/** Extended coordinates: x = X/Z, y = Y/Z, xy = T/Z. */
type Point = readonly [X: bigint, Y: bigint, Z: bigint, T: bigint];
const NEUTRAL: Point = [0n, 1n, 1n, 0n];
const BASE = decodePoint(littleEndian(mod(4n * invert(5n)))) as Point;

/** The first clause that refuses, or null when the signature is accepted. */
export type Refusal =
  | 'length'
  | 'scalar-too-large'
  | 'key-not-canonical'
  | 'commitment-not-canonical'
  | 'key-of-small-order'
  | 'commitment-of-small-order'
  | 'key-not-a-point'
  | 'key-with-torsion'
  | 'equation';

export function referenceRefusal(
  key: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
): Refusal | null {
  if (key.length !== 32 || signature.length !== 64) return 'length';
  const commitment = signature.subarray(0, 32);
  const scalar = fromLittleEndian(signature.subarray(32));
  if (scalar >= L) return 'scalar-too-large';
  const keyRefusal = referenceKeyRefusal(key);
  if (keyRefusal === 'key-not-canonical') return keyRefusal;
  if (!isCanonical(commitment)) return 'commitment-not-canonical';
  if (keyRefusal === 'key-of-small-order') return keyRefusal;
  if (isOfSmallOrder(commitment)) return 'commitment-of-small-order';
  if (keyRefusal !== null) return keyRefusal;
  const hash = createHash('sha512').update(commitment).update(key).update(message).digest();
  const challenge = fromLittleEndian(hash) % L;
  const [x, y, z, t] = times(challenge, decodePoint(key) as Point);
  const recomputed = encodePoint(add(times(scalar, BASE), [mod(-x), y, z, mod(-t)]));
  return Buffer.compare(recomputed, commitment) === 0 ? null : 'equation';
}

/** Of keys seen before: published vectors have a thousand signatures of a few keys. */
const keyRefusals = new Map<string, Refusal | null>();

export function referenceKeyRefusal(key: Uint8Array): Refusal | null {
  const name = Buffer.from(key).toString('hex');
  const known = keyRefusals.get(name);
  if (known !== undefined) return known;
  const refusal = findKeyRefusal(key);
  keyRefusals.set(name, refusal);
  return refusal;
}

function findKeyRefusal(key: Uint8Array): Refusal | null {
  if (key.length !== 32) return 'length';
  if (!isCanonical(key)) return 'key-not-canonical';
  if (isOfSmallOrder(key)) return 'key-of-small-order';
  const point = decodePoint(key);
  if (point === null) return 'key-not-a-point';
  return isNeutral(times(L, point)) ? null : 'key-with-torsion';
}

/** y < p, and the sign of x not set where x is zero. RFC 8032 §5.1.3 */
function isCanonical(bytes: Uint8Array): boolean {
  const y = fromLittleEndian(bytes) & (2n ** 255n - 1n);
  return y < P && !((y === 1n || y === P - 1n) && (bytes[31] as number) >= 0x80);
}

function isOfSmallOrder(bytes: Uint8Array): boolean {
  const point = decodePoint(bytes);
  return point !== null && isNeutral(times(8n, point));
}

function isNeutral([x, y, z]: Point): boolean {
  return x === 0n && y === z;
}

function decodePoint(bytes: Uint8Array): Point | null {
  const sign = (bytes[31] as number) >> 7;
  const y = fromLittleEndian(bytes) & (2n ** 255n - 1n);
  if (y >= P) return null;
  const square = mod((y * y - 1n) * invert(mod(D * y * y + 1n)));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x) !== square) x = mod(x * SQRT_MINUS_ONE);
  if (mod(x * x) !== square || (x === 0n && sign === 1)) return null;
  if (Number(x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

function encodePoint([x, y, z]: Point): Uint8Array {
  const inverse = invert(z);
  const bytes = littleEndian(mod(y * inverse));
  bytes[31] = (bytes[31] as number) | (Number(mod(x * inverse) & 1n) << 7);
  return bytes;
}

/** RFC 8032 §5.1.4 */
function add([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * t1 * t2 * D);
  const d = mod(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(scalar: bigint, point: Point): Point {
  let sum = NEUTRAL;
  for (let left = scalar, doubled = point; left > 0n; left >>= 1n, doubled = add(doubled, doubled))
    if (left & 1n) sum = add(sum, doubled);
  return sum;
}

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function invert(value: bigint): bigint {
  return power(value, P - 2n);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let left = exponent, square = mod(base); left > 0n; left >>= 1n, square = mod(square * square))
    if (left & 1n) result = mod(result * square);
  return result;
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex') || '0'}`);
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse());
}
