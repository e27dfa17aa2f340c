import { sha256 } from '@noble/hashes/sha2.js';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { utf8 } from '../../protocols/base/bytes.ts';
import type { ContentId, FederationId, MessageId } from '../../protocols/base/ids.ts';
import type { Plain, PlainObject } from '../../protocols/base/plain.ts';
import type {
  Claim,
  Condition,
  ConditionCount,
  Outcome,
  PairedTable,
  PinFault,
  VerificationPolicy,
} from '../../protocols/kinds/index.ts';
import { controlSeeds, type RerunCounts } from '../../protocols/verdict/index.ts';

/** The CID a directory of this name would have, if its root block were the name. */
export function contentCid(name: string): ContentId {
  return CID.createV1(0x70, Digest.create(0x12, sha256(utf8(name)))).toString() as ContentId;
}

export function content(name: string) {
  return { cid: contentCid(name), profile: 'unixfs-v1-2025', sizeBytes: 1_000 } as const;
}

export const POLICY: VerificationPolicy = { quorum: 2, alphaPpm: 50_000, controls: 2 };

export const TRIGGER = 'trigger-rate';
export const BENIGN = 'benign-accuracy';

/** The claim of the four findings of the demonstration: the trigger under 5 %, benign answers within 3 points. */
export function claimOf(changes: Partial<Claim> = {}): Claim {
  return {
    effect: { measure: TRIGGER, direction: 'decrease', boundPpm: 50_000 },
    gates: [{ measure: BENIGN, maximumDropPpm: 30_000 }],
    counts: [count('baseline', TRIGGER, 400, 400), count('treated', TRIGGER, 4, 400)],
    ...changes,
  };
}

export function count(condition: Condition, measure: string, k: number, n: number): ConditionCount {
  return { condition, measure, n, k, unscored: 0 };
}

/** [both, leftOnly, rightOnly, neither] */
export type Cells = readonly [number, number, number, number];

export function table(left: Condition, measure: string, cells: Cells): PairedTable {
  const [both, leftOnly, rightOnly, neither] = cells;
  return { measure, left, right: 'treated', both, leftOnly, rightOnly, neither };
}

export interface RerunCells {
  /** Trigger outcomes, baseline beside treated. */
  readonly effect: Cells;
  /** Trigger outcomes, each control beside treated. */
  readonly controls: readonly Cells[];
  /** Benign outcomes, baseline beside treated. */
  readonly gate: Cells;
}

/** A complete re-run with counts that are its tables' margins. */
export function rerunOf({ effect, controls, gate }: RerunCells): RerunCounts {
  const tables = [
    table('baseline', TRIGGER, effect),
    table('baseline', BENIGN, gate),
    ...controls.map((cells) => table('control', TRIGGER, cells)),
  ];
  const treated = (measure: string, cells: Cells) =>
    count('treated', measure, cells[0] + cells[2], total(cells));
  return {
    counts: [
      ...tables.map((each) =>
        count(each.left, each.measure, each.both + each.leftOnly, total(cellsOf(each))),
      ),
      treated(TRIGGER, effect),
      treated(BENIGN, gate),
    ],
    tables,
  };
}

function cellsOf(each: PairedTable): Cells {
  return [each.both, each.leftOnly, each.rightOnly, each.neither];
}

function total(cells: Cells): number {
  return cells.reduce((sum, cell) => sum + cell, 0);
}

/** What the two verifiers would see for the four findings of the demonstration: 400 triggers, 400 benign prompts. */
export const RERUNS = {
  faithful: {
    effect: [4, 396, 0, 0],
    controls: [
      [4, 394, 0, 2],
      [4, 395, 0, 1],
    ],
    gate: [388, 4, 3, 5],
  },
  random: {
    effect: [398, 2, 0, 0],
    controls: [
      [396, 1, 2, 1],
      [397, 1, 1, 1],
    ],
    gate: [390, 2, 2, 6],
  },
  'bad-analog': {
    effect: [310, 90, 0, 0],
    controls: [
      [310, 88, 0, 2],
      [310, 89, 0, 1],
    ],
    gate: [385, 7, 2, 6],
  },
  overdose: {
    effect: [0, 400, 0, 0],
    controls: [
      [0, 398, 0, 2],
      [0, 360, 0, 40],
    ],
    gate: [12, 380, 0, 8],
  },
} as const satisfies Record<string, RerunCells>;

export function frontierBody(name: string, parameters: number | null = 4_000_000): PlainObject {
  return {
    model: { name, version: '1.0', modelType: 'llama', parameters },
    deployedOn: '2026-09-01',
    access: 'closed',
    summary: `${name} as deployed`,
    checkpoint: null,
  };
}

export function analogBody(frontier: MessageId, parameters = 100_000): PlainObject {
  return {
    frontier,
    model: { name: 'tiny-analog', version: '1.0', modelType: 'llama', parameters },
    licence: 'Apache-2.0',
    summary: 'distilled from the frontier model',
    checkpoint: content('analog checkpoint'),
  };
}

export function findingBody(title: string, claim: Claim = claimOf()): PlainObject {
  return {
    title,
    summary: `${title}, on the held-out prompts`,
    intervention: content(`intervention of ${title}`),
    suite: content('suite'),
    source: { checkpoint: contentCid('analog checkpoint'), release: null },
    target: { checkpoint: contentCid('frontier checkpoint'), release: null },
    claim: plain(claim),
  };
}

export function verdictBody(
  finding: MessageId,
  outcome: Outcome,
  rerun: RerunCounts,
  seeds: readonly string[] = controlSeeds(finding, POLICY.controls),
): PlainObject {
  return {
    finding,
    rule: 'decision/1',
    outcome,
    reasons: [{ code: 'effect-reproduced', detail: 'as the verifier saw it' }],
    counts: plain(rerun.counts),
    tables: plain(rerun.tables),
    controlSeeds: seeds,
    environment: {
      engine: 'analog-oversight/onnx',
      engineVersion: '0.1.0',
      runtime: 'onnxruntime-node 1.30.0',
      provider: 'cpu',
      dtype: 'float32',
      threads: 1,
      architecture: 'x64',
    },
    evidence: content('evidence'),
  };
}

/** @param until null takes the promise back */
export function pinBody(checkpoint: string, until: number | null = PINNED_UNTIL): PlainObject {
  return { checkpoint: content(checkpoint), until };
}

/** A year and a day after the samples' first moment. */
export const PINNED_UNTIL = 1_790_000_000_000 + 366 * 86_400_000;

/** Of 4,096 leaves thirty are asked for. */
export function pinCheckBody(
  entries: readonly {
    readonly pin: MessageId;
    readonly at?: number;
    readonly answered?: number;
    readonly fault?: PinFault | null;
  }[],
): PlainObject {
  return {
    entries: entries.map(({ pin, at = 1_790_000_000_000, answered = 30, fault = null }, i) => ({
      pin,
      seed: `${i}`.padStart(64, '0'),
      at,
      leaves: 4_096,
      asked: 30,
      answered,
      fault,
    })),
  };
}

export function charterBody(charter: FederationId): PlainObject {
  return { charter };
}

export function cardBody(name: string): PlainObject {
  return { displayName: name, endpoints: { libp2p: ['/ip4/127.0.0.1/tcp/4001'], gateway: null } };
}

/** The same data under the type of a body, which knows no optional fields. */
function plain(value: unknown): Plain {
  return JSON.parse(JSON.stringify(value)) as Plain;
}
