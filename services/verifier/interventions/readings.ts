import type { CrosscoderInput, PointName, Read, ReadSource } from '../../../protocols/artifacts/index.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { readFeature } from './autoencoder.ts';

/** A place where a read looks: a point of the target (null) or of another model. */
export interface Look {
  readonly source: ContentId | null;
  readonly point: PointName;
  /** This place's part of the number at one position; parts are summed. */
  readonly part: (h: Float32Array) => number;
}

export function looksOf(source: ReadSource): readonly Look[] {
  switch (source.kind) {
    case 'probe': {
      const { point, weight, bias } = source;
      return [{ source: null, point: point.name, part: (h) => dot(h, weight) + bias }];
    }
    case 'sae-feature': {
      const { point, feature } = source;
      return [{ source: null, point: point.name, part: (h) => readFeature(feature, h).value }];
    }
    case 'crosscoder-feature':
      return source.models.map(crosscoderLook);
  }
}

function crosscoderLook({ source, point, scale, column }: CrosscoderInput): Look {
  return { source, point: point.name, part: (h) => scale * dot(h, column) };
}

/** The numbers of one read in one row, position by position. */
export class Reading {
  readonly #parts = new Map<number, number>();

  add(position: number, part: number): void {
    this.#parts.set(position, (this.#parts.get(position) ?? 0) + part);
  }

  /** One number for the row; null where nothing was read. */
  pooled({ pool, source }: Read): number | null {
    const positions = [...this.#parts].sort(([a], [b]) => a - b);
    const values = positions.map(([, sum]) =>
      source.kind === 'crosscoder-feature' ? Math.max(0, sum + source.bias) : sum,
    );
    const last = values.at(-1);
    if (last === undefined) return null;
    if (pool === 'last') return last;
    if (pool === 'max') return values.reduce((a, b) => Math.max(a, b));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }
}

function dot(h: Float32Array, weight: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weight.length; i++) sum += (h[i] as number) * (weight[i] as number);
  return sum;
}
