import { pickBelow } from './seed.ts';

type Random = () => number;

/** Bytes that parsers care about: CBOR heads, JSON punctuation, extremes. */
const TELLING = [
  0x00, 0x01, 0x18, 0x1b, 0x20, 0x40, 0x58, 0x5b, 0x60, 0x7b, 0x7d, 0x80, 0x9f, 0xa0, 0xd8, 0x2a, 0xf6, 0xf7,
  0xf9, 0xfb, 0xff, 0x22, 0x2c, 0x3a,
];
const TELLING_TEXT = [
  '',
  '0',
  '-1',
  '\u0000',
  '\ufeff',
  '__proto__',
  '..',
  '/',
  '😀',
  '\ud800',
  'e',
  '1e999',
];
const TELLING_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  '',
  '__proto__',
  'constructor',
  [],
  {},
  'x'.repeat(70_000),
];

/** One to four random changes. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let out = [...bytes];
  for (let changes = 1 + pickBelow(random, 4); changes > 0; changes--) {
    const at = pickBelow(random, out.length + 1);
    switch (pickBelow(random, 6)) {
      case 0:
        if (at < out.length) out[at] = (out[at] as number) ^ (1 << pickBelow(random, 8));
        break;
      case 1:
        if (at < out.length) out[at] = TELLING[pickBelow(random, TELLING.length)] as number;
        break;
      case 2:
        out.splice(at, 1 + pickBelow(random, 8));
        break;
      case 3:
        out.splice(at, 0, TELLING[pickBelow(random, TELLING.length)] as number);
        break;
      case 4:
        out.splice(at, 0, ...out.slice(at, at + pickBelow(random, 40)));
        break;
      default:
        out = out.slice(0, at);
    }
  }
  return Uint8Array.from(out);
}

export function mutateText(text: string, random: Random): string {
  const letters = [...text];
  for (let changes = 1 + pickBelow(random, 3); changes > 0; changes--) {
    const at = pickBelow(random, letters.length + 1);
    switch (pickBelow(random, 4)) {
      case 0:
        letters.splice(at, 1);
        break;
      case 1:
        letters.splice(at, 0, TELLING_TEXT[pickBelow(random, TELLING_TEXT.length)] as string);
        break;
      case 2:
        letters[at] = String.fromCharCode(32 + pickBelow(random, 95));
        break;
      default:
        letters.splice(at, 1, ...letters.slice(at, at + 2).reverse());
    }
  }
  return letters.join('');
}

/** A copy of plain data with one to three of its places changed, dropped, doubled or renamed. */
export function mutateData(data: unknown, random: Random): unknown {
  const holder = { root: structuredClone(data) };
  for (let changes = 1 + pickBelow(random, 3); changes > 0; changes--) {
    const places = placesOf(holder);
    const place = places[pickBelow(random, places.length)];
    if (place !== undefined) change(place.parent, place.key, random);
  }
  return holder.root;
}

type Container = unknown[] | Record<string, unknown>;

function placesOf(value: unknown): { parent: Container; key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Container;
  return Object.entries(value).flatMap(([key, entry]) => [{ parent, key }, ...placesOf(entry)]);
}

function change(parent: Container, key: string, random: Random): void {
  const record = parent as Record<string, unknown>;
  const old = record[key];
  switch (pickBelow(random, 5)) {
    case 0:
      record[key] = TELLING_VALUES[pickBelow(random, TELLING_VALUES.length)];
      break;
    case 1:
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else if (key !== 'root') delete record[key];
      break;
    case 2:
      if (Array.isArray(parent)) parent.push(structuredClone(old));
      else defineOwn(record, TELLING_TEXT[pickBelow(random, TELLING_TEXT.length)] as string, old);
      break;
    case 3:
      record[key] = typeof old === 'string' ? mutateText(old, random) : [old];
      break;
    default:
      if (typeof old === 'number') record[key] = old + pickBelow(random, 3) - 1;
      else if (typeof old === 'string') record[key] = { [old]: old };
  }
}

/** As JSON.parse does it: a key named `__proto__` is a key. */
function defineOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}
