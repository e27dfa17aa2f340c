/** A group holds when at least `threshold` of its members do. Members are witnesses, or groups listed before it. */
export interface WitnessGroup {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly string[];
}

/** Who must have cosigned. Witnesses and groups share one namespace. spec 14-witnesses §5 */
export interface WitnessPolicy {
  readonly groups: readonly WitnessGroup[];
  /** A group or a witness; null asks for no witness, and then nothing is ever witnessed. */
  readonly quorum: string | null;
}

/**
 * The earliest time at which the policy held, given when each witness first did; null while it does not. In the unit of
 * `timeOf`. spec 14-witnesses §5.3
 */
export function quorumTime(policy: WitnessPolicy, timeOf: (witness: string) => number | null): number | null {
  if (policy.quorum === null) return null;
  const times = new Map<string, number | null>();
  const timeOfName = (name: string) => (times.has(name) ? (times.get(name) ?? null) : timeOf(name));
  // groups name only what stands before them, so one pass is enough and none can be circular
  for (const { name, threshold, members } of policy.groups) {
    const held = [...new Set(members)].map(timeOfName).filter((time) => time !== null);
    times.set(name, held.sort((a, b) => a - b)[threshold - 1] ?? null);
  }
  return timeOfName(policy.quorum);
}
