import { concatBytes, fromHex, toHex } from '../../../protocols/base/bytes.ts';
import { DOCUMENT_DEPTH_LIMIT, DOCUMENT_ENTRIES_LIMIT } from '../../../protocols/base/limits.ts';
import { CID, documentCid } from '../../../protocols/codec/cid.ts';
import { decodeCanonical, encode } from '../../../protocols/codec/codec.ts';
import { toDagJson } from '../../../services/cli/conformance/dag-json.ts';
import { contentCid } from '../samples.ts';

const link = CID.parse(contentCid('linked'));

const CANONICAL: Record<string, unknown> = {
  null: null,
  true: true,
  zero: 0,
  'twenty-three': 23,
  'twenty-four': 24,
  'largest-safe-integer': Number.MAX_SAFE_INTEGER,
  'smallest-safe-integer': Number.MIN_SAFE_INTEGER,
  'float-smallest': 5e-324,
  fraction: 1.5,
  negative: -24,
  'negative-in-one-byte': -25,
  text: 'é',
  'text-empty': '',
  bytes: Uint8Array.of(0, 1, 2),
  link,
  'list-nested': [1, [2, [3]]],
  'text-of-300-bytes': 'x'.repeat(300),
  'map-empty': {},
  'list-empty': [],
  'bytes-empty': new Uint8Array(),
  'map-slash-with-other-values': { '/': 'a', bytes: 'b' },
  'map-slash-alone-is-no-link': { '/': 1 },
  'key-named-proto': JSON.parse('{"__proto__": 1}'),
  'keys-by-length-then-bytes': { b: 1, a: 2, aa: 0, '': 3 },
  'deepest-list': nested(DOCUMENT_DEPTH_LIMIT),
};

const REFUSED: Record<string, string> = {
  empty: '',
  'integer-not-shortest': '1817',
  'integer-in-eight-bytes': '1b0000000000000001',
  'float-of-a-whole-number': 'fb3ff0000000000000',
  'float-negative-zero': 'fb8000000000000000',
  'float-half-precision': 'f93e00',
  'float-not-a-number': 'fb7ff8000000000000',
  'float-infinite': 'fb7ff0000000000000',
  undefined: 'f7',
  'simple-value': 'e0',
  'list-indefinite': '9f01ff',
  'text-indefinite': '7f6161ff',
  'text-length-not-shortest': '780161',
  'text-not-utf8': '62c328',
  'text-surrogate': '63eda080',
  'text-byte-order-mark': '64efbbbf61',
  'map-keys-out-of-order': 'a2616201616102',
  'map-keys-longer-first': 'a262616100616200',
  'map-key-repeated': 'a2616101616102',
  'map-key-a-number': 'a10101',
  'map-like-a-link': 'a2612f0165627974657301',
  'map-like-a-link-of-text': 'a2612f61786562797465736178',
  'tag-other-than-link': 'c16161',
  'link-over-text': 'd82a6161',
  'link-over-link': 'd82ad82a4100',
  'link-of-version-0': `d82a58230012${'20'.padEnd(66, '0')}`,
  'link-of-another-hash': `d82a58250001711${'320'.padEnd(67, '0')}`,
  'link-with-a-shortened-digest': 'd82a45000171120000'.slice(0, 16),
  'link-with-a-longer-codec': `d82a582600018101${'1220'.padEnd(68, '0')}`,
  'link-empty': 'd82a40',
  'link-indefinite': 'd82a5f4100ff',
  'reserved-head': '1c',
  'break-alone': 'ff',
  'float-single-precision': 'fa3fc00000',
  'tag-head-not-shortest': `d9002a5825${'00'}${toHex(link.bytes)}`,
  'map-claims-more-than-the-limit': `b9${(DOCUMENT_ENTRIES_LIMIT + 1).toString(16).padStart(4, '0')}`,
  'map-too-deep': `${'a1616b'.repeat(DOCUMENT_DEPTH_LIMIT + 1)}00`,
  'map-value-missing': 'a1616b',
  'map-of-many-keys-repeated': 'a3616101616201616201',
  'link-without-its-zero': `d82a5824${toHex(link.bytes)}`,
  'two-items': '0101',
  'list-cut-short': '8201',
  'text-cut-short': '6261',
  'bytes-claim-a-petabyte': '5b0003ffffffffffff',
  'list-claims-more-than-the-limit': `99${(DOCUMENT_ENTRIES_LIMIT + 1).toString(16).padStart(4, '0')}`,
  'list-too-deep': toHex(concatBytes(fromHex('81'.repeat(DOCUMENT_DEPTH_LIMIT)), fromHex('80'))),
};

export function buildCodec() {
  return {
    canonical: Object.entries(CANONICAL).map(([id, value]) => {
      const bytes = encode(value);
      return { id, bytes: toHex(bytes), value: toDagJson(value), cid: documentCid(bytes).toString() };
    }),
    refused: Object.entries(REFUSED).map(([id, bytes]) => {
      const result = decodeCanonical(fromHex(bytes));
      if (result.ok) throw new TypeError(`the codec accepts ${id}`);
      return { id, bytes, refusal: result.reason };
    }),
  };
}

function nested(depth: number): unknown {
  return depth === 0 ? 0 : [nested(depth - 1)];
}
