import { OversightError } from '../../../../protocols/base/errors.ts';
import { readInForce } from '../../charter-reading.ts';
import type { NodeClient } from '../../node-client.ts';

/** A member as one who opens sealed copies. */
export interface Reader {
  readonly name: string;
  /** did:key, X25519. */
  readonly sealing: string;
}

/** By the charter in force. @throws OversightError `not-found` */
export async function readReaders(
  client: NodeClient,
  wanted: readonly string[] | 'regulators',
): Promise<readonly Reader[]> {
  const { members } = (await readInForce(client)).document;
  if (wanted === 'regulators')
    return members.filter(({ roles }) => roles.includes('regulator')).map(readerOf);
  return [...new Set(wanted)].map((name) => {
    const found = members.find((member) => member.name === name);
    if (found === undefined) throw new OversightError('not-found', `the charter has no member ${name}`);
    return readerOf(found);
  });
}

function readerOf({
  name,
  keys,
}: {
  readonly name: string;
  readonly keys: { readonly sealing: string };
}): Reader {
  return { name, sealing: keys.sealing };
}
