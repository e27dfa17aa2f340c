import { Halt } from './halt.ts';
import type { PickleValue } from './values.ts';

/** The stack of a pickle: what stands below the last mark cannot be reached. Throws `Halt`. */
export class PickleStack {
  readonly #values: PickleValue[] = [];
  readonly #marks: number[] = [];

  get isEmpty(): boolean {
    return this.#values.length === 0 && this.#marks.length === 0;
  }

  push(value: PickleValue): void {
    this.#values.push(value);
  }

  mark(): void {
    this.#marks.push(this.#values.length);
  }

  top(): PickleValue {
    this.#need(1);
    return this.#values.at(-1) as PickleValue;
  }

  pop(): PickleValue {
    this.#need(1);
    return this.#values.pop() as PickleValue;
  }

  /** The uppermost, the last of them last. */
  popMany(count: number): PickleValue[] {
    this.#need(count);
    return this.#values.splice(this.#values.length - count);
  }

  /** All above the last mark, which goes too. */
  popMarked(): PickleValue[] {
    const begin = this.#marks.pop();
    if (begin === undefined) throw new Halt('pickle-invalid', 'no mark');
    return this.#values.splice(begin);
  }

  #need(count: number): void {
    if (this.#values.length - count < (this.#marks.at(-1) ?? 0))
      throw new Halt('pickle-invalid', 'an empty stack');
  }
}
