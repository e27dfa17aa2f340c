import { z } from 'zod';
import { fromUtf8, toHex, utf8 } from '../../../protocols/base/bytes.ts';
import { derivePublicationKey, publicKeys } from '../../../protocols/identity/derive.ts';
import {
  compareFiles,
  keyHint,
  parsePublicKeyPem,
  signModel,
  verifyBundle,
} from '../../../protocols/provenance/index.ts';
import { judgeRelease, parseModelCard, releasePolicy } from '../../../protocols/release/index.ts';
import { bytes, count, type Operations, operation } from './operation.ts';

const text = z.string();
const files = z.array(z.object({ path: text, sha256: text }));

/** Model cards, what a release must hold, and its signature: 17-releases. */
export function releaseOperations(): Operations {
  return {
    'model-card.read': operation(z.object({ card: text }), ({ card }) => {
      const parsed = parseModelCard(card);
      if (!parsed.ok) return { refused: parsed.reason };
      const licence = parsed.value.metadata.license ?? [];
      return {
        licences: typeof licence === 'string' ? [licence] : licence,
        headings: parsed.value.sections.map(({ heading }) => heading),
      };
    }),
    'release.judge': operation(
      z.object({
        policy: releasePolicy,
        files: z.array(text),
        card: text.nullable(),
        data: text.nullable(),
        parameters: count.nullable(),
        frontierParameters: count.nullable(),
        licence: text.nullable(),
      }),
      ({ policy, parameters, data, ...given }) => {
        const requirements = judgeRelease(
          {
            ...given,
            filled: new Set(given.files),
            dataDescription: data,
            model:
              parameters === null
                ? { ok: false, reason: 'pickle', detail: '' }
                : { ok: true, parameters, modelType: '' },
            weights: parameters === null ? 'unread' : 'finite',
          },
          policy,
        );
        return {
          unmet: requirements.flatMap((each) =>
            each.state === 'met' ? [] : [{ clause: each.clause, state: each.state, code: each.code }],
          ),
        };
      },
    ),
    'publication-key.read': operation(z.object({ pem: text }), ({ pem }) => {
      const key = parsePublicKeyPem(pem);
      if (!key.ok) return { refused: key.reason };
      return { spki: toHex(key.value.spki), hint: keyHint(key.value) };
    }),
    'model-signature.sign': operation(z.object({ seed: bytes, name: text, files }), (input) => {
      const { publication } = publicKeys(input.seed);
      const bundle = signModel(input.name, input.files, derivePublicationKey(input.seed), publication);
      return { bundle: fromUtf8(bundle) };
    }),
    'model-signature.verify': operation(
      z.object({ bundle: text, pem: text, files, unsigned: z.array(text) }),
      (input) => {
        const key = parsePublicKeyPem(input.pem);
        if (!key.ok) return { refused: key.reason };
        const signed = verifyBundle(utf8(input.bundle), key.value);
        const same = signed.ok ? compareFiles(signed.value, input.files, input) : signed;
        return same.ok ? { name: same.value.name } : { refused: same.reason };
      },
    ),
  };
}
