import { toHex } from '../../../protocols/base/bytes.ts';
import type { FederationId } from '../../../protocols/base/ids.ts';
import { isPlainObject, type Plain } from '../../../protocols/base/plain.ts';
import { fromBase64, toBase64 } from '../../../protocols/codec/base64.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import {
  type DisclosingMessage,
  openSealed,
  openWithheld,
  valueAt,
  withheldFields,
  withhold,
} from '../../../protocols/disclosure/index.ts';
import { deriveKey, publicKeys } from '../../../protocols/identity/derive.ts';
import { isWithheld, type SealedCopy } from '../../../protocols/kinds/index.ts';
import { charterOf } from '../federation.ts';
import { mutateBytes, mutateData } from '../mutations.ts';
import { frontierNotice } from '../oversight/model-case.ts';
import { pickBelow } from '../seed.ts';
import { type FuzzTarget, must, mustBe, oneOf, type Random } from './target.ts';

const seed = new Uint8Array(32).fill(41);
const reader = { to: publicKeys(seed).sealing, secret: deriveKey(seed, 'sealing') };
const FIELDS = ['/model/parameters', '/training', '/scale', '/summary'] as const;

interface Sealed {
  readonly message: DisclosingMessage;
  readonly field: string;
  readonly value: Plain;
  readonly copies: readonly SealedCopy[];
}

function seal(field: string): Sealed {
  const draft = {
    federation: charterOf().id,
    author: publicKeys(seed).signing as DisclosingMessage['author'],
    kind: 'frontier-release/1',
    body: frontierNotice(),
  };
  const draw = { ephemeralSecret: new Uint8Array(32).fill(42), nonce: new Uint8Array(24).fill(43) };
  const salt = new Uint8Array(32).fill(44);
  const plan = { field, reason: 'trade-secret', retainedUntil: '2036-12-31', salt } as const;
  const done = withhold(draft, { ...plan, readers: [{ to: reader.to, ...draw }] });
  if (!done.ok) throw new TypeError(done.detail);
  const there = valueAt(done.value.body, field);
  const copies = isWithheld(there) ? (there.withheld.sealed ?? []) : [];
  return { message: { ...draft, body: done.value.body }, field, value: done.value.opening.value, copies };
}
const SEALED = FIELDS.map(seal);

/** The message, the copy or the place, changed. */
function changed(sealed: Sealed, random: Random): Sealed {
  const { message, copies } = sealed;
  switch (pickBelow(random, 4)) {
    case 0: {
      const body = mutateData(message.body, random);
      return isPlainObject(body) ? { ...sealed, message: { ...message, body } } : sealed;
    }
    case 1: {
      const part = oneOf(['ephemeral', 'nonce', 'box'] as const, random);
      const turn = (copy: SealedCopy) => ({
        ...copy,
        [part]: toBase64(mutateBytes(fromBase64(copy[part]) ?? new Uint8Array(), random)),
      });
      return { ...sealed, copies: copies.map(turn) };
    }
    case 2:
      return { ...sealed, field: oneOf(FIELDS, random) };
    default: {
      const name = oneOf(['federation', 'author', 'kind'] as const, random);
      return { ...sealed, message: { ...message, [name]: `${message[name]}x` as FederationId } };
    }
  }
}

export const DISCLOSURE_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  'sealed-fields': {
    drives: [
      'protocols/disclosure/open-withheld.ts#openSealed',
      'protocols/disclosure/open-withheld.ts#openWithheld',
      'protocols/disclosure/sealed-copy.ts#openCopy',
    ],
    accepts: true,
    run: (random) => {
      const sealed = changed(oneOf(SEALED, random), random);
      must(withheldFields(sealed.message.body).length <= 4, 'fields that nobody withheld');
      const opened = openSealed(sealed.message, sealed.field, sealed.copies, reader);
      if (!opened.ok) return false;
      // what opens is what was sealed, in the place where it was
      const original = SEALED.find(({ field }) => field === sealed.field);
      mustBe(toHex(encode(opened.value.value)), toHex(encode(original?.value)), 'an opening');
      must(openWithheld(sealed.message, sealed.field, opened.value).ok, 'an opening that does not open');
      return true;
    },
  },
};
