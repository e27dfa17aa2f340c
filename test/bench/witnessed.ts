import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeClient } from '../../services/cli/node-client.ts';
import { readHome } from '../../services/node/home.ts';
import { type RunningNode, startNode } from '../../services/node/index.ts';
import { CHARTER_POLICY } from '../support/federation.ts';
import { foundHomes } from '../support/homes.ts';
import { frontierBody } from '../support/samples.ts';
import { until } from '../support/until.ts';
import { quantile } from './quantile.ts';

const MESSAGES = 60;
const WARM_UP = 5;
const EVENT = 'message.established';

export interface WitnessedFigures {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly messages: number;
}

/**
 * From the moment at which an author hands a message to its node until that node knows its established time, in ms:
 * append, submission to three witnesses of whom all three must cosign, their own publications, and the record. Four real
 * nodes on loopback over libp2p, in this one process; one message at a time, each after the one before is witnessed.
 */
export async function measureWitnessed(messages = MESSAGES): Promise<WitnessedFigures> {
  const stop = new AbortController();
  const folder = await mkdtemp(join(tmpdir(), 'oversight-bench-'));
  const nodes: RunningNode[] = [];
  try {
    const witnesses = ['example-academy', 'example-regulator', 'example-observer'] as const;
    const homes = await foundHomes(
      folder,
      [{ name: 'example-lab' }, ...witnesses.map((name) => ({ name, witness: true }))],
      {
        ...CHARTER_POLICY,
        witness: {
          outside: [],
          groups: [{ name: 'all', threshold: 3, members: [...witnesses] }],
          quorum: 'all',
        },
      },
    );
    for (const home of Object.values(homes))
      nodes.push(await startNode(home, { version: '0.0.0', signal: stop.signal, report: () => {} }));
    await until(() =>
      nodes.every((node) => node.status().ownFeed.state === 'confirmed' && node.status().messages >= 8),
    );
    const [lab] = nodes as [RunningNode, ...RunningNode[]];
    const { token } = await readHome(homes['example-lab'] as string);
    const samples = await measure(lab, token, messages + WARM_UP, stop.signal);
    const kept = samples.slice(WARM_UP);
    return { p50Ms: quantile(kept, 0.5), p95Ms: quantile(kept, 0.95), messages: kept.length };
  } finally {
    stop.abort();
    for (const node of nodes) await node[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  lab: RunningNode,
  token: string,
  count: number,
  signal: AbortSignal,
): Promise<number[]> {
  const client = new NodeClient(lab.url, { signal });
  const established = new Map<string, number>();
  const waiting = new Map<string, () => void>();
  const response = await fetch(`${lab.url}/events?type=${EVENT}&after=${lab.status().lastEvent}`, { signal });
  const reading = (async () => {
    let text = '';
    for await (const part of response.body ?? []) {
      text += Buffer.from(part).toString('utf8');
      const frames = text.split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames) {
        const data = /^data: (.*)$/m.exec(frame)?.[1];
        if (data === undefined) continue;
        const { subject } = JSON.parse(data) as { readonly subject: string };
        established.set(subject, performance.now());
        waiting.get(subject)?.();
      }
    }
  })().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  const samples: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    const { id } = await client.publish('frontier-release/1', frontierBody(`model-${i}`), token);
    if (!established.has(id)) await new Promise<void>((resolve) => waiting.set(id, resolve));
    samples.push((established.get(id) as number) - start);
  }
  void reading;
  return samples;
}

if (import.meta.main) {
  const figures = await measureWitnessed();
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
}
