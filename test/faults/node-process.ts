import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ErrorCode, OversightError } from '../../protocols/base/errors.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { recordAnswer, statusAnswer } from '../../services/cli/answers.ts';
import { NodeClient } from '../../services/cli/node-client.ts';

const CLI = fileURLToPath(new URL('../../services/cli/main.ts', import.meta.url));
const SKEWED_CLOCK = new URL('./skewed-clock.ts', import.meta.url).href;
const START_TIMEOUT_MS = 60_000;
/** SIGTERM is given this long; a node ends within its own deadlines. */
const STOP_TIMEOUT_MS = 20_000;
/** One answer of the gateway. */
const ANSWER_TIMEOUT_MS = 20_000;

export interface NodeAddresses {
  readonly name: string;
  readonly home: string;
  /** Of its gateway. */
  readonly url: string;
  /** Where its libp2p host listens, without a proxy between; null for one on NATS only. */
  readonly libp2p: string | null;
  readonly hearsNats: boolean;
  readonly token: string;
}

/** `oversight up` in a process of its own, and all that a fault run does to it. */
export class NodeProcess {
  readonly name: string;
  readonly home: string;
  readonly libp2p: string | null;
  readonly hearsNats: boolean;
  readonly #addresses: NodeAddresses;
  readonly #signal: AbortSignal;
  readonly #onSurprise: (what: string) => void;
  #child: ChildProcess | null = null;
  /** Those that were told to end. */
  readonly #dismissed = new WeakSet<ChildProcess>();
  #up = false;
  #peakBytes = 0;

  /** @param onSurprise told when the process ends by itself */
  constructor(addresses: NodeAddresses, signal: AbortSignal, onSurprise: (what: string) => void) {
    this.name = addresses.name;
    this.home = addresses.home;
    this.libp2p = addresses.libp2p;
    this.hearsNats = addresses.hearsNats;
    this.#addresses = addresses;
    this.#signal = signal;
    this.#onSurprise = onSurprise;
  }

  /** True while it answers. */
  get up(): boolean {
    return this.#up;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error(`${this.name} does not run`);
    return this.#child.pid;
  }

  get client(): NodeClient {
    return new NodeClient(this.#addresses.url, {
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    });
  }

  /**
   * Until its gateway answers. @param clockMs added to its clock
   * @throws OversightError the code with which the node ended at its start
   */
  async start({ clockMs = 0 }: { readonly clockMs?: number } = {}): Promise<void> {
    await this.launch({ clockMs });
    this.#up = true;
  }

  /** Starts the process; the promise says when it is ready, which a kill may prevent. */
  async launch({ clockMs = 0 }: { readonly clockMs?: number } = {}): Promise<void> {
    const clock = clockMs === 0 ? [] : ['--import', SKEWED_CLOCK];
    const child = spawn(process.execPath, [...clock, CLI, 'up', '--home', this.home], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, OVERSIGHT_TEST_CLOCK_MS: String(clockMs) },
    });
    this.#child = child;
    // through pipes: a limit on the size of files must not reach the log
    const log = createWriteStream(join(this.home, 'node.log'), { flags: 'a' });
    child.stderr.pipe(log);
    let last = '';
    createInterface({ input: child.stderr }).on('line', (line) => {
      last = line;
    });
    let ready = false;
    const ended = once(child, 'close').then(([status, signal]) => {
      if (this.#child !== child) return; // ended by us
      this.#child = null;
      this.#up = false;
      if (!ready) return; // told below
      this.#onSurprise(`${this.name} ended by itself (${signal ?? `status ${status}`}): ${last}`);
    });
    const answered = once(createInterface({ input: child.stdout }), 'line', {
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(START_TIMEOUT_MS)]),
    }).then(() => {
      ready = true;
    });
    answered.catch(() => {}); // raced below; a process that has ended says nothing more
    await Promise.race([ended, answered]);
    if (!ready && !this.#dismissed.has(child)) throw startFailure(this.name, last);
  }

  /** SIGKILL: no chance to save anything. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM. @throws Error when the node does not end by itself */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(how: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    this.#up = false;
    if (child === null) return;
    this.#dismissed.add(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(how);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
    if (how === 'SIGTERM' && child.signalCode === 'SIGKILL')
      throw new Error(`${this.name} did not end within ${STOP_TIMEOUT_MS / 1_000} s of SIGTERM`);
  }

  /** From now on no file of it may grow past this, as on a full disk. Linux: prlimit of util-linux. */
  async limitFiles(bytes: number | 'unlimited'): Promise<void> {
    // the soft limit only: without privileges a hard one could not be lifted
    const limit = bytes === 'unlimited' ? 'unlimited' : `${bytes}:`;
    await promisify(execFile)('prlimit', ['--pid', String(this.pid), `--fsize=${limit}`]);
  }

  status() {
    return this.client.get('/status', statusAnswer);
  }

  async record() {
    return (await this.client.getWithTag('/record', recordAnswer)).value;
  }

  /** @returns the message's id once the node has acknowledged it */
  async publish(kind: string, body: PlainObject): Promise<string> {
    return (await this.client.publish(kind, body, this.#addresses.token)).id;
  }

  async has(id: string): Promise<boolean> {
    return (await this.wire(id)) !== null;
  }

  /** The signed bytes as this node gives them out. */
  async wire(id: string): Promise<Uint8Array | null> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
    // as its owner, who may ask as often as it likes
    const headers = { authorization: `Bearer ${this.#addresses.token}` };
    const response = await fetch(`${this.#addresses.url}/messages/${id}?format=wire`, { headers, signal });
    const body = new Uint8Array(await response.arrayBuffer());
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`${this.name} answered ${response.status} for message ${id}`);
    return body;
  }

  /** Most memory that this process, or one before it, was seen to hold. Linux: /proc. */
  async peakMemoryBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    const kib = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
    if (!Number.isSafeInteger(kib)) throw new Error('no VmHWM in /proc');
    this.#peakBytes = Math.max(this.#peakBytes, kib * 1_024);
    return this.#peakBytes;
  }
}

function startFailure(name: string, line: string): OversightError {
  const code = /^error ([a-z-]+):/.exec(line)?.[1] ?? 'internal-failure';
  return new OversightError(code as ErrorCode, `${name} ended at its start: ${line}`);
}
