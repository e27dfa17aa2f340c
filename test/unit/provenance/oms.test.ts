import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../protocols/base/bytes.ts';
import { derivePublicationKey, publicKeys } from '../../../protocols/identity/derive.ts';
import {
  compareFiles,
  keyHint,
  type PublicationKey,
  parsePublicKeyPem,
  publicationKeyOf,
  publicKeyPem,
  type SignedFile,
  signModel,
  verifyBundle,
} from '../../../protocols/provenance/index.ts';
import { preAuthEncoding } from '../../../protocols/provenance/oms-format.ts';
import { signAsPublisher } from '../../../protocols/provenance/publication-key.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/model-signing/${name}`, import.meta.url));
const file = (path: string, content: string): SignedFile => ({
  path,
  sha256: createHash('sha256').update(content).digest('hex'),
});

const seed = new Uint8Array(32).fill(7);
const did = publicKeys(seed).publication;
const own = publicationKeyOf(did) as PublicationKey;
const FILES = [file('model.safetensors', 'w'), file('config.json', '{}'), file('scripts/train.py', 'pass')];
const bundle = signModel('analog', FILES, derivePublicationKey(seed), did);

function foreignKey(): PublicationKey {
  const key = parsePublicKeyPem(fixture('p384.pub.pem').toString());
  if (!key.ok) throw new Error(key.detail);
  return key.value;
}

interface Bundle {
  mediaType: string;
  verificationMaterial: Record<string, unknown>;
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
}
function edited(edit: (bundle: Bundle) => void): Uint8Array {
  const json = JSON.parse(Buffer.from(bundle).toString()) as Bundle;
  edit(json);
  return utf8(JSON.stringify(json));
}
/** The bundle with another statement, signed with the right key. */
function restated(edit: (statement: Statement) => void): Uint8Array {
  const json = JSON.parse(Buffer.from(bundle).toString()) as Bundle;
  const statement = JSON.parse(Buffer.from(json.dsseEnvelope.payload, 'base64').toString()) as Statement;
  edit(statement);
  return resign(statement);
}
interface Statement {
  predicateType: string;
  subject: { digest: { sha256: string } }[];
  predicate: { resources: { name: string; digest: string }[]; serialization: Record<string, unknown> };
}

describe('OpenSSF Model Signing', () => {
  it('verifies what the reference implementation signed', () => {
    const key = foreignKey();
    const signed = verifyBundle(fixture('p384.model.sig'), key);
    expect(signed).toMatchObject({ ok: true, value: { name: 'v1.1.0-elliptic-key' } });
    if (!signed.ok) return;
    const files = [file('signme-1', 'signme-1\n'), file('signme-2', 'signme-2')];
    expect(compareFiles(signed.value, files, { unsigned: [] })).toMatchObject({ ok: true });
    // an ignored path of the signer is no licence for us: whoever checks says what may be unsigned
    const more = [...files, file('ignore-me', 'x')];
    expect(compareFiles(signed.value, more, { unsigned: [] })).toMatchObject({ reason: 'file-unsigned' });
    expect(compareFiles(signed.value, more, { unsigned: ['ignore-me'] })).toMatchObject({ ok: true });
  });

  it('hints at a key as the reference implementation does', () => {
    expect(keyHint(foreignKey())).toBe('e8450dec4eb99dae995da9af1bc2cc9f76ed669ee2e744f57abba763df3e3f8e');
  });

  it('signs so that others can check it', () => {
    const { dsseEnvelope } = JSON.parse(Buffer.from(bundle).toString()) as Bundle;
    const payload = Buffer.from(dsseEnvelope.payload, 'base64');
    const signed = Buffer.concat([
      Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `),
      payload,
    ]);
    const signature = Buffer.from(dsseEnvelope.signatures[0]?.sig ?? '', 'base64');
    expect(verify('sha256', signed, createPublicKey(publicKeyPem(own)), signature)).toBe(true);
  });

  it('gives one content one signature', () => {
    expect(signModel('analog', FILES.toReversed(), derivePublicationKey(seed), did)).toEqual(bundle);
  });

  it('knows the files again', () => {
    const signed = verifyBundle(bundle, own);
    expect(signed.ok && signed.value.files.map(({ path }) => path)).toEqual([
      'config.json',
      'model.safetensors',
      'scripts/train.py',
    ]);
    if (!signed.ok) return;
    expect(compareFiles(signed.value, FILES.slice(1), { unsigned: [] })).toMatchObject({
      reason: 'file-missing',
    });
    const changed = [file('model.safetensors', 'v'), ...FILES.slice(1)];
    expect(compareFiles(signed.value, changed, { unsigned: [] })).toMatchObject({ reason: 'file-differs' });
  });

  const cases: readonly (readonly [reason: string, what: string, bytes: Uint8Array])[] = [
    ['signature-malformed', 'nothing', new Uint8Array()],
    ['signature-malformed', 'a text', utf8('model')],
    [
      'signature-malformed',
      'another bundle',
      edited((b) => {
        b.mediaType = 'application/json';
      }),
    ],
    [
      'signature-malformed',
      'two signatures',
      edited((b) => {
        b.dsseEnvelope.signatures.push({ sig: '' });
      }),
    ],
    [
      'signature-malformed',
      'no base64',
      edited((b) => {
        b.dsseEnvelope.payload = '***';
      }),
    ],
    [
      'signature-malformed',
      'base64 whose unused bits are not zero',
      edited((b) => {
        b.dsseEnvelope.payload = 'e31='; // `e30=` is `{}`
      }),
    ],
    [
      'signature-malformed',
      'another payload type',
      edited((b) => {
        b.dsseEnvelope.payloadType = 'text/plain';
      }),
    ],
    [
      'signature-unsupported',
      'a certificate',
      edited((b) => {
        b.verificationMaterial = { x509CertificateChain: {} };
      }),
    ],
    [
      'key-differs',
      'a hint at another key',
      edited((b) => {
        b.verificationMaterial['publicKey'] = { hint: '0'.repeat(64) };
      }),
    ],
    [
      'signature-wrong',
      'another statement',
      edited((b) => {
        b.dsseEnvelope.payload = Buffer.from('{}').toString('base64');
      }),
    ],
    [
      'signature-wrong',
      'no signature',
      edited((b) => {
        b.dsseEnvelope.signatures = [{ sig: '' }];
      }),
    ],
    [
      'signature-unsupported',
      'another predicate',
      restated((s) => {
        s.predicateType = 'https://slsa.dev/provenance/v1';
      }),
    ],
    [
      'signature-unsupported',
      'shards',
      restated((s) => {
        s.predicate.serialization['method'] = 'shards';
      }),
    ],
    [
      'statement-inconsistent',
      'another digest of the whole',
      restated((s) => {
        for (const each of s.subject) each.digest.sha256 = '0'.repeat(64);
      }),
    ],
    [
      'statement-inconsistent',
      'a file twice',
      restated((s) => {
        for (const each of s.predicate.resources) each.name = 'a';
      }),
    ],
  ];
  it.each(cases)('refuses: %s (%s)', (reason, _what, bytes) => {
    expect(verifyBundle(bytes, own)).toMatchObject({ ok: false, reason });
  });

  it('takes a bundle without a hint at its word and its signature', () => {
    const unhinted = edited((b) => {
      b.verificationMaterial['publicKey'] = {};
    });
    expect(verifyBundle(unhinted, own)).toMatchObject({ ok: true });
    expect(verifyBundle(unhinted, foreignKey())).toMatchObject({ reason: 'signature-wrong' });
  });
});

describe('public keys', () => {
  it.each(['', 'x', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'])('refuses %j', (text) => {
    expect(parsePublicKeyPem(text)).toMatchObject({ ok: false, reason: 'key-invalid' });
  });

  it('writes the PEM that OpenSSL writes', () => {
    const pem = publicKeyPem(own);
    expect(createPublicKey(pem).export({ type: 'spki', format: 'pem' })).toBe(pem);
    expect(parsePublicKeyPem(pem)).toMatchObject({ ok: true, value: { spki: own.spki } });
  });
});

function resign(statement: Statement): Uint8Array {
  const payload = utf8(JSON.stringify(statement));
  return edited((b) => {
    b.dsseEnvelope.payload = Buffer.from(payload).toString('base64');
    const signature = signAsPublisher(derivePublicationKey(seed), preAuthEncoding(payload));
    b.dsseEnvelope.signatures = [{ sig: Buffer.from(signature).toString('base64') }];
  });
}
