import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { PlainObject } from '../../protocols/base/plain.ts';
import type { ContentReference } from '../../protocols/kinds/index.ts';
import { recordAnswer, statusAnswer } from '../../services/cli/answers.ts';
import { NodeClient } from '../../services/cli/node-client.ts';
import { reportAnswer } from '../../services/cli/oversight-answers.ts';
import { waitFor } from './wait.ts';

const CLI = fileURLToPath(new URL(`../../services/cli/main${extname(import.meta.url)}`, import.meta.url));
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

const running = z.looseObject({ pid: z.int(), gateway: z.url(), libp2p: z.array(z.string()) });
const execute = promisify(execFile);

/** Runs one `oversight` command as a user would. @returns what it printed */
export async function oversight(args: readonly string[], signal: AbortSignal): Promise<string> {
  const { stdout } = await execute(process.execPath, [CLI, ...args], { signal });
  return stdout;
}

/** One node: a home directory and, while it runs, a process of its own. */
export class DemoNode {
  readonly name: string;
  readonly home: string;
  readonly #signal: AbortSignal;
  #process: ChildProcess | null = null;
  #running: z.infer<typeof running> | null = null;
  #token = '';

  constructor(name: string, home: string, signal: AbortSignal) {
    this.name = name;
    this.home = home;
    this.#signal = signal;
  }

  get url(): string {
    if (this.#running === null) throw new Error(`${this.name} does not run`);
    return this.#running.gateway;
  }

  /** Multiaddrs of its libp2p host. */
  get addresses(): readonly string[] {
    return this.#running?.libp2p ?? [];
  }

  get client(): NodeClient {
    return new NodeClient(this.url, { signal: this.#signal });
  }

  /** `oversight up`, until its gateway answers. */
  async start(): Promise<void> {
    await using log: FileHandle = await open(join(this.home, 'node.log'), 'a');
    const child = spawn(process.execPath, [CLI, 'up', '--home', this.home], {
      stdio: ['ignore', log.fd, log.fd],
    });
    this.#process = child;
    this.#running = await waitFor(`${this.name} is up`, () => this.#readRunning(child), {
      signal: this.#signal,
      timeoutMs: START_TIMEOUT_MS,
    });
    this.#token = (await readFile(join(this.home, 'token'), 'utf8')).trim();
  }

  async #readRunning(child: ChildProcess): Promise<z.infer<typeof running> | null> {
    if (child.exitCode !== null) {
      const log = await readFile(join(this.home, 'node.log'), 'utf8');
      throw new Error(`${this.name} ended at its start: ${log.trim().split('\n').at(-1) ?? ''}`);
    }
    const text = await readFile(join(this.home, 'node.json'), 'utf8').catch(() => null); // not written yet
    if (text === null) return null;
    const entry = running.parse(JSON.parse(text));
    return entry.pid === child.pid ? entry : null; // else what a killed one left behind
  }

  status() {
    return this.client.get('/status', statusAnswer);
  }

  /** The record and its digest, of one moment. */
  async record() {
    const { value, tag } = await this.client.getWithTag('/record', recordAnswer);
    return { record: value, digest: tag };
  }

  /** How a model stands now, clause by clause. */
  report(frontier: string) {
    return this.client.get(`/oversight/${frontier}`, reportAnswer);
  }

  /** @param body as the kind's schema says; the node checks it */
  async publish(kind: string, body: object): Promise<string> {
    return (await this.client.publish(kind, body as PlainObject, this.#token)).id;
  }

  async add(directory: string): Promise<ContentReference> {
    const { cid, profile, sizeBytes } = await this.client.addContent(directory, this.#token);
    return { cid, profile, sizeBytes };
  }

  /** Fetches a checkpoint and promises to keep it. @param until milliseconds since 1970 */
  async pin(cid: string, until: number): Promise<string> {
    return this.client.pin({ cid, until }, this.#token, () => undefined);
  }

  /** SIGKILL: no chance to save anything. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM, and SIGKILL for one that does not end in time. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(how: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#process;
    this.#process = null;
    this.#running = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(how);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }
}
