import type { MapFit, PlacedMap, PointName } from '../../../protocols/artifacts/index.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { emptyCache } from '../engine/kv-cache.ts';
import type { Activations, Model } from '../engine/model.ts';
import type { Reader } from './contrast.ts';
import { select } from './positions.ts';

/** Prompts of one step. */
const BATCH_ROWS = 32;

type Prompts = readonly (readonly number[])[];
type Seen = ReadonlyMap<PointName, Activations>;

/**
 * How well each map gives what the target has from what the source has, at the positions of its edit in these prompts,
 * both models unedited: the fraction of variance unexplained, sum |y - f(x)|^2 / sum |y - mean y|^2, and the mean cosine
 * of y and f(x). Maps without a position in them are left out.
 */
export async function measureMaps(
  maps: readonly PlacedMap[],
  { target, sources }: { readonly target: Reader; readonly sources: ReadonlyMap<ContentId, Reader> },
  prompts: Prompts,
): Promise<readonly MapFit[]> {
  if (maps.length === 0) return [];
  const fits = maps.map((map) => ({ map, sums: new FitSums() }));
  for (const batch of batches(prompts)) {
    const ours = await look(target.model, batch);
    for (const [id, source] of sources) {
      const own = fits.filter(({ map }) => map.source === id);
      const theirs = own.length === 0 ? new Map() : await look(source.model, batch);
      for (const { map, sums } of own) addBatch(sums, map, batch, { ours, theirs, target });
    }
  }
  return fits.flatMap(({ map: { edit, kind }, sums }) => {
    const fit = sums.fit();
    return fit === null ? [] : [{ edit, map: kind, ...fit }];
  });
}

function addBatch(
  sums: FitSums,
  { map, positions, point, sourcePoint }: PlacedMap,
  batch: Prompts,
  { ours, theirs, target }: { readonly ours: Seen; readonly theirs: Seen; readonly target: Reader },
): void {
  for (const [row, prompt] of batch.entries())
    for (const t of select(positions, prompt, target.speller).prompt)
      sums.add(at(ours, point.name, row, t), map.mapPoint(at(theirs, sourcePoint.name, row, t)));
}

/** Sums over pairs of y and f(x), in float64. */
class FitSums {
  #count = 0;
  #squaredError = 0;
  #cosine = 0;
  #squares = 0;
  #sum = new Float64Array(0);

  add(y: Float64Array, mapped: Float64Array): void {
    if (this.#count === 0) this.#sum = new Float64Array(y.length);
    this.#count++;
    let [dot, mappedSquares, squares] = [0, 0, 0];
    for (let i = 0; i < y.length; i++) {
      const [a, b] = [y[i] as number, mapped[i] as number];
      this.#squaredError += (a - b) ** 2;
      this.#sum[i] = (this.#sum[i] as number) + a;
      dot += a * b;
      squares += a * a;
      mappedSquares += b * b;
    }
    this.#squares += squares;
    this.#cosine += squares * mappedSquares === 0 ? 0 : dot / Math.sqrt(squares * mappedSquares);
  }

  /** Null where nothing varies, so that nothing can be explained. */
  fit(): { readonly positions: number; readonly unexplained: number; readonly cosine: number } | null {
    const mean = this.#sum.reduce((total, x) => total + x * x, 0) / this.#count;
    const variance = this.#squares - mean;
    if (this.#count < 2 || !(variance > 0)) return null;
    return {
      positions: this.#count,
      unexplained: this.#squaredError / variance,
      cosine: this.#cosine / this.#count,
    };
  }
}

async function look(model: Model, batch: Prompts): Promise<Seen> {
  const seen = new Map<PointName, Activations>();
  const hook = (activations: Activations) => {
    seen.set(activations.point, { ...activations, data: activations.data.slice() });
  };
  await model.step(batch, emptyCache(model.config.layers, batch.length), { hook });
  return seen;
}

function at(seen: Seen, point: PointName, row: number, t: number): Float64Array {
  const activations = seen.get(point);
  if (activations === undefined) throw new TypeError(`a model that was loaded without ${point}`);
  const { data, time, width } = activations;
  const offset = (row * time + t) * width;
  return Float64Array.from(data.subarray(offset, offset + width));
}

/** Prompts of one length, some at a time. */
function batches(prompts: Prompts): readonly Prompts[] {
  return [...Map.groupBy(prompts, ({ length }) => length).values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / BATCH_ROWS) }, (_, i) =>
      group.slice(i * BATCH_ROWS, (i + 1) * BATCH_ROWS),
    ),
  );
}
