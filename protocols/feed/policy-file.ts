import { accept, type Result, refuse } from '../base/result.ts';
import type { WitnessGroup, WitnessPolicy } from './witness-policy.ts';

export interface PolicyLog {
  readonly vkey: string;
  readonly url: string | null;
}

export interface PolicyWitness {
  /** In the policy; of no meaning outside it. */
  readonly name: string;
  readonly vkey: string;
  readonly url: string | null;
}

/** A policy with the keys of those it names: all that a stranger needs to check a proof offline. */
export interface WitnessPolicyFile extends WitnessPolicy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
}

/** spec 14-witnesses §5.6: lines of a policy file, above what a charter of 1,024 members can name. */
const POLICY_LINES_LIMIT = 8_192;

/** The policy as a C2SP tlog-policy file. spec 14-witnesses §5.5 */
export function formatWitnessPolicy({ logs, witnesses, groups, quorum }: WitnessPolicyFile): string {
  const lines = [
    ...logs.map(({ vkey, url }) => words('log', vkey, url)),
    ...witnesses.map(({ name, vkey, url }) => words('witness', name, vkey, url)),
    ...groups.map(({ name, threshold, members }) => words('group', name, String(threshold), ...members)),
    words('quorum', quorum ?? 'none'),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

export type PolicyRefusal = 'policy-malformed';

/** Reads a C2SP tlog-policy file. Says nothing about its keys: `parseVkey` does. spec 14-witnesses §5.6 */
export function parseWitnessPolicy(text: string): Result<WitnessPolicyFile, PolicyRefusal> {
  const logs: PolicyLog[] = [];
  const witnesses: PolicyWitness[] = [];
  const groups: WitnessGroup[] = [];
  const named = new Set<string>();
  const grouped = new Set<string>();
  let quorum: string | null | undefined;
  const lines = text.split('\n');
  if (lines.length > POLICY_LINES_LIMIT) return malformed('it has too many lines');
  for (const line of lines) {
    const [keyword, ...rest] = line.split(/[ \t]+/).filter((word) => word !== '');
    if (keyword === undefined || keyword.startsWith('#')) continue;
    const [first, second] = rest;
    if (keyword === 'log' && first !== undefined && rest.length <= 2) {
      if (logs.some(({ vkey }) => keyOf(vkey) === keyOf(first))) return malformed('a log is listed twice');
      logs.push({ vkey: first, url: second ?? null });
    } else if (keyword === 'witness' && first !== undefined && second !== undefined && rest.length <= 3) {
      if (!isNew(first, named)) return malformed(`a second ${first}`);
      if (witnesses.some(({ vkey }) => keyOf(vkey) === keyOf(second)))
        return malformed('a witness is listed twice');
      named.add(first);
      witnesses.push({ name: first, vkey: second, url: rest[2] ?? null });
    } else if (keyword === 'group' && first !== undefined && second !== undefined) {
      const members = rest.slice(2);
      const threshold = thresholdOf(second, members.length);
      if (!isNew(first, named)) return malformed(`a second ${first}`);
      if (threshold === null) return malformed(`the threshold of ${first} is not within its members`);
      for (const member of members) {
        if (!named.has(member)) return malformed(`${first} names ${member}, which no line before it defines`);
        if (grouped.has(member)) return malformed(`${member} is in two groups`);
        grouped.add(member);
      }
      named.add(first);
      groups.push({ name: first, threshold, members });
    } else if (keyword === 'quorum' && first !== undefined && rest.length === 1) {
      if (quorum !== undefined) return malformed('a second quorum');
      if (first !== 'none' && !named.has(first)) return malformed(`the quorum ${first} is not defined`);
      quorum = first === 'none' ? null : first;
    } else {
      return malformed('a line that is no log, witness, group or quorum');
    }
  }
  if (quorum === undefined) return malformed('it has no quorum');
  return accept({ logs, witnesses, groups, quorum });
}

function thresholdOf(word: string, members: number): number | null {
  const threshold =
    word === 'all' ? members : word === 'any' ? 1 : /^[1-9][0-9]{0,4}$/.test(word) ? Number(word) : 0;
  return threshold >= 1 && threshold <= members ? threshold : null;
}

/** Two vkeys are one key where the key material after the last `+` is the same, whatever their names. */
function keyOf(vkey: string): string {
  return vkey.slice(vkey.lastIndexOf('+') + 1);
}

function isNew(name: string, named: ReadonlySet<string>): boolean {
  return name !== 'none' && !named.has(name);
}

function words(...all: readonly (string | null)[]): string {
  return all.filter((word) => word !== null).join(' ');
}

function malformed(detail: string): Result<never, PolicyRefusal> {
  return refuse('policy-malformed', detail);
}
