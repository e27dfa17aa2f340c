import type { FederationId } from '../../protocols/base/ids.ts';
import { accept, type Result, refuse } from '../../protocols/base/result.ts';
import { open } from '../../protocols/message/index.ts';
import { contextOf } from '../support/federation.ts';
import type { NodeProcess } from './node-process.ts';
import type { Fork } from './world.ts';

/** What catching up may take at most (`npm run bench:feeds`); the faults that cost a disk make a node catch up. */
export const MEMORY_LIMIT_BYTES = 600 * 1_048_576;

/** Every honest node says who lied and where, says it of nobody else, and hands out the proof. @throws Error */
export async function checkForks(
  nodes: readonly NodeProcess[],
  forks: readonly Fork[],
  federation: FederationId,
): Promise<void> {
  const made = forks.map(({ author, sequence }) => `${author} at ${sequence}`).sort();
  for (const node of nodes) {
    const record = await node.record();
    const told = record.forks.map(({ key, at }) => `${key} at ${at}`).sort();
    if (told.join() !== made.join())
      throw new Error(`${node.name} says that [${told.join(', ')}] forked; it was [${made.join(', ')}]`);
    const broken = record.members.find(({ feed }) => feed.stop !== null && feed.stop.reason !== 'fork');
    if (broken !== undefined) throw new Error(`${node.name} says that the feed of ${broken.name} is broken`);
    for (const fork of forks) {
      const proof = await checkProof(node, fork, federation);
      if (!proof.ok) throw new Error(`${node.name} has no proof against ${fork.author}: ${proof.detail}`);
    }
  }
}

/** Two messages that the author signed, at one sequence: anyone can check them without the node. */
async function checkProof(node: NodeProcess, fork: Fork, federation: FederationId): Promise<Result<null>> {
  for (const id of fork.messages) {
    const wire = await node.wire(id);
    if (wire === null) return refuse('missing', id);
    const opened = open(wire, contextOf(federation));
    if (!opened.ok) return opened;
    if (opened.value.author !== fork.author || opened.value.sequence !== fork.sequence)
      return refuse('another-place', id);
  }
  return accept(null);
}

/** @returns the most that any node was seen to hold, in bytes */
export async function checkMemory(nodes: readonly NodeProcess[]): Promise<number> {
  const peaks = await Promise.all(nodes.map((node) => node.peakMemoryBytes()));
  const most = Math.max(...peaks);
  if (most > MEMORY_LIMIT_BYTES) throw new Error(`a node held ${megabytes(most)} MB`);
  return most;
}

export function megabytes(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
