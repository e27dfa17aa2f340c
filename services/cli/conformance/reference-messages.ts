import { z } from 'zod';
import { toHex } from '../../../protocols/base/bytes.ts';
import type { FederationId, MemberKey, MessageId } from '../../../protocols/base/ids.ts';
import { isPlainObject, type PlainObject } from '../../../protocols/base/plain.ts';
import {
  authorize,
  findBreach,
  readCharter,
  readGenesis,
  readProposal,
} from '../../../protocols/charter/index.ts';
import { deriveKey } from '../../../protocols/identity/derive.ts';
import { type Ed25519, signingPublicKey } from '../../../protocols/identity/ed25519.ts';
import { charterDocument, charterProposalBody, checkBody } from '../../../protocols/kinds/index.ts';
import { encodePayload, open, seal, signPayload } from '../../../protocols/message/index.ts';
import { RecordFold, recordDigest } from '../../../protocols/record/index.ts';
import { messageStates } from './message-states.ts';
import { bytes, count, type Operations, operation } from './operation.ts';

const federation = z.custom<FederationId>((value) => typeof value === 'string');
const previous = z.custom<MessageId | null>((value) => value === null || typeof value === 'string');
const body = z.custom<PlainObject>(isPlainObject);
const draft = z.object({
  federation,
  sequence: count,
  previous,
  issuedAt: count,
  kind: z.string(),
  body,
});

/** Messages, charters and what they add up to: 05-message, 06-charter and 08-record. */
export function messageOperations(ed25519: Ed25519): Operations {
  return {
    'message.seal': operation(z.object({ seed: bytes, draft }), ({ seed, draft: said }) => {
      const signingSeed = deriveKey(seed, 'signing');
      const signer = { seed: signingSeed, publicKey: signingPublicKey(signingSeed), ed25519 };
      const payload = encodePayload(said, signer.publicKey);
      const { author, id } = seal(said, signer);
      return {
        author,
        payload: toHex(payload),
        wire: toHex(signPayload(payload, signer)),
        messageId: id,
      };
    }),
    'message.open': operation(z.object({ federation, wire: bytes }), (input) => {
      const opened = open(input.wire, { federation: input.federation, ed25519, checkBody });
      if (!opened.ok) return { refused: opened.reason };
      const { id: messageId, author, sequence, previous, issuedAt, kind, body } = opened.value;
      return { messageId, author, sequence, previous, issuedAt, kind, body };
    }),
    'charter.read': operation(z.object({ document: z.unknown() }), ({ document }) => {
      const read = readCharter(document, ed25519);
      return read.ok ? { federation: read.value.id } : { refused: read.reason };
    }),
    'charter.read-first': operation(z.object({ document: z.unknown() }), ({ document }) => {
      const read = readGenesis(document, ed25519);
      return read.ok ? { federation: read.value.id } : { refused: read.reason };
    }),
    'charter.follows': operation(z.object({ previous: z.unknown(), next: z.unknown() }), (input) => {
      const breach = findBreach(charterDocument.parse(input.previous), charterDocument.parse(input.next));
      return breach === null ? { follows: true } : { refused: breach.reason };
    }),
    'charter.authorize': operation(
      z.object({
        document: z.unknown(),
        author: z.custom<MemberKey>((value) => typeof value === 'string'),
        kind: z.string(),
      }),
      ({ document, author, kind }) => {
        const read = readCharter(document, ed25519);
        if (!read.ok) return { refused: read.reason };
        const member = authorize(read.value, author, kind);
        return member.ok ? { name: member.value.name } : { refused: member.reason };
      },
    ),
    'charter.amend': operation(z.object({ previous: z.unknown(), proposal: z.unknown() }), (input) => {
      const previous = readCharter(input.previous, ed25519);
      if (!previous.ok) return { refused: previous.reason };
      const next = readProposal(previous.value, charterProposalBody.parse(input.proposal), ed25519);
      return next.ok ? { charter: next.value.id } : { refused: next.reason };
    }),
    'record.fold': operation(z.object({ charter: z.unknown(), wires: z.array(bytes) }), (input) => {
      const read = readGenesis(input.charter, ed25519);
      if (!read.ok) return { refused: read.reason };
      const fold = new RecordFold(read.value);
      const messages = input.wires.flatMap((wire) => {
        const opened = open(wire, { federation: read.value.id, ed25519, checkBody });
        return opened.ok ? [opened.value] : [];
      });
      for (const message of messages) fold.add(message);
      const record = fold.record();
      return { record, digest: recordDigest(record), messages: messageStates(fold, messages) };
    }),
  };
}
