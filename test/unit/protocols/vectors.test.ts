import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromHex, toHex } from '../../../protocols/base/bytes.ts';
import type { FederationId, MessageId } from '../../../protocols/base/ids.ts';
import { isPlainObject, type PlainObject } from '../../../protocols/base/plain.ts';
import { readCharter, readProposal } from '../../../protocols/charter/index.ts';
import { documentCid, isContentCid, isDocumentCid, parseCid } from '../../../protocols/codec/cid.ts';
import { decodeCanonical, encode } from '../../../protocols/codec/codec.ts';
import { deriveKey, publicKeys } from '../../../protocols/identity/derive.ts';
import { parseDidKey } from '../../../protocols/identity/did-key.ts';
import { pureEd25519, signingPublicKey } from '../../../protocols/identity/ed25519.ts';
import { isAcceptableSigningKey, verifyStrict } from '../../../protocols/identity/strict.ts';
import {
  type CharterProposalBody,
  type ConditionCount,
  checkBody,
  claim,
  difference,
  estimate,
  type PairedTable,
} from '../../../protocols/kinds/index.ts';
import { encodePayload, open, seal, signPayload } from '../../../protocols/message/index.ts';
import { drawLeaves } from '../../../protocols/pins/index.ts';
import { RecordFold, recordDigest } from '../../../protocols/record/index.ts';
import {
  areRatesDifferent,
  controlSeeds,
  decide,
  gateState,
  isLossBeyondChance,
  isRateAbove,
  isRateBelow,
  REASON_CODES,
  resampleSeed,
} from '../../../protocols/verdict/index.ts';
import { fromDagJson, toDagJson } from '../../../services/cli/conformance/dag-json.ts';
import { nativeEd25519 } from '../../../services/keys/native-ed25519.ts';
import { FEED_FILES } from '../../support/vectors/feed-shapes.ts';
import { renderVectors, VECTORS } from '../../support/vectors/index.ts';

const FOLDER = new URL('../../../protocols/vectors/', import.meta.url);
const native = nativeEd25519();

const id = z.string().min(1);
const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/);
const text = z.string();
const count = z.int().min(0);
const keyType = z.enum(['ed25519', 'x25519', 'p256']);
const policy = z.strictObject({ quorum: count, alphaPpm: count, controls: count });

/** The shape of each file, closed: a field that is not here is one that nothing below reads. */
const history = z.strictObject({
  id,
  wires: z.array(hex),
  record: z.unknown(),
  digest: text,
  messages: z.record(
    z.string(),
    z.strictObject({ status: text, reason: text.nullable(), established: count.nullable() }).nullable(),
  ),
});
const answered = z.array(z.looseObject({ id }));
const FILES = {
  // the conformance test of the command asks these
  'artifacts.json': z.strictObject({
    headerLengths: answered,
    headerLengthsRefused: answered,
    headers: answered,
    headersRefused: answered,
    models: answered,
    modelsRefused: answered,
    interventions: answered,
    interventionsRefused: answered,
    suites: answered,
    suitesRefused: answered,
    teachers: answered,
    teachersRefused: answered,
    prompts: answered,
    promptsRefused: answered,
  }),
  'charter.json': z.strictObject({
    // the conformance test of the command asks these four
    authorityOf: z.unknown(),
    authority: answered,
    successions: answered,
    notFirst: answered,
    amendments: z.array(
      z.strictObject({
        id,
        previous: z.unknown(),
        proposal: z.unknown(),
        charter: text.optional(),
        refusal: text.optional(),
      }),
    ),
    accepted: z.array(z.strictObject({ id, document: z.unknown(), federation: text })),
    refused: z.array(z.strictObject({ id, document: z.unknown(), refusal: text })),
  }),
  'cid.json': z.strictObject({
    accepted: z.array(z.strictObject({ id, text, bytes: hex, names: z.enum(['document', 'content']) })),
    refused: z.array(z.strictObject({ id, text })),
  }),
  'codec.json': z.strictObject({
    canonical: z.array(z.strictObject({ id, bytes: hex, value: z.unknown(), cid: text })),
    refused: z.array(z.strictObject({ id, bytes: hex, refusal: text })),
  }),
  'control-seeds.json': z.strictObject({
    cases: z.array(z.strictObject({ id, finding: text, seeds: z.array(hex) })),
    resampling: z.array(z.strictObject({ id, finding: text, measure: text, seed: hex })),
  }),
  'decision.json': z.strictObject({
    cases: z.array(
      z.strictObject({
        id,
        policy,
        claim: z.unknown(),
        counts: z.array(z.unknown()),
        tables: z.array(z.unknown()),
        estimates: z.array(estimate),
        differences: z.array(difference),
        outcome: text,
        reasons: z.array(text),
      }),
    ),
  }),
  'derive.json': z.strictObject({
    derived: z.array(
      z.strictObject({
        id,
        seed: hex,
        signingSeed: hex,
        sealingSecret: hex,
        libp2pSeed: hex,
        natsSeed: hex,
        publicationMaterial: hex,
        publicKeys: z.strictObject({
          signing: text,
          sealing: text,
          libp2p: text,
          nats: text,
          publication: text,
        }),
      }),
    ),
  }),
  'did-key.json': z.strictObject({
    accepted: z.array(z.strictObject({ id, type: keyType, text, key: hex })),
    refused: z.array(z.strictObject({ id, type: keyType, text })),
  }),
  'ed25519-published.json': z.strictObject({
    cases: z.array(
      z.strictObject({
        id,
        publicKey: hex,
        signature: hex,
        message: hex,
        accepted: z.boolean(),
        keyAcceptable: z.boolean(),
        refusedBy: z.enum(['3.1', '3.2', '3.3', '3.4', '3.5']).optional(),
      }),
    ),
  }),
  'ed25519.json': z.strictObject({
    cases: z.array(
      z.strictObject({
        id,
        publicKey: hex,
        signature: hex,
        message: hex,
        accepted: z.boolean(),
        keyAcceptable: z.boolean(),
      }),
    ),
  }),
  'exact-tests.json': z.strictObject({
    rates: z.array(
      z.strictObject({
        id,
        k: count,
        n: count,
        pPpm: count,
        alphaPpm: count,
        below: z.boolean(),
        above: z.boolean(),
      }),
    ),
    losses: z.array(
      z.strictObject({ id, lost: count, gained: count, alphaPpm: count, beyondChance: z.boolean() }),
    ),
    pairs: z.array(
      z.strictObject({
        id,
        k1: count,
        n1: count,
        k2: count,
        n2: count,
        alphaPpm: count,
        different: z.boolean(),
      }),
    ),
    gates: z.array(
      z.strictObject({
        id,
        lost: count,
        gained: count,
        n: count,
        marginPpm: count,
        state: z.enum(['passed', 'failed', 'unresolved']),
      }),
    ),
  }),
  'message.json': z.strictObject({
    federation: text,
    sealed: z.array(
      z.strictObject({
        id,
        seed: hex,
        draft: z.strictObject({
          federation: text,
          sequence: count,
          previous: text.nullable(),
          issuedAt: count,
          kind: text,
          body: z.custom<PlainObject>(isPlainObject),
        }),
        author: text,
        payload: hex,
        wire: hex,
        messageId: text,
      }),
    ),
    opened: z.array(z.strictObject({ id, wire: hex, message: z.custom<PlainObject>(isPlainObject) })),
    refused: z.array(z.strictObject({ id, wire: hex, refusal: text })),
  }),
  // the conformance test of the command asks these
  'oversight.json': z.strictObject({
    bodies: answered,
    bodiesRefused: answered,
    months: answered,
    leaks: answered,
    histories: z.unknown(),
    assessed: answered,
  }),
  'disclosure.json': z.strictObject({
    withheld: answered,
    withheldRefused: answered,
    opened: answered,
    openedRefused: answered,
    revealed: answered,
    revealedRefused: answered,
  }),
  'pins.json': z.strictObject({
    drawn: z.array(z.strictObject({ id, seed: hex, leaves: count, asked: count, numbers: z.array(count) })),
    // the conformance test of the command asks these
    copiesAsked: z.unknown(),
    copies: answered,
  }),
  'record.json': z.strictObject({
    charter: z.unknown(),
    histories: z.array(history),
    amendingCharter: z.unknown(),
    amended: z.array(history),
  }),
  // feed-vectors.test.ts reads these
  // the conformance test of the command asks these
  'releases.json': z.strictObject({
    policy: z.unknown(),
    cards: answered,
    cardsRefused: answered,
    judged: answered,
    keys: answered,
    keysRefused: answered,
    signed: answered,
    verified: answered,
    refused: answered,
  }),
  ...FEED_FILES,
} as const satisfies Record<keyof typeof VECTORS, z.ZodType>;

function read<F extends keyof typeof FILES>(file: F): z.infer<(typeof FILES)[F]> {
  const content: unknown = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));
  return FILES[file].parse(content) as z.infer<(typeof FILES)[F]>;
}

describe('the vector files', () => {
  it('are the ones that are read here, and README.md lists them', () => {
    const present = readdirSync(FOLDER).sort();
    expect(present).toEqual(['README.md', ...Object.keys(FILES).sort()]);
    const readme = readFileSync(new URL('README.md', FOLDER), 'utf8');
    expect([...readme.matchAll(/^\| `([a-z0-9-]+\.json)` \|/gm)].map((match) => match[1]).sort()).toEqual(
      Object.keys(FILES).sort(),
    );
  });

  it.each(Object.keys(VECTORS) as (keyof typeof VECTORS)[])('%s is what the code makes', (file) => {
    expect(readFileSync(new URL(file, FOLDER), 'utf8')).toBe(renderVectors(VECTORS[file]));
  });

  it('name each case once in its list', () => {
    for (const file of Object.keys(FILES) as (keyof typeof FILES)[])
      for (const list of Object.values(read(file)).filter(Array.isArray)) {
        const ids = list.map((each: { readonly id: string }) => each.id);
        expect(new Set(ids).size).toBe(ids.length);
      }
  });
});

describe('codec.json', () => {
  const { canonical, refused } = read('codec.json');

  it.each(canonical)('canonical: $id', ({ bytes, value, cid }) => {
    expect(toHex(encode(fromDagJson(value)))).toBe(bytes);
    const decoded = decodeCanonical(fromHex(bytes));
    expect(decoded.ok && toDagJson(decoded.value)).toEqual(value);
    expect(documentCid(fromHex(bytes)).toString()).toBe(cid);
  });

  it.each(refused)('refused: $id', ({ bytes, refusal }) => {
    expect(decodeCanonical(fromHex(bytes))).toMatchObject({ ok: false, reason: refusal });
  });
});

describe('cid.json', () => {
  const { accepted, refused } = read('cid.json');

  it.each(accepted)('accepted: $id', ({ text: written, bytes, names }) => {
    const cid = parseCid(written);
    expect(cid === null ? null : toHex(cid.bytes)).toBe(bytes);
    expect(cid !== null && isDocumentCid(cid)).toBe(names === 'document');
    expect(cid !== null && isContentCid(cid)).toBe(names === 'content');
  });

  it.each(refused)('refused: $id', ({ text: written }) => {
    expect(parseCid(written)).toBeNull();
  });
});

describe('did-key.json', () => {
  const { accepted, refused } = read('did-key.json');

  it.each(accepted)('accepted: $id', ({ type, text: written, key }) => {
    expect(toHex(parseDidKey(type, written) ?? new Uint8Array())).toBe(key);
  });

  it.each(refused)('refused: $id', ({ type, text: written }) => {
    expect(parseDidKey(type, written)).toBeNull();
  });
});

describe('derive.json', () => {
  it.each(read('derive.json').derived)('$id', (expected) => {
    const seed = fromHex(expected.seed);
    expect({
      signingSeed: toHex(deriveKey(seed, 'signing')),
      sealingSecret: toHex(deriveKey(seed, 'sealing')),
      libp2pSeed: toHex(deriveKey(seed, 'libp2p')),
      natsSeed: toHex(deriveKey(seed, 'nats')),
      publicationMaterial: toHex(deriveKey(seed, 'publication', 48)),
      publicKeys: publicKeys(seed),
    }).toEqual({ ...expected, id: undefined, seed: undefined });
  });
});

describe('ed25519.json', () => {
  it.each(read('ed25519.json').cases)('$id', ({ publicKey, signature, message, accepted, keyAcceptable }) => {
    const parts = [fromHex(publicKey), fromHex(signature), fromHex(message)] as const;
    expect(verifyStrict(pureEd25519, ...parts)).toBe(accepted);
    expect(verifyStrict(native, ...parts)).toBe(accepted);
    expect(isAcceptableSigningKey(parts[0])).toBe(keyAcceptable);
  });
});

describe('ed25519-published.json', () => {
  // the other backends, in Node and in Chromium, have tests of their own
  it('every published vector has its answer', () => {
    const { cases } = read('ed25519-published.json');
    expect(cases.length).toBe(914 + 12 + 196 + 151 + 5);
    // a key has one answer, and takes a millisecond
    const keys = new Set(cases.map(({ publicKey }) => publicKey));
    const acceptable = new Map([...keys].map((key) => [key, isAcceptableSigningKey(fromHex(key))]));
    for (const { id, publicKey, signature, message, accepted, keyAcceptable, refusedBy } of cases) {
      const parts = [fromHex(publicKey), fromHex(signature), fromHex(message)] as const;
      expect(verifyStrict(native, ...parts), id).toBe(accepted);
      expect(acceptable.get(publicKey), id).toBe(keyAcceptable);
      expect(refusedBy === undefined, id).toBe(accepted);
    }
  });
});

describe('message.json', () => {
  const { federation, sealed, opened, refused } = read('message.json');
  const context = { federation: federation as FederationId, ed25519: native, checkBody };

  it.each(sealed)('sealed: $id', ({ seed, draft, author, payload, wire, messageId }) => {
    const signing = deriveKey(fromHex(seed), 'signing');
    const signer = { seed: signing, publicKey: signingPublicKey(signing), ed25519: pureEd25519 };
    const whole = {
      ...draft,
      federation: draft.federation as FederationId,
      previous: draft.previous as MessageId | null,
    };
    expect(toHex(encodePayload(whole, signer.publicKey))).toBe(payload);
    expect(toHex(signPayload(fromHex(payload), signer))).toBe(wire);
    const message = seal(whole, signer);
    expect(message).toMatchObject({ ...draft, author, id: messageId });
    expect(open(fromHex(wire), context)).toEqual({ ok: true, value: message });
  });

  it.each(opened)('opened: $id', ({ wire, message: { messageId, ...message } }) => {
    const expected = { ...message, id: messageId, federation, wire: fromHex(wire) };
    expect(open(fromHex(wire), context)).toEqual({ ok: true, value: expected });
  });

  it.each(refused)('refused: $id', ({ wire, refusal }) => {
    expect(open(fromHex(wire), context)).toMatchObject({ ok: false, reason: refusal });
    expect(open(fromHex(wire), { ...context, ed25519: pureEd25519 })).toMatchObject({ reason: refusal });
  });
});

describe('charter.json', () => {
  const { amendments, accepted, refused } = read('charter.json');

  it.each(amendments)('amendment: $id', ({ previous, proposal, charter, refusal }) => {
    const before = readCharter(previous);
    if (!before.ok || !isPlainObject(proposal)) return expect.unreachable();
    expect(checkBody('charter-proposal/1', proposal)).toBeNull();
    const read = readProposal(before.value, proposal as unknown as CharterProposalBody);
    expect(read.ok ? { charter: read.value.id } : { refusal: read.reason }).toEqual(
      charter === undefined ? { refusal } : { charter },
    );
  });

  it.each(accepted)('accepted: $id', ({ document, federation }) => {
    expect(readCharter(document)).toMatchObject({ ok: true, value: { id: federation } });
  });

  it.each(refused)('refused: $id', ({ document, refusal }) => {
    expect(readCharter(document)).toMatchObject({ ok: false, reason: refusal });
  });
});

describe('decision.json', () => {
  const { cases } = read('decision.json');

  it.each(cases)('$id', (each) => {
    const { estimates, differences } = each;
    const rerun = {
      counts: each.counts as ConditionCount[],
      tables: each.tables as PairedTable[],
      estimates,
      differences,
    };
    const decision = decide(claim.parse(each.claim), rerun, each.policy);
    expect(decision.outcome).toBe(each.outcome);
    expect(decision.reasons.map((reason) => reason.code)).toEqual(each.reasons);
  });

  it('shows every reason', () => {
    expect([...new Set(cases.flatMap((each) => each.reasons))].sort()).toEqual([...REASON_CODES].sort());
  });
});

describe('pins.json', () => {
  it.each(read('pins.json').drawn)('$id', ({ seed, leaves, asked, numbers }) => {
    expect(drawLeaves(fromHex(seed), leaves, asked)).toEqual(numbers);
    expect(new Set(numbers).size).toBe(asked);
    expect(numbers.every((number) => number < leaves)).toBe(true);
  });
});

describe('control-seeds.json', () => {
  it.each(read('control-seeds.json').cases)('$id', ({ finding, seeds }) => {
    expect(controlSeeds(finding as MessageId, seeds.length)).toEqual(seeds);
  });
  it.each(read('control-seeds.json').resampling)('resampling: $id', ({ finding, measure, seed }) => {
    expect(toHex(resampleSeed(finding, measure))).toBe(seed);
  });
});

describe('exact-tests.json', () => {
  const { rates, losses, pairs, gates } = read('exact-tests.json');

  it.each(rates)('rate: $id', ({ k, n, pPpm, alphaPpm, below, above }) => {
    expect(isRateBelow(k, n, pPpm, alphaPpm)).toBe(below);
    expect(isRateAbove(k, n, pPpm, alphaPpm)).toBe(above);
  });

  it.each(losses)('loss: $id', ({ lost, gained, alphaPpm, beyondChance }) => {
    expect(isLossBeyondChance(lost, gained, alphaPpm)).toBe(beyondChance);
  });

  it.each(pairs)('pair: $id', ({ k1, n1, k2, n2, alphaPpm, different }) => {
    expect(areRatesDifferent(k1, n1, k2, n2, alphaPpm)).toBe(different);
  });

  it.each(gates)('gate: $id', ({ lost, gained, n, marginPpm, state }) => {
    expect(gateState(lost, gained, n, marginPpm / 1_000_000)).toBe(state);
  });
});

/** spec 08-record §4 */
const STATUSES = [
  'none',
  'revoked-after compromised',
  'superseded-key compromised',
  'superseded-key removed',
  'superseded-key rotated',
  'valid null',
  'void after-last',
  'void broken-chain',
  'void fork',
  'void not-a-member',
  'void role-may-not',
];

describe('record.json', () => {
  const { charter, histories, amendingCharter, amended } = read('record.json');
  const all = [
    ...histories.map((each) => ({ ...each, first: charter })),
    ...amended.map((each) => ({ ...each, first: amendingCharter })),
  ];

  it('shows every status of a message, with every reason', () => {
    const shown = all.flatMap(({ messages }) => Object.values(messages));
    const names = new Set(shown.map((each) => (each === null ? 'none' : `${each.status} ${each.reason}`)));
    expect([...names].sort()).toEqual(STATUSES);
    expect(shown.some((each) => each?.established)).toBe(true);
  });

  it.each(all)('$id', ({ first, wires, record, digest, messages }) => {
    const read = readCharter(first);
    if (!read.ok) throw new TypeError(read.detail);
    const fold = new RecordFold(read.value);
    for (const wire of wires) {
      const message = open(fromHex(wire), { federation: read.value.id, ed25519: native, checkBody });
      if (!message.ok) throw new TypeError(message.detail);
      fold.add(message.value);
    }
    expect(fold.record()).toEqual(record);
    expect(recordDigest(fold.record())).toBe(digest);
    expect(documentCid(encode(record)).toString()).toBe(digest);
    for (const [id, state] of Object.entries(messages)) {
      const status = fold.statusOf(id as MessageId);
      const established = fold.establishedAt(id as MessageId);
      expect(status && { ...status, established }, id).toEqual(state);
    }
  });
});
