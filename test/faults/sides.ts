import type { Draw } from './draw.ts';
import type { NodeProcess } from './node-process.ts';

/** The side of a partition that loses NATS: some nodes with libp2p, never all of them. */
export function otherSide(nodes: readonly NodeProcess[], draw: Draw): string[] {
  const dialling = draw.shuffled(nodes.filter(({ libp2p }) => libp2p !== null));
  return dialling.slice(0, draw.between(1, dialling.length - 1)).map(({ name }) => name);
}
