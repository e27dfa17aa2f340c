import { type CID, readCid } from './cid.ts';
import type { KnownKeys } from './known-keys.ts';

export type ReadFault = 'not-dag-cbor' | 'not-canonical';

/** Below this many bytes a loop is faster than the platform's text decoder (measured, Node 24); most keys are. */
const SHORT_TEXT_BYTES = 16;

const strictText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The least that a head of so many bytes more may say: less has a shorter head. */
const LEAST = [0, 24, 256, 0, 65_536, 0, 0, 0, 2 ** 32];

/**
 * Reads a document that `scanShape` let through: every head and length lies inside the bytes, the depth is bounded.
 * Judges the encoding as it reads, so that nothing is encoded again to compare. spec 03-codec §1, §2
 */
export class DocumentReader {
  readonly #bytes: Uint8Array;
  readonly #keys: KnownKeys | null;
  #at = 0;
  /** What follows the major type in the head that was just read: a value, a length or a tag. */
  #argument = 0;
  #fault: ReadFault | null = null;
  #plain = true;

  constructor(bytes: Uint8Array, keys: KnownKeys | null = null) {
    this.#bytes = bytes;
    this.#keys = keys;
  }

  /** Where the next item begins. */
  get position(): number {
    return this.#at;
  }

  /** No byte string, link, fraction or integer beyond 2^53 - 1 so far: what base/plain calls plain. */
  get plain(): boolean {
    return this.#plain;
  }

  /** Steps over these bytes if they come next. */
  skip(expected: Uint8Array): boolean {
    for (let i = 0; i < expected.length; i++) if (this.#bytes[this.#at + i] !== expected[i]) return false;
    this.#at += expected.length;
    return true;
  }

  /** Steps over as many bytes, and views them. */
  take(length: number): Uint8Array {
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** The worst fault of what was read; null when it is DAG-CBOR in its one encoding. */
  get fault(): ReadFault | null {
    return this.#fault;
  }

  /** One item. What it returns means nothing once there is a fault. */
  read(): unknown {
    if (this.#fault === 'not-dag-cbor') return null; // there is no worse
    const head = this.#readHead();
    switch (head >> 5) {
      case 0:
        return this.#argument <= Number.MAX_SAFE_INTEGER ? this.#argument : this.#wideArgument();
      case 1:
        return this.#argument < Number.MAX_SAFE_INTEGER ? -1 - this.#argument : -1n - this.#wideArgument();
      case 2:
        this.#plain = false;
        return this.#readBytes();
      case 3:
        return this.#readText();
      case 4:
        return this.#readList();
      case 5:
        return this.#readMap();
      case 6:
        return this.#readLink();
      default:
        return this.#readSimple(head);
    }
  }

  /** Returns the first byte: major type and width. */
  #readHead(): number {
    const head = this.#bytes[this.#at++] as number;
    const info = head & 31;
    if (info < 24) {
      this.#argument = info;
      return head;
    }
    const width = 1 << (info - 24);
    let argument = 0;
    for (const end = this.#at + width; this.#at < end; this.#at++)
      argument = argument * 256 + (this.#bytes[this.#at] as number);
    this.#argument = argument;
    // spec 03-codec §1.1
    if (argument < (LEAST[width] as number) && head < 0xe0) this.#fail('not-dag-cbor');
    return head;
  }

  /** The eight bytes that were just read, where a number would round them. */
  #wideArgument(): bigint {
    this.#plain = false;
    return this.#viewOf(8).getBigUint64(0);
  }

  /** The bytes that were just read. */
  #viewOf(width: number): DataView {
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at - width, width);
  }

  #readBytes(): Uint8Array {
    const start = this.#at;
    this.#at += this.#argument;
    return this.#bytes.slice(start, this.#at);
  }

  /** spec 03-codec §1.4 */
  #readText(): string {
    const start = this.#at;
    this.#at += this.#argument;
    if (this.#argument < SHORT_TEXT_BYTES) {
      const text = this.#asciiText(start, this.#at);
      if (text !== null) return text;
    }
    try {
      const text = strictText.decode(this.#bytes.subarray(start, this.#at));
      if (text.charCodeAt(0) === 0xfeff) this.#fail('not-canonical');
      return text;
    } catch {
      this.#fail('not-canonical'); // not UTF-8
      return '';
    }
  }

  /** Text whose bytes, and so whose form, are those of one that was read before need not be read again. */
  #readKey(): string {
    if (this.#keys === null || this.#argument >= SHORT_TEXT_BYTES) return this.#readText();
    const start = this.#at;
    const end = start + this.#argument;
    const known = this.#keys.find(this.#bytes, start, end);
    if (known !== null) {
      this.#at = end;
      return known;
    }
    const key = this.#readText();
    this.#keys.keep(this.#bytes, start, end, key);
    return key;
  }

  #asciiText(start: number, end: number): string | null {
    let text = '';
    for (let i = start; i < end; i++) {
      const byte = this.#bytes[i] as number;
      if (byte > 0x7f) return null;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #readList(): unknown[] {
    const list: unknown[] = [];
    for (let due = this.#argument; due > 0; due--) list.push(this.read());
    return list;
  }

  #readMap(): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    let previousStart = 0;
    let previousEnd = 0;
    for (let due = this.#argument; due > 0; due--) {
      // spec 03-codec §1.2
      if (this.#readHead() >> 5 !== 3) {
        this.#fail('not-dag-cbor');
        return map;
      }
      const start = this.#at;
      const key = this.#readKey();
      if (previousStart > 0 && !this.#isBefore(previousStart, previousEnd, start, this.#at))
        this.#fail(Object.hasOwn(map, key) ? 'not-dag-cbor' : 'not-canonical');
      previousStart = start;
      previousEnd = this.#at;
      const value = this.read();
      if (key === '__proto__') defineEntry(map, key, value);
      else map[key] = value;
    }
    // spec 03-codec §1.6
    if (Object.hasOwn(map, '/') && map['/'] === map['bytes'] && map['/'] !== null)
      this.#fail('not-canonical');
    return map;
  }

  /** Order of two keys, given where they lie: the shorter first, then by bytes. */
  #isBefore(start: number, end: number, otherStart: number, otherEnd: number): boolean {
    const length = end - start;
    if (length !== otherEnd - otherStart) return length < otherEnd - otherStart;
    for (let i = 0; i < length; i++) {
      const difference = (this.#bytes[start + i] as number) - (this.#bytes[otherStart + i] as number);
      if (difference !== 0) return difference < 0;
    }
    return false;
  }

  /** spec 03-codec §1.5; `scanShape` has seen to it that a tag is 42 and stands over a byte string. */
  #readLink(): CID | null {
    this.#plain = false;
    this.#readHead();
    const start = this.#at;
    this.#at += this.#argument;
    if (this.#bytes[start] !== 0 || this.#argument === 0) {
      this.#fail('not-dag-cbor');
      return null;
    }
    // spec 03-codec §5.2
    const cid = readCid(this.#bytes.slice(start + 1, this.#at));
    if (cid === null) this.#fail('not-dag-cbor');
    return cid;
  }

  /** spec 03-codec §1.3, §1.5 */
  #readSimple(head: number): unknown {
    switch (head) {
      case 0xf4:
        return false;
      case 0xf5:
        return true;
      case 0xf6:
        return null;
      case 0xf7: // undefined, which a lenient reader takes for null
        this.#fail('not-canonical');
        return null;
      case 0xf9:
        this.#fail((this.#argument & 0x7c00) === 0x7c00 ? 'not-dag-cbor' : 'not-canonical');
        return null;
      case 0xfa:
        this.#fail(Number.isFinite(this.#viewOf(4).getFloat32(0)) ? 'not-canonical' : 'not-dag-cbor');
        return null;
      case 0xfb: {
        this.#plain = false;
        const float = this.#viewOf(8).getFloat64(0);
        if (!Number.isFinite(float)) this.#fail('not-dag-cbor');
        else if (Number.isSafeInteger(float)) this.#fail('not-canonical');
        return float;
      }
      default:
        this.#fail('not-dag-cbor');
        return null;
    }
  }

  #fail(fault: ReadFault): void {
    if (this.#fault !== 'not-dag-cbor') this.#fault = fault;
  }
}

/** A plain assignment to `__proto__` would set the prototype. */
function defineEntry(map: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
}
