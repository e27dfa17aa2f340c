import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../protocols/base/bytes.ts';
import {
  DOCUMENT_DEPTH_LIMIT,
  DOCUMENT_ENTRIES_LIMIT,
  MESSAGE_LIMIT_BYTES,
} from '../../../protocols/base/limits.ts';
import { isPlainObject, type Plain, type PlainObject } from '../../../protocols/base/plain.ts';
import { readCharter } from '../../../protocols/charter/index.ts';
import { CID, documentCid } from '../../../protocols/codec/cid.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import {
  encodePayload,
  faultOfPayload,
  OPEN_REFUSALS,
  open,
  readStored,
} from '../../../protocols/message/index.ts';
import { charterOf, contextOf, signerOf } from '../../support/federation.ts';
import { firstMessage, sealedOfSize, sealFields } from '../../support/vectors/message.ts';

const charter = charterOf();
const context = contextOf(charter.id);

/** Each fault alone, worst last: a wire with several is refused for the first. */
const BAD_BODY = { body: { displayName: '' } };
const OTHER_FEDERATION = { federation: documentCid(encode('another federation')) };
const BAD_ENVELOPE = { sequence: -1 };

function forged(wire: Uint8Array): Uint8Array {
  const out = Uint8Array.from(wire);
  out[out.length - 40] = (out[out.length - 40] as number) ^ 0x10;
  return out;
}

describe('open', () => {
  it('accepts a message at the size limit', () => {
    const wire = sealedOfSize(MESSAGE_LIMIT_BYTES);
    expect(wire.length).toBe(MESSAGE_LIMIT_BYTES);
    expect(open(wire, context).ok).toBe(true);
  });

  it.each([
    ['body-invalid', sealFields(BAD_BODY)],
    ['wrong-federation', sealFields({ ...BAD_BODY, ...OTHER_FEDERATION })],
    ['signature-invalid', forged(sealFields({ ...BAD_BODY, ...OTHER_FEDERATION }))],
    ['envelope-invalid', forged(sealFields({ ...BAD_BODY, ...OTHER_FEDERATION, ...BAD_ENVELOPE }))],
    [
      'not-canonical',
      concatBytes(
        forged(sealFields({ ...BAD_BODY, ...OTHER_FEDERATION, ...BAD_ENVELOPE })),
        Uint8Array.of(0),
      ),
    ],
    ['too-large', concatBytes(forged(sealFields(BAD_ENVELOPE)), new Uint8Array(MESSAGE_LIMIT_BYTES))],
  ])('gives the first reason that holds: %s', (reason, wire) => {
    expect(open(wire, context)).toMatchObject({ ok: false, reason });
  });

  it('has a case above for every reason', () => {
    expect([...OPEN_REFUSALS].reverse()).toEqual([
      'body-invalid',
      'wrong-federation',
      'signature-invalid',
      'envelope-invalid',
      'not-canonical',
      'too-large',
    ]);
  });

  it('refuses a message of this federation in another', () => {
    const other = contextOf(charterOf({ ...charter.document, name: 'Another' }).id);
    expect(open(firstMessage().wire, other)).toMatchObject({ ok: false, reason: 'wrong-federation' });
  });

  it('keeps fields and kinds that it does not know', () => {
    const wire = sealFields({ later: 1.5, kind: 'later/1', body: { any: [1, { thing: null }] } });
    expect(open(wire, context)).toMatchObject({
      ok: true,
      value: { kind: 'later/1', body: { any: [1, { thing: null }] } },
    });
  });

  it('keeps a key named __proto__ as the key it is', () => {
    const body: unknown = JSON.parse('{"__proto__": {"polluted": true}}');
    const opened = open(sealFields({ kind: 'later/1', body }), context);
    expect(opened.ok && Object.keys(opened.value.body)).toEqual(['__proto__']);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('looks for what is not plain behind a key named __proto__ too', () => {
    const body: unknown = JSON.parse('{"__proto__": {"rate": 0.5}}');
    expect(open(sealFields({ kind: 'later/1', body }), context)).toMatchObject({
      ok: false,
      reason: 'envelope-invalid',
    });
  });

  it('names the message by its payload, whatever the signature', () => {
    const message = firstMessage();
    const resigned = sealFields({});
    expect(open(resigned, context)).toMatchObject({ value: { id: message.id } });
  });

  it('gives the backend only what passed the strict rule', () => {
    const seen: number[] = [];
    const spy = {
      sign: context.ed25519.sign,
      verify: (key: Uint8Array) => {
        seen.push(key.length);
        return true;
      },
    };
    const small = sealFields({ author: concatBytes(Uint8Array.of(1), new Uint8Array(31)) });
    expect(open(small, { ...context, ed25519: spy })).toMatchObject({ reason: 'signature-invalid' });
    expect(seen).toEqual([]);
  });
});

describe('faultOfPayload', () => {
  const fault = (body: PlainObject, kind = 'note/1') =>
    faultOfPayload(
      encodePayload(
        { federation: charter.id, sequence: 0, previous: null, issuedAt: 0, kind, body },
        signerOf('example-lab').publicKey,
      ),
    );

  it('finds nothing in what others open', () => {
    expect(fault({ text: 'é', list: [1, [null]] })).toBeNull();
  });

  it.each([
    ['text that begins with a byte order mark', { text: '\ufeffpasted' }, 'note/1'],
    [
      'a list over the limit',
      { list: Array.from({ length: DOCUMENT_ENTRIES_LIMIT + 1 }, () => 0) },
      'note/1',
    ],
    ['nesting over the limit', { deep: nested(15) }, 'note/1'],
    ['a kind over the limit', {}, `${'a'.repeat(63)}/1`],
    ['a message over the limit', { text: 'x'.repeat(MESSAGE_LIMIT_BYTES) }, 'note/1'],
  ])('finds %s', (_id, body, kind) => {
    expect(fault(body, kind)).not.toBeNull();
  });
});

function nested(depth: number): Plain {
  return depth === 0 ? 0 : [nested(depth - 1)];
}

describe('plain data', () => {
  it('is no deeper than a document, however deep what is asked about', () => {
    expect(isPlainObject({ deep: nested(DOCUMENT_DEPTH_LIMIT - 1) })).toBe(true);
    expect(isPlainObject({ deep: nested(DOCUMENT_DEPTH_LIMIT) })).toBe(false);
    const abyss: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(isPlainObject({ abyss })).toBe(false);
    expect(readCharter({ abyss })).toMatchObject({ ok: false, reason: 'charter-not-plain' });
  });
});

describe('readStored', () => {
  it('reads what open let through', () => {
    const message = firstMessage();
    expect(readStored(message.wire)).toEqual(message);
  });

  it('throws on a damaged store', () => {
    expect(() => readStored(firstMessage().wire.subarray(1))).toThrow(TypeError);
  });

  it('does not check the signature, which the caller has', () => {
    expect(readStored(forged(firstMessage().wire)).id).toBe(firstMessage().id);
    expect(CID.parse(firstMessage().id).version).toBe(1);
  });
});
