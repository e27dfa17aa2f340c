import { fromUtf8 } from '../../../../protocols/base/bytes.ts';
import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';
import { isKind, isKnownGlobal, type RebuildRefusal, readStorage, rebuild } from './rebuild.ts';
import type { PickleValue } from './values.ts';

export type PickleRefusal = RebuildRefusal | 'pickle-opcode-refused' | 'pickle-truncated';

const PROTOCOL = 2;
/** Of a name such as `torch._utils`. */
const NAME_LIMIT_BYTES = 256;
const NEWLINE = 0x0a;

/**
 * The value a pickle of tensors describes. Of protocol 2 only what `torch.save` writes for tensors, numbers, text, lists
 * and dictionaries of them is known; every other opcode and every other name ends the reading. Nothing is called,
 * looked up or imported. Source: Lib/pickletools.py of CPython 3.14.
 */
export function readPickle(bytes: Uint8Array): Result<PickleValue, PickleRefusal> {
  return new Machine(bytes).run();
}

/** Thrown by a step, and turned into a refusal where the machine ends. */
class Halt {
  readonly reason: PickleRefusal;
  readonly detail: string;
  constructor(reason: PickleRefusal, detail: string) {
    this.reason = reason;
    this.detail = detail;
  }
}

class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): Result<PickleValue, PickleRefusal> {
    try {
      if (this.#byte() !== 0x80 || this.#byte() !== PROTOCOL)
        throw new Halt('pickle-opcode-refused', `not a pickle of protocol ${PROTOCOL}`);
      for (;;) {
        const opcode = this.#byte();
        if (opcode === 0x2e) return this.#stop();
        this.#step(opcode);
      }
    } catch (error) {
      if (error instanceof Halt) return refuse(error.reason, error.detail);
      throw error;
    }
  }

  #stop(): Result<PickleValue, PickleRefusal> {
    const value = this.#pop();
    if (this.#stack.length > 0 || this.#marks.length > 0 || this.#at !== this.#bytes.length)
      throw new Halt('pickle-invalid', 'something is left at the end');
    return accept(value);
  }

  #step(opcode: number): void {
    const value = this.#made(opcode);
    if (value === undefined) this.#act(opcode);
    else this.#stack.push(value);
  }

  /** What the opcode puts on the stack; undefined where it does something else. */
  #made(opcode: number): PickleValue | undefined {
    switch (opcode) {
      case 0x4e: // NONE
        return null;
      case 0x88: // NEWTRUE
        return true;
      case 0x89: // NEWFALSE
        return false;
      case 0x4a: // BININT
        return this.#view.getInt32(this.#take(4), true);
      case 0x4b: // BININT1
        return this.#byte();
      case 0x4d: // BININT2
        return this.#view.getUint16(this.#take(2), true);
      case 0x8a: // LONG1
        return this.#long();
      case 0x47: // BINFLOAT
        return this.#view.getFloat64(this.#take(8), false);
      case 0x58: // BINUNICODE
        return this.#text(this.#length());
      case 0x7d: // EMPTY_DICT
        return { kind: 'dict', entries: new Map() };
      case 0x5d: // EMPTY_LIST
        return { kind: 'list', items: [] };
      case 0x29: // EMPTY_TUPLE
        return { kind: 'tuple', items: [] };
      case 0x74: // TUPLE
        return { kind: 'tuple', items: this.#popMarked() };
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return { kind: 'tuple', items: this.#popMany(opcode - 0x84) };
      case 0x68: // BINGET
        return this.#recall(this.#byte());
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#length());
      case 0x63: // GLOBAL
        return this.#global();
      case 0x51: // BINPERSID
        return this.#settle(readStorage(this.#pop()));
      case 0x52: // REDUCE
        return this.#reduce();
      default:
        return undefined;
    }
  }

  #act(opcode: number): void {
    switch (opcode) {
      case 0x28: // MARK
        this.#marks.push(this.#stack.length);
        break;
      case 0x61: // APPEND
        this.#extend(this.#popMany(1));
        break;
      case 0x65: // APPENDS
        this.#extend(this.#popMarked());
        break;
      case 0x73: // SETITEM
        this.#setItems(this.#popMany(2));
        break;
      case 0x75: // SETITEMS
        this.#setItems(this.#popMarked());
        break;
      case 0x71: // BINPUT
        this.#memo.set(this.#byte(), this.#top());
        break;
      case 0x72: // LONG_BINPUT
        this.#memo.set(this.#length(), this.#top());
        break;
      case 0x62: // BUILD
        this.#build();
        break;
      default:
        throw new Halt('pickle-opcode-refused', `opcode 0x${opcode.toString(16).padStart(2, '0')}`);
    }
  }

  #global(): PickleValue {
    const name = `${this.#line()} ${this.#line()}`;
    if (!isKnownGlobal(name)) throw new Halt('pickle-global-refused', name.replace(' ', '.'));
    return { kind: 'global', name };
  }

  #reduce(): PickleValue {
    const args = this.#pop();
    return this.#settle(rebuild(this.#pop(), args));
  }

  /** Attributes of an OrderedDict, which a module's state has, are left out. */
  #build(): void {
    this.#pop();
    if (!isKind(this.#top(), 'dict')) throw new Halt('pickle-opcode-refused', 'attributes of something else');
  }

  #extend(items: readonly PickleValue[]): void {
    const list = this.#top();
    if (!isKind(list, 'list')) throw new Halt('pickle-invalid', 'items for no list');
    for (const item of items) list.items.push(item);
  }

  #setItems(flat: readonly PickleValue[]): void {
    const dict = this.#top();
    if (!isKind(dict, 'dict') || flat.length % 2 !== 0)
      throw new Halt('pickle-invalid', 'entries for no dictionary');
    for (let i = 0; i < flat.length; i += 2) {
      const key = flat[i];
      if (typeof key !== 'string' && typeof key !== 'number')
        throw new Halt('pickle-invalid', 'a key that is neither text nor number');
      dict.entries.set(key, flat[i + 1] as PickleValue);
    }
  }

  #recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined) throw new Halt('pickle-invalid', `nothing is remembered as ${index}`);
    return value;
  }

  #long(): number {
    const length = this.#byte();
    const at = this.#take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#view.getUint8(at + i));
    const number = Number(BigInt.asIntN(8 * length, value));
    if (!Number.isSafeInteger(number)) throw new Halt('pickle-invalid', 'a number beyond 2^53');
    return number;
  }

  #text(length: number): string {
    const at = this.#take(length);
    try {
      return fromUtf8(this.#bytes.subarray(at, at + length));
    } catch {
      throw new Halt('pickle-invalid', 'text that is not UTF-8');
    }
  }

  #line(): string {
    const end = this.#bytes.indexOf(NEWLINE, this.#at);
    if (end < 0) throw new Halt('pickle-truncated', 'a name without end');
    if (end - this.#at > NAME_LIMIT_BYTES) throw new Halt('pickle-invalid', 'a name too long');
    const text = this.#text(end - this.#at);
    this.#at++;
    return text;
  }

  #settle<T>(result: Result<T, PickleRefusal>): T {
    if (!result.ok) throw new Halt(result.reason, result.detail);
    return result.value;
  }

  #top(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw new Halt('pickle-invalid', 'an empty stack');
    return this.#stack.at(-1) as PickleValue;
  }

  #pop(): PickleValue {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #popMany(count: number): PickleValue[] {
    const begin = this.#stack.length - count;
    if (begin < (this.#marks.at(-1) ?? 0)) throw new Halt('pickle-invalid', 'an empty stack');
    return this.#stack.splice(begin);
  }

  #popMarked(): PickleValue[] {
    const begin = this.#marks.pop();
    if (begin === undefined) throw new Halt('pickle-invalid', 'no mark');
    return this.#stack.splice(begin);
  }

  #length(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  #byte(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  /** Where the next `length` bytes begin. */
  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw new Halt('pickle-truncated', `at byte ${at}`);
    this.#at += length;
    return at;
  }
}
