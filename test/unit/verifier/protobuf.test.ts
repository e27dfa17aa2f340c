import { describe, expect, it } from 'vitest';
import { ProtobufWriter } from '../../../services/verifier/engine/protobuf.ts';

const written = (write: (out: ProtobufWriter) => void): string => {
  const out = new ProtobufWriter();
  write(out);
  return Buffer.from(out.finish()).toString('hex');
};

describe('protocol buffers', () => {
  // the examples of protobuf.dev, "Encoding"
  it.each([
    ['an integer', (out: ProtobufWriter) => out.int(1, 150), '089601'],
    ['a negative one', (out: ProtobufWriter) => out.int(1, -2), '08feffffffffffffffff01'],
    ['text', (out: ProtobufWriter) => out.text(2, 'testing'), '120774657374696e67'],
    ['a message', (out: ProtobufWriter) => out.message(3, () => out.int(1, 150)), '1a03089601'],
    ['text beyond ASCII', (out: ProtobufWriter) => out.text(1, 'ü€'), '0a05c3bce282ac'],
    ['a float', (out: ProtobufWriter) => out.float(2, -1.5), '150000c0bf'],
  ])('%s', (_, write, expected) => {
    expect(written(write)).toBe(expected);
  });

  it('moves what a long message holds behind its length, however deep', () => {
    const inner = Buffer.alloc(70_000, 7);
    const hex = written((out) => out.message(1, () => out.message(2, () => out.bytes(3, inner))));
    // 70,000, 70,004 and 70,008 as varints
    expect(hex).toBe(`0af8a204${'12f4a204'}${'1af0a204'}${inner.toString('hex')}`);
  });

  it('takes no number that is not exact', () => {
    expect(() => written((out) => out.int(1, 2 ** 53))).toThrow(TypeError);
  });
});
