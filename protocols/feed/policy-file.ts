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
    ...logs.map(({ vkey, url }) => spaced('log', vkey, url)),
    ...witnesses.map(({ name, vkey, url }) => spaced('witness', name, vkey, url)),
    ...groups.map(({ name, threshold, members }) => spaced('group', name, String(threshold), ...members)),
    spaced('quorum', quorum ?? 'none'),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

export type PolicyRefusal = 'policy-malformed';

/** Reads a C2SP tlog-policy file. Says nothing about its keys: `parseVkey` does. spec 14-witnesses §5.6 */
export function parseWitnessPolicy(text: string): Result<WitnessPolicyFile, PolicyRefusal> {
  const lines = text.split('\n');
  if (lines.length > POLICY_LINES_LIMIT) return malformed('it has too many lines');
  const policy = new PolicyReader();
  for (const line of lines) {
    const [keyword, ...words] = line.split(/[ \t]+/).filter((word) => word !== '');
    if (keyword === undefined || keyword.startsWith('#')) continue;
    const fault = policy.read(keyword, words);
    if (fault !== null) return malformed(fault);
  }
  return policy.end();
}

/** Takes a policy line by line; each method gives what is wrong with its line, or null. */
class PolicyReader {
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  readonly #groups: WitnessGroup[] = [];
  /** Witnesses and groups so far. */
  readonly #named = new Set<string>();
  /** Those that a group has. */
  readonly #grouped = new Set<string>();
  #quorum: string | null | undefined;

  read(keyword: string, words: readonly string[]): string | null {
    const [first, second, ...more] = words;
    if (first === undefined) return 'a line without a name';
    if (keyword === 'log' && words.length <= 2) return this.#log(first, second ?? null);
    if (keyword === 'quorum' && words.length === 1) return this.#setQuorum(first);
    if (second === undefined) return 'a line that is no log, witness, group or quorum';
    if (keyword === 'witness' && words.length <= 3) return this.#witness(first, second, more[0] ?? null);
    return keyword === 'group'
      ? this.#group(first, second, more)
      : 'a line that is no log, witness, group or quorum';
  }

  #log(vkey: string, url: string | null): string | null {
    if (this.#logs.some((each) => keyOf(each.vkey) === keyOf(vkey))) return 'a log is listed twice';
    this.#logs.push({ vkey, url });
    return null;
  }

  #witness(name: string, vkey: string, url: string | null): string | null {
    if (this.#witnesses.some((each) => keyOf(each.vkey) === keyOf(vkey))) return 'a witness is listed twice';
    this.#witnesses.push({ name, vkey, url });
    return this.#define(name);
  }

  #group(name: string, word: string, members: readonly string[]): string | null {
    const threshold = thresholdOf(word, members.length);
    if (threshold === null) return `the threshold of ${name} is not within its members`;
    for (const member of members) {
      if (!this.#named.has(member)) return `${name} names ${member}, which no line before it defines`;
      if (this.#grouped.has(member)) return `${member} is in two groups`;
      this.#grouped.add(member);
    }
    this.#groups.push({ name, threshold, members });
    return this.#define(name);
  }

  #define(name: string): string | null {
    if (name === 'none' || this.#named.has(name)) return `${name} is taken`;
    this.#named.add(name);
    return null;
  }

  #setQuorum(name: string): string | null {
    if (this.#quorum !== undefined) return 'a second quorum';
    if (name !== 'none' && !this.#named.has(name)) return `the quorum ${name} is not defined`;
    this.#quorum = name === 'none' ? null : name;
    return null;
  }

  end(): Result<WitnessPolicyFile, PolicyRefusal> {
    if (this.#quorum === undefined) return malformed('it has no quorum');
    return accept({
      logs: this.#logs,
      witnesses: this.#witnesses,
      groups: this.#groups,
      quorum: this.#quorum,
    });
  }
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

function spaced(...all: readonly (string | null)[]): string {
  return all.filter((word) => word !== null).join(' ');
}

function malformed(detail: string): Result<never, PolicyRefusal> {
  return refuse('policy-malformed', detail);
}
