import { ProtobufWriter } from './protobuf.ts';

/** Field numbers and enum values below are those of onnx.proto (ONNX 1.18, IR version 10, opset 23). */
const IR_VERSION = 10;
const OPSET = 23;

const ELEMENT = { F32: 1, I64: 7, F16: 10, BF16: 16 } as const;
export type Element = keyof typeof ELEMENT;
export type Attribute = number | string | readonly number[] | { readonly float: number };
type Attributes = Readonly<Record<string, Attribute>>;
/** A number is a fixed extent, a text a named free one. */
export type Extent = number | string;

interface Node {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

interface Initializer {
  readonly name: string;
  readonly element: Element;
  readonly shape: readonly number[];
  readonly data: Uint8Array | FileRange;
}

interface FileRange {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** An input or output of the graph. */
interface Face {
  readonly name: string;
  readonly element: Element;
  readonly shape: readonly Extent[];
}

/** Builds one ONNX graph. Values are named by text; each method returns the name of what it made. */
export class OnnxWriter {
  readonly #nodes: Node[] = [];
  readonly #initializers: Initializer[] = [];
  readonly #inputs: Face[] = [];
  readonly #outputs: Face[] = [];
  /** Values that are outputs of the graph, by the name they were made under: the runtime takes its time over each node. */
  readonly #outputNames = new Map<string, string>();
  /** Names of constants by what they hold: it takes its time over each of these, too. */
  readonly #constants = new Map<string, string>();
  #names = 0;

  input(name: string, element: Element, shape: readonly Extent[]): string {
    this.#inputs.push({ name, element, shape });
    return name;
  }

  /** Makes a value an output of the graph, under `name`. */
  output(value: string, name: string, element: Element, shape: readonly Extent[]): void {
    const isInput = this.#inputs.some((input) => input.name === value);
    const given = isInput ? this.op('Identity', [value]) : value;
    if (this.#outputNames.has(given)) throw new TypeError(`${value} is an output already`);
    this.#outputNames.set(given, name);
    this.#outputs.push({ name, element, shape });
  }

  /** A constant stored in the graph: int64 when `element` is I64, else float32. */
  constant(element: 'I64' | 'F32', shape: readonly number[], values: readonly number[]): string {
    const key = `${element} [${shape}] ${values.map((value) => (Object.is(value, -0) ? '-0' : value))}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#fresh('constant');
    this.#constants.set(key, name);
    const { buffer } = element === 'I64' ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);
    this.#initializers.push({ name, element, shape, data: new Uint8Array(buffer) });
    return name;
  }

  /** A constant whose bytes stay in a file, mapped by the runtime and never copied into the graph. */
  external(name: string, element: Element, shape: readonly number[], at: FileRange): string {
    this.#initializers.push({ name, element, shape, data: at });
    return name;
  }

  /** One node with one output. */
  op(type: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = this.#fresh(type);
    this.#nodes.push({ type, inputs, outputs: [output], attributes });
    return output;
  }

  /** Parts of the given extents along one axis. */
  split(value: string, extents: readonly number[], axis: number): readonly string[] {
    const outputs = extents.map(() => this.#fresh('Split'));
    const inputs = [value, this.constant('I64', [extents.length], extents)];
    this.#nodes.push({ type: 'Split', inputs, outputs, attributes: { axis } });
    return outputs;
  }

  /** The bytes of the ModelProto. */
  finish(): Uint8Array {
    const out = new ProtobufWriter();
    out.int(1, IR_VERSION);
    out.message(8, () => {
      out.text(1, '');
      out.int(2, OPSET);
    });
    out.message(7, () => {
      for (const node of this.#nodes) out.message(1, () => this.#writeNode(out, node));
      out.text(2, 'range');
      for (const tensor of this.#initializers) out.message(5, () => writeInitializer(out, tensor));
      for (const face of this.#inputs) out.message(11, () => writeFace(out, face));
      for (const face of this.#outputs) out.message(12, () => writeFace(out, face));
    });
    return out.finish();
  }

  #writeNode(out: ProtobufWriter, { type, inputs, outputs, attributes }: Node): void {
    for (const name of inputs) out.text(1, this.#outputNames.get(name) ?? name);
    for (const name of outputs) out.text(2, this.#outputNames.get(name) ?? name);
    out.text(4, type);
    for (const [name, value] of Object.entries(attributes))
      out.message(5, () => writeAttribute(out, name, value));
  }

  #fresh(stem: string): string {
    return `${stem}_${this.#names++}`;
  }
}

function writeAttribute(out: ProtobufWriter, name: string, value: Attribute): void {
  out.text(1, name);
  if (typeof value === 'number') {
    out.int(3, value);
    out.int(20, 2); // INT
  } else if (typeof value === 'string') {
    out.text(4, value);
    out.int(20, 3); // STRING
  } else if ('float' in value) {
    out.float(2, value.float);
    out.int(20, 1); // FLOAT
  } else {
    for (const item of value) out.int(8, item);
    out.int(20, 7); // INTS
  }
}

function writeInitializer(out: ProtobufWriter, { name, element, shape, data }: Initializer): void {
  for (const extent of shape) out.int(1, extent);
  out.int(2, ELEMENT[element]);
  out.text(8, name);
  if (data instanceof Uint8Array) {
    out.bytes(9, data);
    return;
  }
  const entry = (key: string, value: string) =>
    out.message(13, () => {
      out.text(1, key);
      out.text(2, value);
    });
  entry('location', data.file);
  entry('offset', String(data.offset));
  entry('length', String(data.length));
  out.int(14, 1); // data_location = EXTERNAL
}

function writeFace(out: ProtobufWriter, { name, element, shape }: Face): void {
  out.text(1, name);
  out.message(2, () => {
    out.message(1, () => {
      out.int(1, ELEMENT[element]);
      out.message(2, () => {
        for (const extent of shape)
          out.message(1, () => {
            if (typeof extent === 'number') out.int(1, extent);
            else out.text(2, extent);
          });
      });
    });
  });
}

/** TensorProto.DataType of an element, for the `to` attribute of Cast. */
export function elementType(element: Element): number {
  return ELEMENT[element];
}
