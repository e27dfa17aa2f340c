import {
  DISCOUNT_SENTENCES,
  REASON_SENTENCES,
  STANDING_SENTENCES,
  sentenceOf,
} from '../../../protocols/record/index.ts';
import type { FindingEntry } from '../answers.ts';
import { clean, fields, wrap } from '../terminal.ts';
import { claimSentence, countTables } from './counts.ts';
import { knownBy } from './time.ts';

/** @param nameOf a member's name by its key */
export function findingView(finding: FindingEntry, nameOf: (key: string) => string): string {
  const sources = [
    { name: 'claimed', counts: finding.claim.counts, estimates: finding.claim.estimates },
    ...finding.verdicts.map(({ verifier, counts, estimates }) => ({
      name: nameOf(verifier),
      counts,
      estimates,
    })),
  ];
  return [
    wrap(clean(finding.title)),
    fields([
      ['standing', finding.standing],
      ['author', nameOf(finding.author)],
      ['witnesses', knownBy(finding.established)],
      ['finding', finding.id],
      ['target', finding.target],
      ['intervention', finding.intervention ?? 'none: it measures fidelity'],
      ['suite', finding.suite],
    ]),
    '',
    wrap(`Claim: ${clean(claimSentence(finding.claim))}.`),
    '',
    countTables(finding.claim, sources),
    '',
    wrap(sentenceOf(STANDING_SENTENCES, finding.standing)),
    ...finding.reasons.map((code) => reasonLine(code)),
    ...finding.verdicts.flatMap((verdict) => [
      '',
      `${nameOf(verdict.verifier)}: ${verdict.outcome}`,
      ...(verdict.discount === null ? [] : [wrap(sentenceOf(DISCOUNT_SENTENCES, verdict.discount), '  ')]),
      ...verdict.reasons.map((code) => reasonLine(code)),
      `  verdict  ${verdict.id}`,
      `  ${knownBy(verdict.established)}`,
    ]),
  ].join('\n');
}

/** `  effect-reproduced` and what it means. */
export function reasonLine(code: string, detail: string | null = null): string {
  const text = `${clean(code)}: ${sentenceOf(REASON_SENTENCES, code)}`;
  return wrap(detail === null ? text : `${text} (${clean(detail)})`, '  ');
}
