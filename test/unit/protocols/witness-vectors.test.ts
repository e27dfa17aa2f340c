import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex, utf8 } from '../../../protocols/base/bytes.ts';
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
import { pureEd25519, signingPublicKey } from '../../../protocols/identity/ed25519.ts';
import { nativeEd25519 } from '../../../services/keys/index.ts';
import { codesInTable, section } from '../../architecture/clauses.ts';
import { FEED_FILES } from '../../support/vectors/feed-shapes.ts';

const FOLDER = new URL('../../../protocols/vectors/', import.meta.url);
const { federation, author, cosignatures, requests, policies, policiesRefused } = FEED_FILES[
  'witness.json'
].parse(JSON.parse(readFileSync(new URL('witness.json', FOLDER), 'utf8')));
const document = readFileSync(new URL('../spec/14-witnesses.md', FOLDER), 'utf8');

describe('the specification', () => {
  it('shows the examples as they are', () => {
    const [cosignature] = cosignatures;
    const examples = [
      `cosignature/v1\ntime ${cosignature?.time}\n${cosignature?.text}`,
      cosignature?.line,
      requests.find(({ id }) => id === 'grown')?.request,
      policies.find(({ id }) => id === 'held')?.policy,
    ];
    for (const example of examples) expect(document).toContain(example?.replace(/^(?=.)/gm, '    '));
  });

  it('names the reasons of a witness in the order of its checks', () => {
    expect(codesInTable(section(document, 3), 1)).toEqual(Object.keys(WITNESS_STATUS));
  });
});

describe('witness.json', () => {
  it.each(cosignatures)('cosignature: $id', ({ signingSeed, text, time, line }) => {
    for (const ed25519 of [pureEd25519, nativeEd25519()]) {
      const seed = fromHex(signingSeed);
      const signer = { seed, publicKey: signingPublicKey(seed), ed25519 };
      const key = witnessNoteKey(federation as FederationId, memberKey(signer.publicKey));
      expect(signatureLine(cosignatureLine(key, cosign(utf8(text), time, signer)))).toBe(line);
    }
  });

  it.each(requests)('request: $id', ({ request, known, lastSize, lastRoot, status, reason }) => {
    const { name, publicKey } = feedNoteKey(federation as FederationId, author as MemberKey);
    const parsed = parseWitnessRequestUnverified(utf8(request));
    const verifier = known ? ed25519Verifier(name, publicKey, nativeEd25519()) : null;
    const signed = parsed.ok ? judgeAuthor(parsed.value, verifier) : parsed;
    const last = { size: lastSize, root: fromHex(lastRoot) };
    const judged = parsed.ok && signed.ok ? judgeGrowth(parsed.value, last) : signed;
    expect(judged.ok ? null : judged.reason).toBe(reason);
    expect(judged.ok ? 200 : WITNESS_STATUS[judged.reason]).toBe(status);
  });

  it.each(policies)('policy: $id', ({ policy, times, established }) => {
    const parsed = parseWitnessPolicy(policy);
    if (!parsed.ok) throw new TypeError(parsed.detail);
    expect(quorumTime(parsed.value, (name) => times[name] ?? null)).toBe(established);
  });

  it.each(policiesRefused)('refused policy: $id', ({ policy, refusal }) => {
    expect(parseWitnessPolicy(policy)).toMatchObject({ ok: false, reason: refusal });
  });
});
