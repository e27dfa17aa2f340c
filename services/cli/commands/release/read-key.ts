import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { OversightError } from '../../../../protocols/base/errors.ts';
import {
  type PublicationKey,
  parsePublicKeyPem,
  publicationKeyOf,
} from '../../../../protocols/provenance/index.ts';

/** A did:key, or a file of a public key in PEM. @throws OversightError `argument-invalid` */
export async function readKey(text: string): Promise<PublicationKey> {
  if (text.startsWith('did:key:')) {
    const key = publicationKeyOf(text);
    if (key === null) throw new OversightError('argument-invalid', `${text} is no key of P-256`);
    return key;
  }
  const parsed = parsePublicKeyPem(await readFile(text, 'utf8'));
  if (!parsed.ok) throw new OversightError('argument-invalid', `${basename(text)}: ${parsed.detail}`);
  return parsed.value;
}
