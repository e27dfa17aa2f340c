import { z } from 'zod';
import { toHex } from '../../../protocols/base/bytes.ts';
import type { FederationId, MemberKey } from '../../../protocols/base/ids.ts';
import { isPlainObject, type Plain, type PlainObject } from '../../../protocols/base/plain.ts';
import { openSealed, openWithheld, withhold } from '../../../protocols/disclosure/index.ts';
import { sealedCopies, WITHHELD_REASONS } from '../../../protocols/kinds/index.ts';
import { bytes, type Operations, operation } from './operation.ts';

const message = z.object({
  federation: z.custom<FederationId>(),
  author: z.custom<MemberKey>(),
  kind: z.string(),
  body: z.custom<PlainObject>(isPlainObject),
});
const plan = z.object({
  field: z.string(),
  reason: z.enum(WITHHELD_REASONS),
  retainedUntil: z.string(),
  salt: bytes,
  readers: z.array(z.object({ to: z.string(), ephemeralSecret: bytes, nonce: bytes })),
});

/** 20-disclosure. */
export const DISCLOSURE_OPERATIONS: Operations = {
  'disclosure.withhold': operation(z.object({ draft: message, plan }), (asked) => {
    const done = withhold(asked.draft, asked.plan);
    if (!done.ok) return { refused: done.reason };
    return { body: done.value.body, commitment: done.value.commitment };
  }),
  'disclosure.open': operation(
    z.object({ message, field: z.string(), copies: sealedCopies, to: z.string(), secret: bytes }),
    (asked) => {
      const { to, secret } = asked;
      const opened = openSealed(asked.message, asked.field, asked.copies, { to, secret });
      if (!opened.ok) return { refused: opened.reason };
      return { salt: toHex(opened.value.salt), value: opened.value.value };
    },
  ),
  'disclosure.reveal': operation(
    z.object({ message, field: z.string(), salt: bytes, value: z.custom<Plain>() }),
    (asked) => {
      const opened = openWithheld(asked.message, asked.field, asked);
      return opened.ok ? { opens: true } : { refused: opened.reason };
    },
  ),
};
