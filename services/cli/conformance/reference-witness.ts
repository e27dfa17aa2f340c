import { z } from 'zod';
import { utf8 } from '../../../protocols/base/bytes.ts';
import type { FederationId, MemberKey } from '../../../protocols/base/ids.ts';
import {
  cosign,
  cosignatureLine,
  ed25519Verifier,
  feedNoteKey,
  judgeAuthor,
  judgeGrowth,
  parseWitnessPolicy,
  parseWitnessRequestUnverified,
  quorumTime,
  signatureLine,
  WITNESS_STATUS,
  witnessNoteKey,
} from '../../../protocols/feed/index.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import { type Ed25519, signingPublicKey } from '../../../protocols/identity/ed25519.ts';
import { bytes, count, type Operations, operation } from './operation.ts';

const text = z.string();
const federation = z.custom<FederationId>((value) => typeof value === 'string');
const author = z.custom<MemberKey>((value) => typeof value === 'string');

/** Cosignatures, the answers of a witness, witness policies: 14-witnesses. */
export function witnessOperations(ed25519: Ed25519): Operations {
  return {
    'cosignature.sign': operation(
      z.object({ federation, signingSeed: bytes, text, time: count }),
      (input) => {
        const seed = input.signingSeed;
        const signer = { seed, publicKey: signingPublicKey(seed), ed25519 };
        const key = witnessNoteKey(input.federation, memberKey(signer.publicKey));
        return { line: signatureLine(cosignatureLine(key, cosign(utf8(input.text), input.time, signer))) };
      },
    ),
    'witness.judge': operation(
      z.object({ federation, author, request: text, known: z.boolean(), lastSize: count, lastRoot: bytes }),
      ({ known, request, lastSize, lastRoot, ...input }) => {
        const { name, publicKey } = feedNoteKey(input.federation, input.author);
        const parsed = parseWitnessRequestUnverified(utf8(request));
        const verifier = known ? ed25519Verifier(name, publicKey, ed25519) : null;
        const signed = parsed.ok ? judgeAuthor(parsed.value, verifier) : parsed;
        const last = { size: lastSize, root: lastRoot };
        const judged = parsed.ok && signed.ok ? judgeGrowth(parsed.value, last) : signed;
        if (judged.ok) return { status: 200, reason: null };
        return { status: WITNESS_STATUS[judged.reason], reason: judged.reason };
      },
    ),
    'policy.established': operation(
      z.object({ policy: text, times: z.record(z.string(), count) }),
      ({ policy, times }) => {
        const parsed = parseWitnessPolicy(policy);
        if (!parsed.ok) return { refused: parsed.reason };
        return { established: quorumTime(parsed.value, (name) => times[name] ?? null) };
      },
    ),
  };
}
