import { sha256 } from '@noble/hashes/sha2.js';
import {
  AUDIT_CODES,
  type AuditReport,
  auditFederation,
  CHECK_WORDS,
  readBundleSource,
} from '../../../../protocols/audit/index.ts';
import type { FederationId } from '../../../../protocols/base/ids.ts';
import { CarFault } from '../../../../protocols/bundle/index.ts';
import { pureEd25519 } from '../../../../protocols/identity/ed25519.ts';
import { finish, refused } from './check-shown.ts';
import type { CheckResult } from './protocol.ts';

/** What a page takes in is in memory, and is less than this (dashboard/verify.js). */
const LIMIT_BYTES = 268_435_456;
const MESSAGES_LIMIT = 1_000_000;

/** Audits a bundle as `oversight audit` does: all that it claims is derived anew from its messages. spec 16-audit */
export async function checkBundle(bytes: Uint8Array, federation: FederationId): Promise<CheckResult> {
  try {
    const source = await readBundleSource(whole(bytes), { limitBytes: LIMIT_BYTES, sha256 });
    const report = await auditFederation(source, {
      federation,
      ed25519: pureEd25519,
      sha256,
      bounds: { messages: MESSAGES_LIMIT, bytes: LIMIT_BYTES },
      remembered: [],
      content: null,
    });
    return finish(linesOf(report));
  } catch (fault) {
    if (fault instanceof CarFault) return refused('bundle-broken', fault.message);
    throw fault;
  }
}

function linesOf({ checks, findings, notes }: AuditReport): Omit<CheckResult, 'state'> {
  const told = (severity: 'broken' | 'unchecked'): string[] => {
    const details = findings
      .filter(({ code }) => AUDIT_CODES[code] === severity)
      .map(({ code, detail }) => `${code}: ${detail}`);
    const more = checks.reduce((sum, each) => sum + each[severity], 0) - details.length;
    return more > 0 ? [...details, `and ${more} more of these`] : details;
  };
  return {
    checked: [
      ...checks
        .filter(({ state }) => state === 'holds')
        .map(({ check, held }) => `${check}: ${CHECK_WORDS[check].held} (${held})`),
      ...notes,
    ],
    unchecked: told('unchecked'),
    wrong: told('broken'),
  };
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
