import { setTimeout as delay } from 'node:timers/promises';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { accept, type Result, refuse } from '../../../protocols/base/result.ts';
import type { PinFault } from '../../../protocols/kinds/index.ts';
import { drawLeaves } from '../../../protocols/pins/index.ts';
import { type BlockSource, SourceError, type SourceFaultCode } from '../fetch/block-source.ts';
import { ContentRefused, type FetchRefusal } from '../fetch/outline.ts';
import { within } from '../wait.ts';
import { NumberedLeaves } from './numbered-leaves.ts';

/** spec 19-pins §2.5: a leaf of 1 MiB in this time is 1.7 Mbit/s; below that a model of 60 GB takes three days. */
const DEADLINE_MS = 5_000;
/** Of a whole check: one that gives each of thousands of nodes at the last moment must not hold the asker for hours. */
const CHECK_DEADLINE_MS = 600_000;
const BUSY_TRIES = 3;
const BUSY_WAIT_MS = 500;

export interface ChallengeOptions {
  readonly signal: AbortSignal;
  /** 32 random bytes that nobody has seen. */
  readonly seed: Uint8Array;
  /** Leaves to ask for; all where there are fewer. */
  readonly sample: number;
  readonly deadlineMs?: number;
}

/** spec 19-pins §2.6 */
export interface Answered {
  /** Of the checkpoint; null where the answer ended before that was known. */
  readonly leaves: number | null;
  readonly asked: number;
  readonly answered: number;
  readonly fault: PinFault | null;
}

/**
 * Asks a keeper for random leaves of a checkpoint, each in its time and each hashed. spec 19-pins §2
 * @returns a refusal where the content itself is no checkpoint, for which no keeper is to blame
 * @throws OversightError `cancelled`
 */
export async function challenge(
  keeper: BlockSource,
  checkpoint: ContentId,
  { signal, seed, sample, deadlineMs = DEADLINE_MS }: ChallengeOptions,
): Promise<Result<Answered, FetchRefusal>> {
  const endMs = performance.now() + CHECK_DEADLINE_MS;
  const ask = (cid: ContentId) =>
    askFor(keeper, cid, Math.max(0, Math.min(deadlineMs, endMs - performance.now())), signal);
  let leaves: NumberedLeaves | null = null;
  let answered = 0;
  try {
    leaves = await NumberedLeaves.of(checkpoint, ask);
    const asked = Math.min(sample, leaves.count);
    for (const number of drawLeaves(seed, leaves.count, asked)) {
      await ask(await leaves.at(number));
      answered++;
    }
    return accept({ leaves: leaves.count, asked, answered, fault: null });
  } catch (error) {
    if (error instanceof ContentRefused) return refuse(error.reason, error.message);
    if (!(error instanceof Unanswered)) throw error;
    const count = leaves?.count ?? null;
    return accept({ leaves: count, asked: Math.min(sample, count ?? sample), answered, fault: error.fault });
  }
}

/** Ends a check; `challenge` turns it into its result. */
class Unanswered extends Error {
  readonly fault: PinFault;

  constructor(fault: PinFault) {
    super(fault);
    this.name = 'Unanswered';
    this.fault = fault;
  }
}

const FAULTS: Readonly<Record<SourceFaultCode, PinFault>> = {
  'block-wrong': 'wrong',
  'answer-invalid': 'wrong',
  stalled: 'late',
  busy: 'late',
  closed: 'unreachable',
};

/** One block, in whole and in time. @throws Unanswered; OversightError `cancelled` */
async function askFor(
  keeper: BlockSource,
  cid: ContentId,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const answer = await within(deadlineMs, signal, async (inner) => {
    for (let tries = 1; ; tries++) {
      try {
        for await (const block of keeper.blocks([cid], { signal: inner })) return block.bytes;
        return null;
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        if (error.code !== 'busy' || tries === BUSY_TRIES) throw new Unanswered(FAULTS[error.code]);
        await delay(BUSY_WAIT_MS, undefined, { signal: inner });
      }
    }
  });
  if (answer === 'timed-out') throw new Unanswered('late');
  if (answer === null) throw new Unanswered('absent');
  return answer;
}
