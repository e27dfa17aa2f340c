import { utf8 } from '../../../protocols/base/bytes.ts';
import { derivePublicationKey, publicKeys } from '../../../protocols/identity/derive.ts';
import {
  compareFiles,
  type PublicationKey,
  parsePublicKeyPem,
  publicationKeyOf,
  publicKeyPem,
  signModel,
  verifyBundle,
} from '../../../protocols/provenance/index.ts';
import { judgeRelease, parseModelCard } from '../../../protocols/release/index.ts';
import { mutateBytes, mutateText } from '../mutations.ts';
import { RELEASE_POLICY } from '../release-policy.ts';
import { type FuzzTarget, must } from './target.ts';

const SEED = new Uint8Array(32).fill(9);
const DID = publicKeys(SEED).publication;
const KEY = publicationKeyOf(DID) as PublicationKey;
const FILES = ['config.json', 'model.safetensors', 'scripts/train.py'].map((path, i) => ({
  path,
  sha256: `${i}`.repeat(64),
}));
const BUNDLE = signModel('analog', FILES, derivePublicationKey(SEED), DID);
const PEM = publicKeyPem(KEY);
const CARD =
  '---\nlicense: apache-2.0\ntags: [a, &x b, *x]\nbase_model: big\n---\n# A\n## Training\ntext\n```\n## no\n```\n';

export const RELEASE_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  'model-signatures': {
    drives: ['protocols/provenance/oms.ts#verifyBundle'],
    accepts: true,
    run: (random) => {
      const bytes = random() < 0.1 ? BUNDLE : mutateBytes(BUNDLE, random);
      const signed = verifyBundle(bytes, KEY);
      if (!signed.ok) return false;
      must(compareFiles(signed.value, FILES, { unsigned: [] }).ok, 'a statement that nobody signed');
      return true;
    },
  },
  'public-keys': {
    drives: ['protocols/provenance/publication-key.ts#parsePublicKeyPem'],
    accepts: true,
    run: (random) => {
      const key = parsePublicKeyPem(mutateText(PEM, random));
      if (!key.ok) return false;
      const again = parsePublicKeyPem(publicKeyPem(key.value));
      must(again.ok && !key.value.verify(new Uint8Array(), utf8('x')), 'a key that does not stand');
      return true;
    },
  },
  'model-cards': {
    drives: ['protocols/release/model-card.ts#parseModelCard'],
    accepts: true,
    run: (random) => {
      const text = mutateText(CARD.replace('&x b, *x', 'b'), random);
      const judged = judgeRelease(
        {
          filled: new Set(),
          card: text,
          dataDescription: text,
          model: { ok: true, parameters: 1, modelType: 'llama' },
          licence: null,
          frontierParameters: null,
          weights: 'unread',
        },
        RELEASE_POLICY,
      );
      must(judged.length === 9, 'a requirement that was not judged');
      return parseModelCard(text).ok;
    },
  },
};
