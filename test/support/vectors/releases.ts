import { readFileSync } from 'node:fs';
import { fromUtf8, toHex, utf8 } from '../../../protocols/base/bytes.ts';
import { derivePublicationKey, publicKeys } from '../../../protocols/identity/derive.ts';
import {
  type PublicationKey,
  publicationKeyOf,
  publicKeyPem,
  signModel,
} from '../../../protocols/provenance/index.ts';
import { preAuthEncoding } from '../../../protocols/provenance/oms-format.ts';
import { signAsPublisher } from '../../../protocols/provenance/publication-key.ts';
import { releaseOperations } from '../../../services/cli/conformance/reference-releases.ts';
import { seedOf } from '../federation.ts';
import { RELEASE_POLICY } from '../release-policy.ts';
import { DATA_DESCRIPTION, MODEL_CARD } from '../release-texts.ts';
import { type Input, judged } from './judged.ts';

const ANSWERS = releaseOperations();

const CARDS: Readonly<Record<string, string>> = {
  whole: MODEL_CARD,
  'windows-line-ends': MODEL_CARD.replaceAll('\n', '\r\n'),
  'two-licences': MODEL_CARD.replace('apache-2.0', '[apache-2.0, mit]'),
  'no-licence': MODEL_CARD.replace('license: apache-2.0\n', ''),
  'a-heading-in-a-code-block': MODEL_CARD.replace('## Training', '```\n## Training\n```\n## Training'),
  'a-heading-closed-by-marks': MODEL_CARD.replace('## Architecture', '### Architecture ###'),
  'a-field-more': MODEL_CARD.replace('tags:', 'eval_results: {a: 1}\ntags:'),
  empty: '',
  'no-metadata': MODEL_CARD.slice(MODEL_CARD.indexOf('# ')),
  'metadata-without-an-end': MODEL_CARD.slice(0, 30),
  'metadata-after-a-line': `\n${MODEL_CARD}`,
  'no-yaml': MODEL_CARD.replace('[analog]', '['),
  'a-list': '---\n- license\n---\n',
  'one-name-twice': MODEL_CARD.replace('tags: [analog]', 'license: mit'),
  'an-alias': MODEL_CARD.replace('[analog]', '[&a analog, *a]'),
  'a-licence-that-is-no-text': MODEL_CARD.replace('apache-2.0', '{id: mit}'),
};

const WHOLE = {
  files: ['README.md', 'DATA.md', 'LICENSE', 'scripts/train.py'],
  card: MODEL_CARD,
  data: DATA_DESCRIPTION,
  parameters: 8_000_000_000,
  frontierParameters: 400_000_000_000,
  licence: null,
};
const lacking = (path: string) => ({ ...WHOLE, files: WHOLE.files.filter((each) => each !== path) });
const carded = (from: string, to: string) => ({ ...WHOLE, card: MODEL_CARD.replace(from, to) });
const RELEASES: Readonly<Record<string, Input>> = {
  whole: WHOLE,
  nothing: { ...WHOLE, files: [], card: null, data: null, parameters: null },
  'no-metadata': { ...WHOLE, card: MODEL_CARD.slice(MODEL_CARD.indexOf('# ')) },
  'headings-in-other-words': carded('## Intended use', '#### Direct Use #'),
  'a-placeholder-under-a-heading': carded('Distilled.', '[More Information Needed]'),
  'a-comment-under-a-heading': carded('Distilled.', '<!-- say how -->'),
  'text-after-a-comment': carded('Distilled.', '<!-- say how --> so'),
  'data-without-limits': { ...WHOLE, data: DATA_DESCRIPTION.replace('## Known limits', '') },
  'no-scripts': lacking('scripts/train.py'),
  'no-licence': carded('license: apache-2.0', 'language: en'),
  'a-licence-unknown': carded('apache-2.0', 'my-own'),
  'a-licence-not-permitted': carded('apache-2.0', 'gpl-3.0'),
  'another-licence-in-the-release': { ...WHOLE, licence: 'MIT' },
  'two-licences-in-the-card': carded('apache-2.0', '[apache-2.0, mit]'),
  'the-licence-in-the-release-alone': { ...carded('license: apache-2.0\n', ''), licence: 'MIT' },
  'no-licence-file': lacking('LICENSE'),
  'a-licence-file-in-other-letters': { ...WHOLE, files: ['licence.md', 'scripts/a'] },
  'the-smallest': { ...WHOLE, parameters: 2_000_000_000 },
  'one-below': { ...WHOLE, parameters: 1_999_999_999 },
  'the-largest': { ...WHOLE, parameters: 20_000_000_000 },
  'one-above': { ...WHOLE, parameters: 20_000_000_001 },
  'a-window-that-ends-between-two': { ...WHOLE, parameters: 1, frontierParameters: 201 },
  'a-frontier-unknown': { ...WHOLE, frontierParameters: null },
  'parts-that-nobody-asks-for': {
    ...WHOLE,
    files: [],
    card: null,
    data: null,
    licence: 'MIT',
    policy: { ...RELEASE_POLICY, parts: [] },
  },
};

const SEED = seedOf('example-lab');
const KEY = publicationKeyOf(publicKeys(SEED).publication) as PublicationKey;
const OTHER = publicationKeyOf(publicKeys(seedOf('example-regulator')).publication) as PublicationKey;
const FILES = ['config.json', 'model.safetensors', 'scripts/train.py'].map((path, i) => ({
  path,
  sha256: `${i}`.repeat(64),
}));
const BUNDLE = sign('analog', FILES);
/** Of the reference implementation. */
const P384 = readFileSync(new URL('../../fixtures/model-signing/p384.pub.pem', import.meta.url), 'utf8');
const PEM = publicKeyPem(KEY);

const KEYS: Readonly<Record<string, string>> = {
  'p-256': PEM,
  'p-384': P384,
  'windows-line-ends': PEM.replaceAll('\n', '\r\n'),
  empty: '',
  'two-keys': PEM + P384,
  'a-private-key': PEM.replaceAll('PUBLIC', 'PRIVATE'),
  'another-curve': PEM.replace('AQcDQgAE', 'AQgDQgAE'),
  'no-point': PEM.replace(/.{4}\n-----END/, 'AAAA\n-----END'),
  shortened: PEM.replace(/.{4}\n-----END/, '\n-----END'),
  'no-base64': PEM.replace('MFkw', 'MFk*'),
};

interface Bundle {
  mediaType: string;
  verificationMaterial: Record<string, unknown>;
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string; keyid: string }[] };
}
interface Statement {
  _type: string;
  predicateType: string;
  subject: { name: string; digest: { sha256: string } }[];
  predicate: {
    serialization: Record<string, unknown>;
    resources: { name: string; algorithm: string; digest: string }[];
  };
}

function sign(name: string, files: typeof FILES): string {
  return fromUtf8(signModel(name, files, derivePublicationKey(SEED), publicKeys(SEED).publication));
}

function edited(edit: (bundle: Bundle) => void): Input {
  const json = JSON.parse(BUNDLE) as Bundle;
  edit(json);
  return checking(JSON.stringify(json));
}

/** Padded base64 with its unused bits not zero: many decoders give the same bytes for it. */
function respelled(text: string): string {
  return text.replace(/[AQgw](?===$)/, (zero) => String.fromCodePoint((zero.codePointAt(0) ?? 0) + 1));
}

/** The bundle with another statement, signed with the right key. */
function restated(edit: (statement: Statement) => void): Input {
  return edited(({ dsseEnvelope }) => {
    const statement = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString()) as Statement;
    edit(statement);
    const payload = utf8(JSON.stringify(statement));
    const sig = signAsPublisher(derivePublicationKey(SEED), preAuthEncoding(payload));
    dsseEnvelope.payload = Buffer.from(payload).toString('base64');
    dsseEnvelope.signatures = [{ sig: Buffer.from(sig).toString('base64'), keyid: '' }];
  });
}

function checking(bundle: string, change: Input = {}): Input {
  return { bundle, pem: PEM, files: FILES, unsigned: [], ...change };
}

const extra = { path: 'notes.txt', sha256: '9'.repeat(64) };
const [first, ...others] = FILES as [(typeof FILES)[number], ...typeof FILES];
const SIGNATURES: Readonly<Record<string, Input>> = {
  'as-signed': checking(BUNDLE),
  'in-another-order': checking(BUNDLE, { files: FILES.toReversed() }),
  'a-file-that-need-not-be-signed': checking(BUNDLE, { files: [...FILES, extra], unsigned: ['notes.txt'] }),
  'no-hint': edited((b) => {
    b.verificationMaterial['publicKey'] = {};
  }),
  empty: checking(''),
  'no-json': checking(BUNDLE.slice(1)),
  'another-media-type': edited((b) => {
    b.mediaType = 'application/vnd.dev.sigstore.bundle.v0.2+json';
  }),
  'two-signatures': edited(({ dsseEnvelope: { signatures } }) => {
    signatures.push(...signatures);
  }),
  'no-base64': edited((b) => {
    b.dsseEnvelope.payload = '***';
  }),
  'base64-of-another-spelling': edited(({ dsseEnvelope }) => {
    dsseEnvelope.payload = respelled(dsseEnvelope.payload);
  }),
  'signature-of-another-spelling': edited(({ dsseEnvelope: { signatures } }) => {
    signatures.forEach((one) => {
      one.sig = respelled(one.sig);
    });
  }),
  'another-payload-type': edited((b) => {
    b.dsseEnvelope.payloadType = 'application/json';
  }),
  'a-certificate': edited((b) => {
    b.verificationMaterial = { certificate: { rawBytes: 'AA==' } };
  }),
  'another-predicate': restated((s) => {
    s.predicateType = 'https://slsa.dev/provenance/v1';
  }),
  shards: restated((s) => {
    s.predicate.serialization['method'] = 'shards';
  }),
  'another-digest': restated((s) => {
    for (const each of s.predicate.resources) each.algorithm = 'blake2b';
  }),
  'a-hint-at-another-key': checking(BUNDLE, { pem: publicKeyPem(OTHER) }),
  'another-statement': edited((b) => {
    b.dsseEnvelope.payload = Buffer.from('{}').toString('base64');
  }),
  'the-signature-shortened': edited((b) => {
    for (const each of b.dsseEnvelope.signatures) each.sig = each.sig.slice(4);
  }),
  'another-digest-of-the-whole': restated((s) => {
    for (const { digest } of s.subject) digest.sha256 = '0'.repeat(64);
  }),
  'a-file-twice': restated((s) => {
    for (const each of s.predicate.resources) each.name = 'a';
  }),
  'a-file-changed': checking(BUNDLE, { files: [{ ...first, sha256: 'f'.repeat(64) }, ...others] }),
  'a-file-gone': checking(BUNDLE, { files: others }),
  'a-file-more': checking(BUNDLE, { files: [...FILES, extra] }),
};

const under = (name: string, inputs: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(inputs).map(([id, value]) => [id, { [name]: value }]));

export function buildReleases() {
  const cards = judged(ANSWERS, 'model-card.read', under('card', CARDS));
  const keys = judged(ANSWERS, 'publication-key.read', under('pem', KEYS));
  const signatures = judged(ANSWERS, 'model-signature.verify', SIGNATURES);
  const seed = toHex(SEED);
  return {
    policy: RELEASE_POLICY,
    cards: cards.accepted,
    cardsRefused: cards.refused,
    judged: Object.entries(RELEASES).map(([id, release]) => ({
      id,
      ...release,
      ...(ANSWERS['release.judge']?.({ policy: RELEASE_POLICY, ...release }) as object),
    })),
    keys: keys.accepted,
    keysRefused: keys.refused,
    signed: [
      { id: 'three-files', seed, name: 'analog', files: FILES, bundle: BUNDLE },
      { id: 'in-another-order', seed, name: 'analog', files: FILES.toReversed(), bundle: BUNDLE },
      {
        id: 'a-name-in-another-script',
        seed,
        name: 'аналог “1”',
        files: [{ ...first, path: 'données/train é.py' }],
        bundle: sign('аналог “1”', [{ ...first, path: 'données/train é.py' }]),
      },
    ],
    verified: signatures.accepted,
    refused: signatures.refused,
  };
}
