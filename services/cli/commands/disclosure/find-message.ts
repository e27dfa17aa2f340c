import { z } from 'zod';
import { OversightError } from '../../../../protocols/base/errors.ts';
import type { FederationId } from '../../../../protocols/base/ids.ts';
import { fromBase64 } from '../../../../protocols/codec/base64.ts';
import { checkBody, disclosureBody, type SealedCopy } from '../../../../protocols/kinds/index.ts';
import { type Message, open } from '../../../../protocols/message/index.ts';
import { messageAnswer } from '../../answers.ts';
import type { NodeClient } from '../../node-client.ts';

const entry = z.looseObject({ id: z.string() });
/** Messages of which fields can be withheld, and disclosures. */
const saidAnswer = z.looseObject({
  frontierReleases: z.array(entry),
  analogReleases: z.array(entry),
  statements: z.array(entry.extend({ kind: z.string(), body: z.unknown() })),
});

export interface FoundMessage {
  readonly message: Message;
  /** Of a field, the copies that later disclosures hold. */
  readonly laterCopies: (field: string) => readonly SealedCopy[];
}

/**
 * The message whose id ends so, with its signature verified here, so that what opens is what its author has signed.
 * @param federation as the reader's own home has it
 * @throws OversightError `not-found`, `argument-invalid`, `message-refused`
 */
export async function findMessage(
  client: NodeClient,
  end: string,
  federation: FederationId,
): Promise<FoundMessage> {
  const { frontierReleases, analogReleases, statements } = await client.get('/record', saidAnswer);
  const ids = [...frontierReleases, ...analogReleases, ...statements].map(({ id }) => id);
  const found = ids.filter((id) => id.endsWith(end.replace(/^…/, '')));
  const [id] = found;
  if (id === undefined) throw new OversightError('not-found', `no release or statement ends in “${end}”`);
  if (found.length > 1)
    throw new OversightError('argument-invalid', `${found.length} messages end in “${end}”; name one`);
  const { wire } = await client.get(`/messages/${id}`, messageAnswer);
  const { nativeEd25519 } = await import('../../../node/index.ts');
  const opened = open(fromBase64(wire) ?? new Uint8Array(), {
    federation,
    ed25519: nativeEd25519(),
    checkBody,
  });
  if (!opened.ok || opened.value.id !== id)
    throw new OversightError('message-refused', opened.ok ? 'the node gave another message' : opened.detail);
  return {
    message: opened.value,
    laterCopies: (field) =>
      statements
        .filter(({ kind }) => kind === 'disclosure/1')
        .flatMap(({ body }) => {
          const said = disclosureBody.safeParse(body);
          if (!said.success || said.data.message !== id) return [];
          return said.data.fields.flatMap((each) =>
            each.field === field && Array.isArray(each['sealed']) ? (each['sealed'] as SealedCopy[]) : [],
          );
        }),
  };
}
