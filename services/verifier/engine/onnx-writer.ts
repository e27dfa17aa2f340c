import { concatBytes } from '../../../protocols/base/bytes.ts';
import { bytesField, floatField, intField, signedField, textField } from './protobuf.ts';

/** Field numbers and enum values below are those of onnx.proto (ONNX 1.18, IR version 10, opset 23). */
const IR_VERSION = 10;
const OPSET = 23;

const ELEMENT = { F32: 1, I64: 7, F16: 10, BF16: 16 } as const;
export type Element = keyof typeof ELEMENT;
export type Attribute = number | string | readonly number[] | { readonly float: number };
/** A number is a fixed extent, a text a named free one. */
export type Extent = number | string;

/** Builds one ONNX graph. Values are named by text; each method returns the name of what it made. */
export class OnnxWriter {
  readonly #nodes: Uint8Array[] = [];
  readonly #initializers: Uint8Array[] = [];
  readonly #inputs: Uint8Array[] = [];
  readonly #outputs: Uint8Array[] = [];
  /** Names of constants by what they hold: the runtime takes its time over each of them. */
  readonly #constants = new Map<string, string>();
  #names = 0;

  input(name: string, element: Element, shape: readonly Extent[]): string {
    this.#inputs.push(valueInfo(name, element, shape));
    return name;
  }

  /** Declares an existing value as a graph output under `name`. */
  output(value: string, name: string, element: Element, shape: readonly Extent[]): void {
    this.#node('Identity', [value], [name], {});
    this.#outputs.push(valueInfo(name, element, shape));
  }

  /** A constant stored in the graph: int64 when `element` is I64, else float32. */
  constant(element: 'I64' | 'F32', shape: readonly number[], values: readonly number[]): string {
    const key = `${element} [${shape}] ${values.map((value) => (Object.is(value, -0) ? '-0' : value))}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#fresh('constant');
    this.#constants.set(key, name);
    const raw =
      element === 'I64'
        ? new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
        : new Uint8Array(Float32Array.from(values).buffer);
    this.#initializers.push(concatBytes(tensorHead(name, element, shape), bytesField(9, raw)));
    return name;
  }

  /** A constant whose bytes stay in `file`, mapped by the runtime and never copied into the graph. */
  external(
    name: string,
    element: Element,
    shape: readonly number[],
    at: { readonly file: string; readonly offset: number; readonly length: number },
  ): string {
    const entry = (key: string, value: string) =>
      bytesField(13, concatBytes(textField(1, key), textField(2, value)));
    this.#initializers.push(
      concatBytes(
        tensorHead(name, element, shape),
        entry('location', at.file),
        entry('offset', String(at.offset)),
        entry('length', String(at.length)),
        intField(14, 1), // data_location = EXTERNAL
      ),
    );
    return name;
  }

  /** One node with one output. */
  op(type: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const output = this.#fresh(type);
    this.#node(type, inputs, [output], attributes);
    return output;
  }

  /** Parts of the given extents along one axis. */
  split(value: string, extents: readonly number[], axis: number): readonly string[] {
    const outputs = extents.map(() => this.#fresh('Split'));
    this.#node('Split', [value, this.constant('I64', [extents.length], extents)], outputs, { axis });
    return outputs;
  }

  /** The bytes of the ModelProto. */
  finish(): Uint8Array {
    const graph = concatBytes(
      ...this.#nodes.map((node) => bytesField(1, node)),
      textField(2, 'range'),
      ...this.#initializers.map((tensor) => bytesField(5, tensor)),
      ...this.#inputs.map((value) => bytesField(11, value)),
      ...this.#outputs.map((value) => bytesField(12, value)),
    );
    const opset = concatBytes(textField(1, ''), intField(2, OPSET));
    return concatBytes(intField(1, IR_VERSION), bytesField(8, opset), bytesField(7, graph));
  }

  #node(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
  ): void {
    this.#nodes.push(
      concatBytes(
        ...inputs.map((name) => textField(1, name)),
        ...outputs.map((name) => textField(2, name)),
        textField(4, type),
        ...Object.entries(attributes).map(([name, value]) => bytesField(5, attribute(name, value))),
      ),
    );
  }

  #fresh(stem: string): string {
    return `${stem}_${this.#names++}`;
  }
}

function attribute(name: string, value: Attribute): Uint8Array {
  if (typeof value === 'number')
    return concatBytes(textField(1, name), signedField(3, value), intField(20, 2)); // INT
  if (typeof value === 'string') return concatBytes(textField(1, name), textField(4, value), intField(20, 3)); // STRING
  if ('float' in value) return concatBytes(textField(1, name), floatField(2, value.float), intField(20, 1)); // FLOAT
  return concatBytes(textField(1, name), ...value.map((item) => signedField(8, item)), intField(20, 7)); // INTS
}

function tensorHead(name: string, element: Element, shape: readonly number[]): Uint8Array {
  return concatBytes(
    ...shape.map((extent) => intField(1, extent)),
    intField(2, ELEMENT[element]),
    textField(8, name),
  );
}

function valueInfo(name: string, element: Element, shape: readonly Extent[]): Uint8Array {
  const dims = shape.map((extent) =>
    bytesField(1, typeof extent === 'number' ? intField(1, extent) : textField(2, extent)),
  );
  const tensor = concatBytes(intField(1, ELEMENT[element]), bytesField(2, concatBytes(...dims)));
  return concatBytes(textField(1, name), bytesField(2, bytesField(1, tensor)));
}

/** TensorProto.DataType of an element, for the `to` attribute of Cast. */
export function elementType(element: Element): number {
  return ELEMENT[element];
}
