import { discard } from './discard.ts';
import { gatherRows } from './row-classes.ts';

/** Positions by which room grows, so that most steps add to what is there without copying it. */
const GROWTH = 32;

/** Room for the keys and values of so many positions. Every store of one length has the same, as one mask serves all layers. */
export function roomFor(length: number): number {
  // not none: an empty tensor is no input of every provider
  return length === 0 ? 1 : GROWTH * Math.ceil(length / GROWTH);
}

/** Keys and values of a layer at some places. Written once and only added to: who holds fewer positions reads on unharmed. */
export class PlaceStore {
  readonly places: number;
  readonly room: number;
  /** [places, kv_heads, room, head_dim] */
  readonly keys: Float32Array;
  readonly values: Float32Array;
  #filled: number;

  private constructor(places: number, filled: number, keys: Float32Array, values: Float32Array) {
    this.places = places;
    this.room = roomFor(filled);
    this.#filled = filled;
    this.keys = keys;
    this.values = values;
  }

  /** @param size numbers of one position: kv_heads times head_dim */
  static empty(places: number, size: number): PlaceStore {
    const room = () => new Float32Array(places * roomFor(0) * size);
    return new PlaceStore(places, 0, room(), room());
  }

  /** Some places, in that order; itself where those are all as they stand. */
  pick(picked: readonly number[], length: number): PlaceStore {
    const keys = gatherRows(this.keys, this.places, picked);
    if (keys === this.keys) return this;
    return new PlaceStore(picked.length, length, keys, gatherRows(this.values, this.places, picked));
  }

  /**
   * With the next positions: in place where there is room that nobody has filled.
   * @param length positions held so far @param fresh [places, kv_heads, time, head_dim] each; taken over
   */
  append(
    { length, time, heads }: { readonly length: number; readonly time: number; readonly heads: number },
    fresh: { readonly keys: Float32Array; readonly values: Float32Array },
  ): PlaceStore {
    const strips = this.places * heads;
    const room = roomFor(length + time);
    // the first positions, where they fill their room: theirs is it
    if (length === 0 && room === time) return new PlaceStore(this.places, time, fresh.keys, fresh.values);
    const inPlace = this.#filled === length && this.room === room;
    const extend = (old: Float32Array, added: Float32Array): Float32Array => {
      const size = added.length / strips / time;
      const data = inPlace ? old : widened(old, { strips, size, length, from: this.room, to: room });
      for (let strip = 0; strip < strips; strip++)
        data.set(
          added.subarray(strip * time * size, (strip + 1) * time * size),
          (strip * room + length) * size,
        );
      discard(added);
      return data;
    };
    const keys = extend(this.keys, fresh.keys);
    const values = extend(this.values, fresh.values);
    if (!inPlace) return new PlaceStore(this.places, length + time, keys, values);
    this.#filled += time;
    return this;
  }

  /** Places of several stores of one length, one after another. */
  static join(stores: readonly PlaceStore[], length: number): PlaceStore {
    const places = stores.reduce((sum, store) => sum + store.places, 0);
    const keys = concatenated(stores.map((store) => store.keys));
    return new PlaceStore(places, length, keys, concatenated(stores.map((store) => store.values)));
  }
}

interface Widening {
  readonly strips: number;
  readonly size: number;
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

/** [strips, from, size] -> [strips, to, size], the first `length` positions. */
function widened(data: Float32Array, { strips, size, length, from, to }: Widening): Float32Array {
  const out = new Float32Array(strips * to * size);
  for (let strip = 0; strip < strips; strip++) {
    const at = strip * from * size;
    out.set(data.subarray(at, at + length * size), strip * to * size);
  }
  return out;
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
