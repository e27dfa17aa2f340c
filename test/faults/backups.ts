import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { homePaths } from '../../services/node/home.ts';
import type { NodeProcess } from './node-process.ts';

/** Copies of ledgers, as an operator keeps them: made and put back while the node does not run. */
export class Backups {
  readonly #folder: string;
  readonly #madeInRound = new Map<NodeProcess, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async save(node: NodeProcess, round: number): Promise<void> {
    const target = join(this.#folder, node.name);
    await rm(target, { recursive: true, force: true });
    await mkdir(target, { recursive: true });
    for (const file of await ledgerFiles(node)) await cp(join(node.home, file), join(target, file));
    this.#madeInRound.set(node, round);
  }

  /** The round of this node's backup; null when there is none. */
  roundOf(node: NodeProcess): number | null {
    return this.#madeInRound.get(node) ?? null;
  }

  async restore(node: NodeProcess): Promise<void> {
    const source = join(this.#folder, node.name);
    await removeLedger(node);
    for (const file of await readdir(source)) await cp(join(source, file), join(node.home, file));
  }
}

/** The cure of a ledger that cannot be read, and what a lost disk leaves: the seed alone. */
export async function removeLedger(node: NodeProcess): Promise<void> {
  for (const file of await ledgerFiles(node)) await rm(join(node.home, file));
}

/** The database with its write-ahead log. */
async function ledgerFiles({ home }: NodeProcess): Promise<string[]> {
  const name = homePaths(home).ledger.slice(home.length + 1);
  return (await readdir(home)).filter((file) => file === name || file.startsWith(`${name}-`));
}
