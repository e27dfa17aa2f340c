import { setFlagsFromString } from 'node:v8';

/** Garbage that a worker may hold: what V8 itself starts from, and an eighth of the job's memory where that is less. */
const HELD_MIB = 256;
const HELD_SHARE = 1 / 8;

/**
 * Arguments of Node for a worker. V8 lowers its first limit to the few MiB of objects that a worker has, counts activations
 * against it, and goes through everything for every few of them: a quarter of the CPU time of the demo's first finding.
 */
export function collectorArguments(memoryBytes: number): readonly string[] {
  const mebibytes = Math.min(HELD_MIB, Math.floor((HELD_SHARE * memoryBytes) / 2 ** 20));
  return [`--initial-old-space-size=${mebibytes}`];
}

/** In the worker: activations count against that limit, not against one of their own. An engine without it says so and goes on. */
export function countActivationsAsHeap(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
}
