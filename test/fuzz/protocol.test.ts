import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../protocols/base/bytes.ts';
import type { FederationId, MessageId } from '../../protocols/base/ids.ts';
import { readCharter } from '../../protocols/charter/index.ts';
import { documentCid, parseCid } from '../../protocols/codec/cid.ts';
import { decodeCanonical, encode } from '../../protocols/codec/codec.ts';
import { didKey, type KeyType, parseDidKey } from '../../protocols/identity/did-key.ts';
import { claim, verdictBody } from '../../protocols/kinds/index.ts';
import { type Message, open, readStored } from '../../protocols/message/index.ts';
import { RecordFold, recordDigest } from '../../protocols/record/index.ts';
import { decide } from '../../protocols/verdict/index.ts';
import { decodeRequest } from '../../services/checkpoints/blob/wire.ts';
import { parseHeads, parseRequest } from '../../services/network/sync/protocol.ts';
import { Author, charterOf, contextOf } from '../support/federation.ts';
import { mutateBytes, mutateData, mutateText } from '../support/mutations.ts';
import * as samples from '../support/samples.ts';
import { pickBelow, randomFrom, testSeed } from '../support/seed.ts';
import { sealFields } from '../support/vectors/message.ts';

const ROUNDS = 3_000;
const random = randomFrom(testSeed());
const charter = charterOf();
const context = contextOf(charter.id);

function vectors<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../../protocols/vectors/${file}`, import.meta.url), 'utf8')) as T;
}

function repeat(rounds: number, round: () => void): void {
  for (let i = 0; i < rounds; i++) round();
}

function oneOf<T>(items: readonly T[]): T {
  return items[pickBelow(random, items.length)] as T;
}

afterEach(() => {
  // no input may leave a mark on what all objects share
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

describe('bytes', () => {
  const messages = vectors<{
    federation: FederationId;
    sealed: { wire: string }[];
    opened: { wire: string }[];
    refused: { id: string; wire: string }[];
  }>('message.json');
  const good = [...messages.sealed, ...messages.opened].map(({ wire }) => wire);
  const seeds = [
    ...good,
    ...messages.refused.filter(({ wire }) => wire.length < 4_000).map(({ wire }) => wire),
  ];

  it('open refuses every changed message', () => {
    repeat(2 * ROUNDS, () => {
      const wire = mutateBytes(fromHex(oneOf(seeds)), random);
      const result = open(wire, context);
      if (result.ok) expect(good).toContain(toHex(wire));
    });
  });

  it('open judges well-signed nonsense without throwing', () => {
    const fields = {
      v: 1,
      sequence: 0,
      previous: null,
      issuedAt: 1,
      kind: 'member-card/1',
      body: samples.cardBody('a name'),
    };
    repeat(ROUNDS, () => {
      const changes = mutateData(fields, random) as Record<string, unknown>;
      if (typeof changes !== 'object' || changes === null) return;
      const wire = sealFields(changes);
      const result = open(wire, context);
      if (!result.ok) return;
      // what opens means what its bytes say
      expect(readStored(wire)).toEqual(result.value);
      expect(decodeCanonical(encode(result.value.body)).ok).toBe(true);
    });
  });

  it('readStored throws TypeError and nothing else', () => {
    repeat(ROUNDS, () => {
      try {
        readStored(mutateBytes(fromHex(oneOf(seeds)), random));
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
    });
  });

  it('decodeCanonical accepts one encoding of each value', () => {
    const { canonical, refused } = vectors<{
      canonical: { bytes: string }[];
      refused: { bytes: string }[];
    }>('codec.json');
    const all = [...canonical, ...refused].map(({ bytes }) => bytes);
    repeat(4 * ROUNDS, () => {
      const bytes = mutateBytes(fromHex(oneOf(all)), random);
      const decoded = decodeCanonical(bytes);
      if (decoded.ok) expect(toHex(encode(decoded.value))).toBe(toHex(bytes));
    });
  });

  it('requests and answers of peers are read or refused', () => {
    const seeds = [
      encode({ op: 'heads' }),
      encode({ op: 'range', author: [...charter.members.keys()][0], from: 0, to: 3 }),
      encode([{ author: [...charter.members.keys()][0], length: 1, head: charter.id }]),
      Uint8Array.of(2, ...(parseCid(samples.contentCid('x'))?.bytes ?? [])),
    ];
    repeat(ROUNDS, () => {
      const bytes = mutateBytes(oneOf(seeds), random);
      for (const parse of [parseRequest, parseHeads, decodeRequest])
        expect(parse(bytes)).toHaveProperty('ok');
    });
  });
});

describe('text', () => {
  it('parseCid reads one spelling of each CID', () => {
    const { accepted, refused } = vectors<Record<'accepted' | 'refused', { text: string }[]>>('cid.json');
    const all = [...accepted, ...refused].map(({ text }) => text);
    repeat(2 * ROUNDS, () => {
      const text = mutateText(oneOf(all), random);
      const cid = parseCid(text);
      if (cid !== null) expect(cid.toString()).toBe(text);
    });
  });

  it('parseDidKey reads one spelling of each key', () => {
    const { accepted, refused } =
      vectors<Record<'accepted' | 'refused', { type: KeyType; text: string }[]>>('did-key.json');
    repeat(2 * ROUNDS, () => {
      const { type, text } = oneOf([...accepted, ...refused]);
      const changed = mutateText(text, random);
      const key = parseDidKey(type, changed);
      if (key !== null) expect(didKey(type, key)).toBe(changed);
    });
  });
});

describe('data', () => {
  it('readCharter accepts a charter under its own id alone', () => {
    const { accepted, refused } = vectors<{
      accepted: { document: unknown }[];
      refused: { document: unknown }[];
    }>('charter.json');
    const all = [...accepted, ...refused].filter(({ document }) => JSON.stringify(document).length < 4_000);
    repeat(ROUNDS / 5, () => {
      const { document } = oneOf(all);
      const changed = mutateData(document, random);
      const result = readCharter(changed);
      if (!result.ok) return;
      expect(result.value.id).toBe(documentCid(encode(changed)).toString());
      expect(result.value.members.size).toBe(result.value.document.members.length);
    });
  });

  it('decide has an outcome for every re-run that a verdict may hold', () => {
    const id = charter.id as unknown as MessageId;
    const reruns = Object.values(samples.RERUNS).map((cells) => samples.rerunOf(cells));
    let judged = 0;
    repeat(ROUNDS, () => {
      const said = verdictBody.safeParse(
        mutateData(samples.verdictBody(id, 'confirmed', oneOf(reruns)), random),
      );
      const claimed = claim.safeParse(mutateData(samples.claimOf(), random));
      const rerun = said.success ? said.data : oneOf(reruns);
      const { outcome, reasons } = decide(
        claimed.success ? claimed.data : samples.claimOf(),
        rerun,
        samples.POLICY,
      );
      expect(['confirmed', 'refuted', 'inconclusive']).toContain(outcome);
      expect(reasons.length).toBeGreaterThan(0);
      if (said.success && claimed.success) judged++;
    });
    expect(judged).toBeGreaterThan(ROUNDS / 100);
  });

  it('the record takes in whatever opens, and has a digest', () => {
    const fold = new RecordFold(charter);
    const by = {
      lab: new Author('example-lab', charter.id),
      academy: new Author('example-academy', charter.id),
      north: new Author('verifier-north', charter.id),
    };
    const faithful = samples.rerunOf(samples.RERUNS.faithful);
    const frontier = by.lab.say('frontier-release/1', samples.frontierBody('frontier'));
    const finding = by.academy.say('finding/1', samples.findingBody('finding'));
    const opened: Message[] = [frontier, finding];
    repeat(ROUNDS / 5, () => {
      const [author, kind, body] = oneOf([
        [by.lab, 'frontier-release/1', samples.frontierBody('frontier')],
        [by.lab, 'analog-release/1', samples.analogBody(frontier.id)],
        [by.academy, 'finding/1', samples.findingBody('finding')],
        [by.north, 'verdict/1', samples.verdictBody(finding.id, 'confirmed', faithful)],
      ] as const);
      const changed = mutateData(body, random);
      if (typeof changed !== 'object' || changed === null || Array.isArray(changed)) return;
      const result = open(author.branch(kind, changed as typeof body).wire, context);
      if (!result.ok) return;
      opened.push(result.value);
      author.say(kind, changed as typeof body);
    });
    for (const message of opened) fold.add(message);
    expect(recordDigest(fold.record())).toMatch(/^bafyrei/);
    expect(fold.record().findings.length).toBeGreaterThan(5);
  });
});
