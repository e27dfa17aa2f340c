import type { FederationId } from '../base/ids.ts';
import { isPlainObject } from '../base/plain.ts';
import { type Charter, readGenesis } from '../charter/index.ts';
import { documentName } from '../codec/cid.ts';
import { encode } from '../codec/codec.ts';
import type { FederationRecord } from '../record/index.ts';
import type { AuditCase } from './case.ts';
import type { Findings } from './report.ts';
import type { AuditSource } from './source.ts';

/** The first charter, and what the source says came after it. */
export interface ClaimedCharters {
  readonly genesis: Charter;
  readonly later: readonly unknown[];
}

/** Null where there is nothing to audit. spec 16-audit §2.1 */
export async function settleFederation(
  source: AuditSource,
  anchor: FederationId | null,
  findings: Findings,
): Promise<ClaimedCharters | null> {
  const served = await source.charters();
  if (!served.ok) {
    const code = served.reason === 'not-offered' ? 'absent' : served.reason;
    findings.add('federation', code, `The federation's first charter cannot be had: ${served.detail}.`);
    return null;
  }
  const [first, ...later] = served.value;
  const genesis = readGenesis(first);
  if (!genesis.ok) {
    const detail = `The first charter that the source gives is refused: ${genesis.detail}.`;
    findings.add('federation', 'charter-invalid', detail);
    return null;
  }
  const { id } = genesis.value;
  if (anchor !== null && anchor !== id) {
    const detail = `The source speaks of the federation ${id}, not of the one asked for.`;
    findings.add('federation', 'federation-wrong', detail, { id });
    return null;
  }
  findings.holds('federation');
  return { genesis: genesis.value, later };
}

/** Versions in force, each by the consents that the messages hold. spec 16-audit §2.5 */
export function judgeCharters(
  { findings, fold }: AuditCase,
  { later }: ClaimedCharters,
  { charter, proposals }: FederationRecord,
): void {
  const charters = fold.charters();
  findings.holds('charter', charters.length);
  for (const [i, value] of later.entries()) {
    const version = i + 1;
    const derived = charters[version];
    // what it says need not be judged: its name tells whether it is the one in force
    if (isPlainObject(value) && documentName(encode(value)) === derived?.id) continue;
    if (derived !== undefined) {
      const detail = `Version ${version} of the charter is not the one that the members have consented to.`;
      findings.add('charter', 'charter-wrong', detail, { id: derived.id });
      continue;
    }
    const best = proposals
      .filter((each) => each.version === version)
      .sort((a, b) => b.consents.length - a.consents.length)[0];
    findings.add('charter', 'charter-unconsented', unconsented(version, best));
  }
  if (charter.version > 0)
    findings.notes.push(
      `The charter has been amended ${charter.version === 1 ? 'once' : `${charter.version} times`}.`,
    );
  for (const { version, consents, needed } of proposals)
    findings.notes.push(
      `A proposal for version ${version} of the charter has ${consents.length} of ${needed} consents.`,
    );
}

/** Why a version is not in force. */
export function unconsented(
  version: number,
  best: FederationRecord['proposals'][number] | undefined,
): string {
  const consents =
    best === undefined
      ? 'no proposal for it could pass'
      : `${best.consents.length} of the ${best.needed} consents that it needs are there`;
  return `Version ${version} of the charter is not in force: ${consents}.`;
}
