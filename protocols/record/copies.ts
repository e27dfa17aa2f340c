/** How long a check tells that a copy is there. spec 19-pins §3.2 */
const FRESH_MS = 30 * 86_400_000;

/** `shown`: it answered those who asked. `failed`: it did not. `promised`: nobody has asked of late. */
export type CopyState = 'shown' | 'promised' | 'failed';

/** A checkpoint in the keeping of one member, whose promise is in force. */
export interface Copy {
  readonly member: string;
  readonly organisation: string;
  readonly until: number;
  readonly state: CopyState;
  /** Whether its keeper is of the organisation that released the checkpoint. */
  readonly isOwn: boolean;
}

export interface Copies {
  readonly copies: readonly Copy[];
  /** Organisations with a promise in force. */
  readonly promised: number;
  /** Organisations with a copy that is shown. */
  readonly shown: number;
  /** Of those, other than the one that released it. */
  readonly independent: number;
}

/** The parts of a record that tell of copies. */
interface CopySource {
  readonly members: readonly {
    readonly key: string;
    readonly organisation: string;
    readonly former: readonly { readonly key: string }[];
  }[];
  readonly formerMembers: readonly {
    readonly organisation: string;
    readonly former: readonly { readonly key: string }[];
  }[];
  readonly pins: readonly Pin[];
}

interface Pin {
  readonly checkpoint: string;
  readonly member: string;
  readonly organisation: string;
  readonly until: number;
  readonly checks: readonly Check[];
}

interface Check {
  readonly organisation: string;
  readonly established: number | null;
  readonly at: number;
  readonly fault: string | null;
}

/**
 * The copies of a released checkpoint that members promise and show, at a date. spec 19-pins §3
 * @param atMs milliseconds since 1970
 */
export function copiesOf(
  record: CopySource,
  release: { readonly author: string; readonly checkpoint: string },
  atMs: number,
): Copies {
  const releaser = organisationOf(record, release.author);
  const copies = record.pins
    // spec 19-pins §3.1
    .filter(({ checkpoint, until }) => checkpoint === release.checkpoint && atMs < until)
    .map(({ member, organisation, until, checks }): Copy => {
      return { member, organisation, until, state: stateOf(checks, atMs), isOwn: organisation === releaser };
    });
  const shown = copies.filter(({ state }) => state === 'shown');
  return {
    copies,
    promised: organisationsOf(copies),
    shown: organisationsOf(shown),
    independent: organisationsOf(shown.filter(({ isOwn }) => !isOwn)),
  };
}

/** spec 19-pins §3.2, §3.3 */
function stateOf(checks: readonly Check[], atMs: number): CopyState {
  const votes = new Map<string, { readonly seenMs: number; readonly passed: boolean }>();
  for (const check of checks) {
    const seenMs = seenAt(check);
    if (seenMs > atMs || seenMs < atMs - FRESH_MS) continue;
    const passed = check.fault === null;
    const vote = votes.get(check.organisation);
    const isLater = vote === undefined || seenMs > vote.seenMs || (seenMs === vote.seenMs && !passed);
    if (isLater) votes.set(check.organisation, { seenMs, passed });
  }
  if (votes.size === 0) return 'promised';
  const passed = [...votes.values()].filter((vote) => vote.passed).length;
  return passed > votes.size - passed ? 'shown' : 'failed';
}

/** Nobody can have seen later what witnesses knew by then. spec 19-pins §3.2 */
function seenAt({ at, established }: Check): number {
  return established === null ? at : Math.min(at, established);
}

function organisationsOf(copies: readonly Copy[]): number {
  return new Set(copies.map(({ organisation }) => organisation)).size;
}

/** Null for a key that no entry has. */
function organisationOf({ members, formerMembers }: CopySource, key: string): string | null {
  const isOf = (former: readonly { readonly key: string }[]) => former.some((each) => each.key === key);
  const member = members.find((each) => each.key === key || isOf(each.former));
  return member?.organisation ?? formerMembers.find(({ former }) => isOf(former))?.organisation ?? null;
}
