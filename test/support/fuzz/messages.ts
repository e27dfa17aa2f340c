import { fromHex, toHex } from '../../../protocols/base/bytes.ts';
import type { FederationId } from '../../../protocols/base/ids.ts';
import { isPlainObject, type PlainObject } from '../../../protocols/base/plain.ts';
import { readCharter, readGenesis, readProposal } from '../../../protocols/charter/index.ts';
import { documentCid } from '../../../protocols/codec/cid.ts';
import { decodeCanonical, encode } from '../../../protocols/codec/codec.ts';
import { KnownKeys } from '../../../protocols/codec/known-keys.ts';
import { charterProposalBody, checkBody, isKnownKind, KINDS } from '../../../protocols/kinds/index.ts';
import {
  parseEnvelopeUnverified,
  readAnyEnvelope,
  readUsualEnvelope,
} from '../../../protocols/message/envelope.ts';
import { faultOfPayload, open, openVouched, readStored } from '../../../protocols/message/index.ts';
import { contextOf } from '../federation.ts';
import { mutateBytes, mutateData } from '../mutations.ts';
import { sealFields } from '../vectors/message.ts';
import { type FuzzTarget, must, mustBe, oneOf, vectors } from './target.ts';

const files = {
  messages: vectors<{
    federation: FederationId;
    sealed: { wire: string }[];
    opened: { wire: string }[];
    refused: { wire: string }[];
  }>('message.json'),
  charters: vectors<{
    accepted: { document: unknown }[];
    refused: { document: unknown }[];
    amendments: { previous: unknown; proposal: unknown }[];
  }>('charter.json'),
  histories: vectors<{ histories: { wires: string[] }[] }>('record.json').histories,
  statements: vectors<{ bodies: { kind: string; body: PlainObject }[] }>('oversight.json').bodies,
};
const context = contextOf(files.messages.federation);
/** Filled by each message that is read, whole or broken. */
const keys = new KnownKeys();
const small = (wire: string) => wire.length < 8_000;
/** Every message of the vectors that its author signed as it is. */
const authentic = [...files.messages.sealed, ...files.messages.opened].map(({ wire }) => wire).filter(small);
const genuine = new Set(authentic);
const wires = [...authentic, ...files.messages.refused.map(({ wire }) => wire).filter(small)].map(fromHex);
const stories = files.histories.flatMap(({ wires: all }) => all).filter(small);
const said = stories.flatMap((wire) => {
  const read = parseEnvelopeUnverified(fromHex(wire));
  return read.ok ? [{ kind: read.value.kind, body: read.value.body }] : [];
});
const bodies = [...said, ...files.statements];
const documents = [...files.charters.accepted, ...files.charters.refused]
  .map(({ document }) => document)
  .filter((document) => JSON.stringify(document).length < 6_000);

/** The fields of a real payload, changed, under the real signature. */
function forge(wire: Uint8Array, random: () => number): Uint8Array {
  const read = readAnyEnvelope(wire);
  if (!read.ok) return mutateBytes(wire, random);
  const { payload, signature } = read.value;
  const decoded = decodeCanonical(payload);
  if (!decoded.ok) throw new Error('an envelope that was read has a payload that is none');
  const { body, kind, ...rest } = decoded.value as Record<string, unknown>;
  const changed = mutateData({ body, kind }, random);
  try {
    return encode([encode({ ...rest, ...(changed as object) }), signature]);
  } catch {
    return mutateBytes(wire, random); // what the mutation made has no encoding
  }
}

export const MESSAGE_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  'message-bytes': {
    drives: ['protocols/message/open.ts#open', 'protocols/message/open.ts#readStored'],
    accepts: false,
    run: (random) => {
      const wire =
        random() < 0.5 ? mutateBytes(oneOf(wires, random), random) : forge(oneOf(wires, random), random);
      const opened = open(wire, context);
      must(!opened.ok || genuine.has(toHex(wire)), 'a changed message opens');
      try {
        readStored(wire);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      return false;
    },
  },
  'message-envelope': {
    drives: [
      'protocols/message/envelope.ts#parseEnvelopeUnverified',
      'protocols/message/envelope.ts#readAnyEnvelope',
      'protocols/message/envelope.ts#readUsualEnvelope',
    ],
    accepts: true,
    run: (random) => {
      const wire =
        random() < 0.5 ? mutateBytes(oneOf(wires, random), random) : forge(oneOf(wires, random), random);
      const usual = readUsualEnvelope(wire, keys);
      const judged = readAnyEnvelope(wire);
      if (usual !== null) {
        must(judged.ok, 'the fast reader takes what the judge refuses');
        if (judged.ok)
          mustBe(JSON.stringify(usual), JSON.stringify(judged.value), 'the fast reader reads otherwise');
      }
      const read = parseEnvelopeUnverified(wire);
      if (!read.ok) return false;
      mustBe(toHex(encode([read.value.payload, read.value.signature])), toHex(wire), 'another wire form');
      return true;
    },
  },
  'message-signed-nonsense': {
    drives: ['protocols/message/open.ts#openVouched'],
    accepts: true,
    run: (random) => {
      const { kind, body } = oneOf(bodies, random);
      const fields = { v: 1, sequence: 0, previous: null, issuedAt: 1, kind, body };
      const changes = mutateData(fields, random);
      if (!isPlainObject(changes)) return false;
      const wire = sealFields(changes);
      const opened = open(wire, context);
      const vouched = openVouched(wire, context);
      must(opened.ok === vouched.ok, 'a head that vouches changes more than the signature');
      if (!opened.ok) return false;
      mustBe(JSON.stringify(readStored(wire)), JSON.stringify(opened.value), 'stored otherwise');
      const read = readAnyEnvelope(wire);
      must(read.ok && faultOfPayload(read.value.payload) === null, 'the author would not have written it');
      return true;
    },
  },
  'message-bodies': {
    drives: ['protocols/kinds/registry.ts#checkBody'],
    accepts: true,
    run: (random) => {
      const whole = oneOf(bodies, random);
      const body = mutateData(whole.body, random);
      // a body of another kind, now and then
      const kind = random() < 0.9 ? whole.kind : oneOf(Object.keys(KINDS), random);
      if (!isPlainObject(body) || !isKnownKind(kind)) return false;
      const accepted = checkBody(kind, body) === null;
      must(accepted === KINDS[kind].body.safeParse(body).success, `the fast check of ${kind} differs`);
      return accepted;
    },
  },
  charters: {
    drives: ['protocols/charter/charter.ts#readCharter', 'protocols/charter/charter.ts#readGenesis'],
    accepts: true,
    run: (random) => {
      const document = mutateData(oneOf(documents, random), random);
      const read = readCharter(document);
      const first = readGenesis(document);
      must(!first.ok || read.ok, 'a first charter that is none');
      if (!read.ok) return false;
      mustBe(read.value.id, documentCid(encode(document)).toString(), 'the id of a charter');
      must(read.value.members.size === read.value.document.members.length, 'members lost');
      return true;
    },
  },
  amendments: {
    drives: ['protocols/charter/changes.ts#readProposal'],
    accepts: true,
    run: (random) => {
      const { previous, proposal } = oneOf(files.charters.amendments, random);
      const before = readCharter(previous);
      const body = charterProposalBody.safeParse(mutateData(proposal, random));
      if (!before.ok || !body.success) return false;
      const next = readProposal(before.value, body.data);
      if (!next.ok) return false;
      mustBe(next.value.id, body.data.charter, 'an amendment that gives another charter');
      must(next.value.document.version === before.value.document.version + 1, 'a version skipped');
      return true;
    },
  },
};
