import type { Linear } from '../../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../../protocols/base/errors.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { elementType, OnnxWriter } from '../onnx-writer.ts';

/** The two inputs of a side path beside the linear layer with this weight. */
export function sideInputs(weight: string): { readonly down: string; readonly up: string } {
  return { down: `side_down:${weight}`, up: `side_up:${weight}` };
}

export interface GraphOptions {
  /** Weights of linear layers that get a side path. */
  readonly sides: ReadonlySet<string>;
  /** For a provider that takes no rows out of a table of 16-bit numbers. */
  readonly widensTables: boolean;
}

/** A graph over a checkpoint's weights, which stay in its files. Values are named by text, as in OnnxWriter. */
export class WeightGraph {
  readonly onnx = new OnnxWriter();
  readonly #checkpoint: Checkpoint;
  readonly #sides: ReadonlySet<string>;
  readonly #widensTables: boolean;
  readonly #inputs = new Set<string>();
  readonly #declared = new Set<string>();
  readonly #widened = new Map<string, string>();
  /** int64: batch, time and what follows, by that. */
  readonly #shapes = new Map<string, string>();

  constructor(checkpoint: Checkpoint, { sides, widensTables }: GraphOptions) {
    this.#checkpoint = checkpoint;
    this.#sides = sides;
    this.#widensTables = widensTables;
  }

  /** An input that several places may ask for. */
  sharedInput(name: string, shape: readonly (number | string)[], element: 'F32' | 'I64' = 'F32'): string {
    if (!this.#inputs.has(name)) {
      this.#inputs.add(name);
      this.onnx.input(name, element, shape);
    }
    return name;
  }

  /**
   * [batch * time, in] -> [batch * time, out] on the weight as it is stored. With a side path, each row of the batch
   * adds up[row] (down[row] x): inputs [batch, rank, in] and [batch, out, rank], or [1, …] for one that all rows share.
   * `picked`: `flat` are some tokens of the batch, [picked, in]; a side path there is one that all rows share.
   */
  linear(
    flat: string,
    { weight, bias, stored }: Linear,
    input: number,
    output: number,
    { picked }: { readonly picked: boolean } = { picked: false },
  ): string {
    const shape = stored === 'out-in' ? [output, input] : [input, output];
    const inputs = [flat, this.f32(weight, shape)];
    if (bias !== null) inputs.push(this.f32(bias, [output]));
    const value = this.onnx.op('Gemm', inputs, { transB: stored === 'out-in' ? 1 : 0 });
    if (!this.#sides.has(weight)) return value;
    const names = sideInputs(weight);
    const transposed = (name: string, extents: readonly (number | string)[]) =>
      this.onnx.op('Transpose', [this.onnx.input(name, 'F32', extents)], { perm: [0, 2, 1] });
    const down = transposed(names.down, [`sides of ${weight}`, `rank of ${weight}`, input]);
    const up = transposed(names.up, [`sides of ${weight}`, output, `rank of ${weight}`]);
    const tokens = picked ? this.reshape(flat, [1, -1, input]) : this.perToken(flat, [input]);
    const narrow = this.onnx.op('MatMul', [tokens, down]); // [batch, time, rank]
    return this.onnx.op('Add', [value, this.flatten(this.onnx.op('MatMul', [narrow, up]), output)]);
  }

  /** The stored tensor as float32. For 16-bit weights the Cast is folded when the session is made. */
  f32(name: string, shape: readonly number[]): string {
    const known = this.#widened.get(name);
    if (known !== undefined) return known;
    const stored = this.#stored(name, shape);
    const value = stored.isF32 ? stored.name : this.#toF32(stored.name);
    this.#widened.set(name, value);
    return value;
  }

  /**
   * Rows of a stored table, [..., width]. Gathered first and widened after, so that the table itself is never copied;
   * the other way about where 16-bit numbers cannot be gathered.
   */
  rowsOf(table: string, shape: readonly [rows: number, width: number], ids: string): string {
    if (this.#widensTables) return this.onnx.op('Gather', [this.f32(table, shape), ids], { axis: 0 });
    const { name, isF32 } = this.#stored(table, shape);
    const rows = this.onnx.op('Gather', [name, ids], { axis: 0 });
    return isF32 ? rows : this.#toF32(rows);
  }

  scalar(value: number): string {
    return this.onnx.constant('F32', [], [value]);
  }

  /** int64 [1] */
  index(value: number): string {
    return this.onnx.constant('I64', [1], [value]);
  }

  reshape(value: string, shape: readonly number[]): string {
    return this.onnx.op('Reshape', [value, this.onnx.constant('I64', [shape.length], shape)]);
  }

  /** [..., width] -> [batch * time, width] */
  flatten(value: string, width: number): string {
    return this.reshape(value, [-1, width]);
  }

  /** [batch * time, ...] -> [batch, time, ...extents] */
  perToken(value: string, extents: readonly number[]): string {
    let shape = this.#shapes.get(extents.join());
    if (shape === undefined) {
      const rest = this.onnx.constant('I64', [extents.length], extents);
      shape = this.onnx.op('Concat', [this.sharedInput('extents', [2], 'I64'), rest], { axis: 0 });
      this.#shapes.set(extents.join(), shape);
    }
    return this.onnx.op('Reshape', [value, shape]);
  }

  #stored(name: string, shape: readonly number[]): { readonly name: string; readonly isF32: boolean } {
    const entry = this.#checkpoint.tensors.get(name);
    if (entry === undefined) throw invalid('tensor-missing', name);
    const { dtype } = entry;
    if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16')
      throw invalid('dtype-unsupported', `${name} is ${dtype}; supported: F32, F16, BF16`);
    if (entry.shape.length !== shape.length || entry.shape.some((extent, i) => extent !== shape[i]))
      throw invalid('shape-mismatch', `${name} is [${entry.shape}], config.json implies [${shape}]`);
    if (!this.#declared.has(name)) {
      this.#declared.add(name);
      const at = { file: entry.file, offset: entry.fileOffset, length: entry.byteLength };
      this.onnx.external(name, dtype, entry.shape, at);
    }
    return { name, isF32: dtype === 'F32' };
  }

  #toF32(value: string): string {
    return this.onnx.op('Cast', [value], { to: elementType('F32') });
  }
}

function invalid(reason: string, message: string): OversightError {
  return new OversightError('checkpoint-invalid', message, { details: { reason } });
}
