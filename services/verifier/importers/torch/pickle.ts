import { accept, type Result, refuse } from '../../../../protocols/base/result.ts';
import { Cursor, CursorEnd } from '../cursor.ts';
import { Halt, type PickleRefusal } from './halt.ts';
import { PickleStack } from './pickle-stack.ts';
import { isKind, isKnownGlobal, readStorage, rebuild } from './rebuild.ts';
import type { PickleValue } from './values.ts';

const PROTOCOL = 2;
/** Of a name such as `torch._utils`. */
const NAME_LIMIT_BYTES = 256;

/**
 * The value a pickle of tensors describes. Of protocol 2 only what `torch.save` writes for tensors, numbers, text, lists
 * and dictionaries of them is known; every other opcode and every other name ends the reading. Nothing is called,
 * looked up or imported. Source: Lib/pickletools.py of CPython 3.14.
 */
export function readPickle(bytes: Uint8Array): Result<PickleValue, PickleRefusal> {
  return new Machine(bytes).run();
}

class Machine {
  readonly #cursor: Cursor;
  readonly #stack = new PickleStack();
  readonly #memo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array) {
    this.#cursor = new Cursor(bytes);
  }

  run(): Result<PickleValue, PickleRefusal> {
    try {
      if (this.#cursor.byte() !== 0x80 || this.#cursor.byte() !== PROTOCOL)
        throw new Halt('pickle-opcode-refused', `not a pickle of protocol ${PROTOCOL}`);
      for (;;) {
        const opcode = this.#cursor.byte();
        if (opcode === 0x2e) return this.#stop();
        this.#step(opcode);
      }
    } catch (error) {
      if (error instanceof Halt) return refuse(error.reason, error.detail);
      if (error instanceof CursorEnd) return refuse('pickle-truncated', `at byte ${error.at}`);
      throw error;
    }
  }

  #stop(): Result<PickleValue, PickleRefusal> {
    const value = this.#stack.pop();
    if (!this.#stack.isEmpty || !this.#cursor.isAtEnd)
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
        return this.#cursor.int32();
      case 0x4b: // BININT1
        return this.#cursor.byte();
      case 0x4d: // BININT2
        return this.#cursor.uint16();
      case 0x8a: // LONG1
        return this.#long();
      case 0x47: // BINFLOAT
        return this.#cursor.bigEndianFloat64();
      case 0x58: // BINUNICODE
        return this.#text(this.#cursor.uint32());
      case 0x7d: // EMPTY_DICT
        return { kind: 'dict', entries: new Map() };
      case 0x5d: // EMPTY_LIST
        return { kind: 'list', items: [] };
      case 0x29: // EMPTY_TUPLE
        return { kind: 'tuple', items: [] };
      case 0x74: // TUPLE
        return { kind: 'tuple', items: this.#stack.popMarked() };
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return { kind: 'tuple', items: this.#stack.popMany(opcode - 0x84) };
      case 0x68: // BINGET
        return this.#recall(this.#cursor.byte());
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#cursor.uint32());
      case 0x63: // GLOBAL
        return this.#global();
      case 0x51: // BINPERSID
        return this.#settle(readStorage(this.#stack.pop()));
      case 0x52: // REDUCE
        return this.#reduce();
      default:
        return undefined;
    }
  }

  #act(opcode: number): void {
    switch (opcode) {
      case 0x28: // MARK
        this.#stack.mark();
        break;
      case 0x61: // APPEND
        this.#extend(this.#stack.popMany(1));
        break;
      case 0x65: // APPENDS
        this.#extend(this.#stack.popMarked());
        break;
      case 0x73: // SETITEM
        this.#setItems(this.#stack.popMany(2));
        break;
      case 0x75: // SETITEMS
        this.#setItems(this.#stack.popMarked());
        break;
      case 0x71: // BINPUT
        this.#memo.set(this.#cursor.byte(), this.#stack.top());
        break;
      case 0x72: // LONG_BINPUT
        this.#memo.set(this.#cursor.uint32(), this.#stack.top());
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
    const args = this.#stack.pop();
    return this.#settle(rebuild(this.#stack.pop(), args));
  }

  /** Attributes of an OrderedDict, which a module's state has, are left out. */
  #build(): void {
    this.#stack.pop();
    if (!isKind(this.#stack.top(), 'dict'))
      throw new Halt('pickle-opcode-refused', 'attributes of something else');
  }

  #extend(items: readonly PickleValue[]): void {
    const list = this.#stack.top();
    if (!isKind(list, 'list')) throw new Halt('pickle-invalid', 'items for no list');
    for (const item of items) list.items.push(item);
  }

  #setItems(flat: readonly PickleValue[]): void {
    const dict = this.#stack.top();
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

  /** A number in two's complement behind its length in bytes. */
  #long(): number {
    const bytes = this.#cursor.take(this.#cursor.byte());
    const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const number = Number(BigInt.asIntN(8 * bytes.length, value));
    if (!Number.isSafeInteger(number)) throw new Halt('pickle-invalid', 'a number beyond 2^53');
    return number;
  }

  #text(length: number): string {
    const text = this.#cursor.text(length);
    if (text === null) throw new Halt('pickle-invalid', 'text that is not UTF-8');
    return text;
  }

  #line(): string {
    const line = this.#cursor.line(NAME_LIMIT_BYTES);
    if (line === null) throw new Halt('pickle-invalid', 'a name that is too long or not UTF-8');
    return line;
  }

  #settle<T>(result: Result<T, PickleRefusal>): T {
    if (!result.ok) throw new Halt(result.reason, result.detail);
    return result.value;
  }
}
