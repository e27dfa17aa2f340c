import type { CharterDocument, OversightPolicy } from '../kinds/index.ts';

/**
 * Where a charter decides nothing: what arXiv 2510.14053 §3 asks, and no phase, so that nothing is owed. Thresholds are
 * those of laws in force; a federation that binds anyone names its own. spec 18-oversight §1.2
 */
export const DEFAULT_OVERSIGHT_POLICY: OversightPolicy = {
  thresholds: [
    {
      measure: 'operations',
      least: { significand: 1, exponent: 26 },
      source: 'California SB 53, section 22757.11; New York RAISE Act, section 1420',
      since: '2023-10-30',
    },
  ],
  ratioPpm: { from: 5_000, to: 50_000 },
  window: { fromMonths: 1, toMonths: 3, utcOffsetMinutes: 0 },
  extensionMonths: 3,
  parts: [
    'model-card',
    'data-description',
    'scripts',
    'licence-file',
    'security-evaluation',
    'compliance-report',
  ],
  licences: [
    'Apache-2.0',
    'MIT',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'ISC',
    '0BSD',
    'CC0-1.0',
    'CC-BY-4.0',
    'Unlicense',
  ],
  restrictions: ['no-unlawful-use', 'no-weapons', 'no-surveillance-of-persons'],
  evaluation: { risks: ['capability-extraction', 'jailbreak-training', 'other-misuse'] },
  copies: 2,
  reportDays: 30,
  auditMonths: 12,
  phases: [],
  jurisdictions: [],
};

/** The policy of one version of a charter. */
export function oversightPolicyOf({ policy }: Pick<CharterDocument, 'policy'>): OversightPolicy {
  return policy.oversight ?? DEFAULT_OVERSIGHT_POLICY;
}
