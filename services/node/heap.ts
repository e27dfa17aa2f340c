import { setFlagsFromString } from 'node:v8';

/**
 * Lets the heap of this process grow by twice what lives in it before all of it is collected. Messages pass through memory
 * outside the heap that V8 counts against its limit, which it keeps close to what lives: a node that served a peer looked
 * through its whole heap for every ten megabytes sent, at a third of its processor time. Three fifths instead of twice
 * spare a fresh node 30 MB and cost it a twentieth of its processor time (all measured, Node 24).
 */
export function letHeapGrow(): void {
  setFlagsFromString('--heap-growing-percent=200');
}
