import { concatBytes, toHex } from '../../../protocols/base/bytes.ts';
import type { FederationId, MessageId } from '../../../protocols/base/ids.ts';
import { MESSAGE_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { CID, documentCid } from '../../../protocols/codec/cid.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import {
  encodePayload,
  type Message,
  open,
  SIGNATURE_DOMAIN,
  signPayload,
} from '../../../protocols/message/index.ts';
import { Author, charterOf, contextOf, seedOf, signerOf } from '../federation.ts';
import { cardBody, content, contentCid, pinBody, pinCheckBody } from '../samples.ts';
import { addOrder } from './ed25519.ts';

const FEDERATION = charterOf().id;
const AUTHOR = 'example-lab';
const signer = signerOf(AUTHOR);
const FIRST_AT = 1_790_000_000_000;

/** Any fields, canonically encoded and rightly signed: what only a broken or hostile author sends. */
export function sealFields(changes: Readonly<Record<string, unknown>>): Uint8Array {
  return signPayload(
    encode({
      v: 1,
      federation: CID.parse(FEDERATION),
      author: signer.publicKey,
      sequence: 0,
      previous: null,
      issuedAt: FIRST_AT,
      kind: 'member-card/1',
      body: cardBody('Example Lab'),
      ...changes,
    }),
    signer,
  );
}

function signed(payload: Uint8Array): Uint8Array {
  return encode([payload, signer.ed25519.sign(signer.seed, concatBytes(SIGNATURE_DOMAIN, payload))]);
}

/** A message of exactly this many bytes on the wire. */
export function sealedOfSize(bytes: number): Uint8Array {
  const empty = sealFields({ kind: 'filler/1', body: { filler: 'x'.repeat(60_000) } }).length;
  return sealFields({ kind: 'filler/1', body: { filler: 'x'.repeat(60_000 + bytes - empty) } });
}

export function firstMessage(): Message {
  return new Author(AUTHOR, FEDERATION).say('member-card/1', cardBody('Example Lab'), FIRST_AT);
}

function refusedWires(): Record<string, Uint8Array> {
  const { wire } = firstMessage();
  const payload = encodePayload(
    {
      federation: FEDERATION,
      sequence: 0,
      previous: null,
      issuedAt: FIRST_AT,
      kind: 'member-card/1',
      body: cardBody('Example Lab'),
    },
    signer.publicKey,
  );
  const signature = wire.subarray(-64);
  const flipped = Uint8Array.from(wire);
  flipped[flipped.length - 1] = (flipped.at(-1) as number) ^ 0x01;
  const otherFederation = documentCid(encode('another federation'));
  const shortened = CID.decode(Uint8Array.of(1, 0x71, 0x12, 0));
  return {
    'over-the-limit': sealedOfSize(MESSAGE_LIMIT_BYTES + 1),
    empty: new Uint8Array(),
    'wire-padded': concatBytes(wire, Uint8Array.of(0)),
    'wire-list-head-longer': concatBytes(Uint8Array.of(0x98, 0x02), wire.subarray(1)),
    'wire-cut-short': wire.subarray(0, -1),
    'payload-keys-out-of-order': signed(swapKeys(payload)),
    'payload-too-deep': sealFields({ kind: 'filler/1', body: { deep: nested(15) } }),
    'payload-not-a-document': signed(Uint8Array.of(0xff)),
    'three-parts': encode([payload, signature, null]),
    'signature-63-bytes': encode([payload, signature.subarray(1)]),
    'payload-as-map': encode([{}, signature]),
    'payload-a-list': signed(encode([])),
    'version-2': sealFields({ v: 2 }),
    'federation-as-text': sealFields({ federation: FEDERATION }),
    'federation-a-content-link': sealFields({ federation: CID.parse(contentCid('x')) }),
    'federation-digest-shortened': sealFields({ federation: shortened }),
    'author-33-bytes': sealFields({ author: concatBytes(signer.publicKey, Uint8Array.of(0)) }),
    'sequence-negative': sealFields({ sequence: -1, previous: documentCid(payload) }),
    'sequence-a-fraction': sealFields({ sequence: 0.5 }),
    'sequence-over-2-to-53': sealFields({ sequence: 2n ** 53n, previous: documentCid(payload) }),
    'first-with-a-previous': sealFields({ previous: documentCid(payload) }),
    'second-without-a-previous': sealFields({ sequence: 1 }),
    'issued-before-1970': sealFields({ issuedAt: -1 }),
    'kind-without-a-version': sealFields({ kind: 'finding' }),
    'kind-in-capitals': sealFields({ kind: 'Finding/1' }),
    'kind-too-long': sealFields({ kind: `${'a'.repeat(63)}/1` }),
    'body-a-list': sealFields({ kind: 'filler/1', body: [] }),
    'body-a-link': sealFields({ kind: 'filler/1', body: documentCid(payload) }),
    'body-with-a-fraction': sealFields({ kind: 'filler/1', body: { rate: 0.5 } }),
    'body-with-bytes': sealFields({ kind: 'filler/1', body: { raw: Uint8Array.of(1) } }),
    'body-with-a-link': sealFields({ kind: 'filler/1', body: { link: documentCid(payload) } }),
    'body-with-an-integer-over-2-to-53': sealFields({ kind: 'filler/1', body: { big: 2n ** 53n } }),
    'signature-flipped': flipped,
    'signature-of-another-payload': encode([payload, sealFields({ issuedAt: 0 }).subarray(-64)]),
    'signature-without-the-domain': encode([payload, signer.ed25519.sign(signer.seed, payload)]),
    'signature-s-plus-order': encode([payload, addOrder(signature)]),
    'author-of-small-order': sealFields({ author: concatBytes(Uint8Array.of(1), new Uint8Array(31)) }),
    'other-federation': sealFields({ federation: otherFederation }),
    'body-against-its-kind': sealFields({ body: { displayName: '' } }),
    ...refusedPins(),
  };
}

function refusedPins(): Record<string, Uint8Array> {
  const pin = documentCid(encode('a promise')).toString() as MessageId;
  const [entry] = pinCheckBody([{ pin }])['entries'] as [PlainObject];
  const check = (changes: PlainObject) =>
    sealFields({ kind: 'pin-check/1', body: { entries: [{ ...entry, ...changes }] } });
  return {
    'pin-until-before-1970': sealFields({ kind: 'pin/1', body: pinBody('a checkpoint', -1) }),
    'pin-without-an-end': sealFields({ kind: 'pin/1', body: { checkpoint: content('a checkpoint') } }),
    'pin-check-of-nothing': sealFields({ kind: 'pin-check/1', body: { entries: [] } }),
    'pin-check-seed-too-short': check({ seed: '00' }),
    'pin-check-of-more-leaves-than-there-are': check({ leaves: 29 }),
    'pin-check-all-answered-and-a-fault': check({ fault: 'late' }),
    'pin-check-in-part-without-a-fault': check({ answered: 29 }),
    'pin-check-answered-of-leaves-not-known': check({ leaves: null, answered: 1, fault: 'late' }),
    'pin-check-more-answered-than-asked': check({ answered: 31, fault: 'late' }),
  };
}

/** Odd, and accepted. */
function openedWires(): Record<string, Uint8Array> {
  return {
    'unknown-field-of-the-envelope': sealFields({ extra: 1.5 }),
    'key-named-proto': sealFields({ kind: 'filler/1', body: protoBody() }),
    'at-the-limit': sealedOfSize(MESSAGE_LIMIT_BYTES),
    'body-as-deep-as-may-be': sealFields({ kind: 'filler/1', body: { deep: nested(14) } }),
    'largest-integers': sealFields({
      kind: 'filler/9999',
      issuedAt: Number.MAX_SAFE_INTEGER,
      body: { most: Number.MAX_SAFE_INTEGER, least: Number.MIN_SAFE_INTEGER },
    }),
    'kind-as-long-as-may-be': sealFields({ kind: `${'a'.repeat(62)}/1`, body: {} }),
    'text-beyond-the-basic-plane': sealFields({ kind: 'filler/1', body: { '\u{1f512}': '\u{10ffff}' } }),
  };
}

const LATER: readonly {
  readonly id: string;
  readonly kind: string;
  readonly body: Parameters<Author['say']>[1];
}[] = [
  { id: 'first', kind: 'member-card/1', body: cardBody('Example Lab') },
  { id: 'second-unknown-kind', kind: 'something-new/7', body: { any: ['thing', 1, true, null] } },
  { id: 'third-unknown-field', kind: 'member-card/1', body: { ...cardBody('Example Lab'), motto: 'é' } },
  { id: 'fourth-empty-body', kind: 'something-new/7', body: {} },
];

export function buildMessage() {
  const author = new Author(AUTHOR, FEDERATION);
  const sealed = LATER.map(({ id, kind, body }, index) => {
    const message = author.say(kind, body, FIRST_AT + index);
    const payload = payloadOf(message);
    return {
      id,
      seed: toHex(seedOf(AUTHOR)),
      draft: {
        federation: message.federation,
        sequence: message.sequence,
        previous: message.previous,
        issuedAt: message.issuedAt,
        kind,
        body,
      },
      author: message.author,
      payload: toHex(payload),
      wire: toHex(message.wire),
      messageId: message.id,
    };
  });
  return {
    federation: FEDERATION as FederationId,
    sealed,
    opened: Object.entries(openedWires()).map(([id, wire]) => {
      const result = open(wire, contextOf(FEDERATION));
      if (!result.ok) throw new TypeError(`refused: ${id}`);
      const { id: messageId, author, sequence, previous, issuedAt, kind, body } = result.value;
      return {
        id,
        wire: toHex(wire),
        message: { messageId, author, sequence, previous, issuedAt, kind, body },
      };
    }),
    refused: Object.entries(refusedWires()).map(([id, wire]) => {
      const result = open(wire, contextOf(FEDERATION));
      if (result.ok) throw new TypeError(`opens: ${id}`);
      return { id, wire: toHex(wire), refusal: result.reason };
    }),
  };
}

export function payloadOf(message: Message): Uint8Array {
  const { federation, sequence, previous, issuedAt, kind, body } = message;
  return encodePayload(
    { federation, sequence, previous: previous as MessageId | null, issuedAt, kind, body },
    signer.publicKey,
  );
}

function protoBody(): unknown {
  return JSON.parse('{"__proto__": {"polluted": true}}');
}

function nested(depth: number): unknown {
  return depth === 0 ? 0 : [nested(depth - 1)];
}

/** The payload map opens with `v: 1`, three bytes; here it ends with it. */
function swapKeys(payload: Uint8Array): Uint8Array {
  return concatBytes(payload.subarray(0, 1), payload.subarray(4), payload.subarray(1, 4));
}
