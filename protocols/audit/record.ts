import type { MessageId } from '../base/ids.ts';
import { isPlainObject, type Plain, type PlainObject } from '../base/plain.ts';
import { documentName } from '../codec/cid.ts';
import { encode } from '../codec/codec.ts';
import { doesCount, type FederationRecord, recordDigest } from '../record/index.ts';
import type { AuditCase } from './case.ts';
import type { AuditCode, CheckName } from './codes.ts';
import { type Difference, differences } from './difference.ts';
import { unconsented } from './federation.ts';
import type { Place } from './report.ts';
import type { ListedRecord } from './source.ts';

/** Lists of the record whose entries are messages. */
const LISTS = new Set(['frontierReleases', 'analogReleases', 'findings', 'verdicts', 'statements']);

/** Compares the record that a source states with the one that its messages give. spec 16-audit §2.11 */
export function judgeRecord(
  audit: AuditCase,
  derived: FederationRecord,
  listed: ListedRecord,
  isComplete: boolean,
): void {
  const { findings } = audit;
  const { record: claimed, digest } = listed;
  if (!isPlainObject(claimed)) {
    findings.add('record', 'record-unreadable', 'What the source gives as its record is none.');
    return;
  }
  const name = documentName(encode(claimed), audit.opening.sha256);
  if (digest !== null && digest !== name) {
    const detail = `The source calls its record ${digest}; the record it gives is ${name}.`;
    findings.add('record', 'digest-wrong', detail, { id: name });
  }
  const expected = recordDigest(derived);
  if (expected === name) {
    findings.holds('record');
    return;
  }
  if (!isComplete) {
    const detail = 'The record cannot be derived: not all messages that it rests on could be read.';
    findings.add('record', 'absent', detail);
    return;
  }
  const found = differences(derived as unknown as PlainObject, claimed);
  const places = found.length === 1 ? 'one place' : `${found.length} places`;
  findings.add(
    'record',
    'record-wrong',
    `The record is not what the messages give: it differs in ${places}. They give ${expected}.`,
    { id: name },
  );
  for (const difference of found) tell(audit, difference, derived);
}

function tell(audit: AuditCase, difference: Difference, derived: FederationRecord): void {
  const { check, code, detail, place } = meaningOf(audit, difference, derived);
  audit.findings.add(check, code, detail, place);
}

interface Meaning {
  readonly check: CheckName;
  readonly code: AuditCode;
  readonly detail: string;
  readonly place: Place;
}

/** What a difference comes to, in the words of the check that it fails. */
function meaningOf(audit: AuditCase, difference: Difference, derived: FederationRecord): Meaning {
  const { path, derived: ours, claimed: theirs } = difference;
  const [section = '', ...rest] = path;
  const last = path.at(-1) ?? '';
  const place = { id: path.join('.') };
  const says = `${path.join('.')}: the source says ${textOf(theirs)}, the messages give ${textOf(ours)}`;
  if (section === 'charter' || section === 'proposals') return charterMeaning(difference, derived, says);
  const list = path.at(-2) ?? '';
  if (LISTS.has(list) && (ours === null) !== (theirs === null))
    return entryMeaning(audit, last, theirs !== null);
  if ((last === 'ratification' || last === 'card') && typeof theirs === 'string')
    return entryMeaning(audit, theirs, true);
  if (section === 'forks' || path.includes('stop')) {
    const code = ours === null ? 'fork-unproven' : 'fork-hidden';
    return { check: 'forks', code, detail: `${says}.`, place };
  }
  if (path.includes('established') || path.includes('witnessed'))
    return { check: 'times', code: 'time-wrong', detail: `${says}.`, place };
  if (section === 'findings' && rest.length > 0)
    return { check: 'verdicts', code: 'verdict-wrong', detail: `${says}.`, place };
  return { check: 'record', code: 'record-wrong', detail: `${says}.`, place };
}

/** A message that the record counts and should not, or the reverse. */
function entryMeaning({ fold }: AuditCase, id: string, isClaimed: boolean): Meaning {
  const place = { id };
  const status = fold.statusOf(id as MessageId);
  if (!isClaimed) {
    const detail = 'The record leaves out a message that counts.';
    return { check: 'authority', code: 'message-left-out', detail, place };
  }
  if (status === null) {
    const detail = 'The record rests on a message that the source does not show.';
    return { check: 'authority', code: 'message-missing', detail, place };
  }
  if (doesCount(status)) {
    const detail = 'The record gives a message a place that it does not have.';
    return { check: 'record', code: 'record-wrong', detail, place };
  }
  const detail = `The record counts a message that is ${status.status} (${status.reason}).`;
  return { check: 'authority', code: 'void-counted', detail, place };
}

/** spec 16-audit §2.5 */
function charterMeaning({ path, claimed }: Difference, derived: FederationRecord, says: string): Meaning {
  const place = { id: path.join('.') };
  const version = versionOf(claimed);
  if (path[1] === 'history' && path.length === 3 && version > derived.charter.version) {
    const pending = derived.proposals.filter((each) => each.version === version);
    const best = pending.sort((a, b) => b.consents.length - a.consents.length)[0];
    const detail = unconsented(version, best);
    return { check: 'charter', code: 'charter-unconsented', detail, place };
  }
  return { check: 'charter', code: 'charter-wrong', detail: `${says}.`, place };
}

/** Of an entry of the charter's history; -1 for what is none. */
function versionOf(entry: Plain): number {
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) return -1;
  const { version } = entry as PlainObject;
  return typeof version === 'number' ? version : -1;
}

const TEXT_LIMIT = 120;

function textOf(value: Plain): string {
  if (value === null) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= TEXT_LIMIT ? text : `${text.slice(0, TEXT_LIMIT - 1)}…`;
}
