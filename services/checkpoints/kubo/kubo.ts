import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { create, type KuboRPCClient } from 'kubo-rpc-client';
import { CID } from 'multiformats/cid';
import { messageOf, OversightError } from '../../../protocols/base/errors.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { contentId, type VerifiedBlock, verifyBlock } from '../block.ts';
import { type Folder, listDirectory } from '../directory.ts';
import { throwIfCancelled } from '../failures.ts';
import { type BlockSource, SourceError } from '../fetch/block-source.ts';
import type { Checkpoint } from '../store.ts';
import { FILE_LINKS, LEAF_BYTES } from '../unixfs/profile.ts';

export interface KuboConfig {
  /** Of the RPC API, for example `http://127.0.0.1:5001`. */
  readonly apiUrl: string;
  /** A daemon that does not answer a small request in this time is away. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
/** Name of the directory in an upload; Kubo answers with the CID of each path. */
const UPLOAD = 'checkpoint';

interface Waiting {
  readonly signal: AbortSignal;
}

/** A Kubo daemon by its RPC API: it pins what we publish and is one more source of blocks. Nothing it says is trusted. */
export class Kubo implements BlockSource {
  readonly name: string;
  readonly #client: KuboRPCClient;
  readonly #timeoutMs: number;

  constructor(config: KuboConfig) {
    this.name = `kubo:${new URL(config.apiUrl).host}`;
    this.#client = create({ url: config.apiUrl });
    this.#timeoutMs = config.timeoutMs ?? TIMEOUT_MS;
  }

  /** @throws OversightError `kubo-unreachable` */
  async version(options: Waiting): Promise<string> {
    const { version } = await this.#call(options, (signal) => this.#client.version({ signal }));
    return version;
  }

  /**
   * Adds a directory and pins it. @throws OversightError `kubo-mismatch` when Kubo names the same bytes otherwise,
   * `kubo-unreachable`, `cancelled`
   */
  async add(checkpoint: Checkpoint, directory: string, options: Waiting): Promise<void> {
    const { signal } = options;
    const { tree } = await listDirectory(directory, options);
    const named = await this.#long(options, async () => {
      let last: CID | null = null;
      for await (const entry of this.#client.addAll(parts(tree, directory), {
        cidVersion: 1,
        rawLeaves: true,
        chunker: `size-${LEAF_BYTES}`,
        pin: true,
        signal,
        // The client types no `maxFileLinks`; it passes what it does not know to the API, which wants this spelling.
        ...({ 'max-file-links': FILE_LINKS } as object),
      }))
        if (entry.path === UPLOAD) last = entry.cid;
      return last;
    });
    if (named?.toString() === checkpoint.cid) return;
    // What it pinned under its own name is of no use. Failing at that must not hide the mismatch.
    const cause: unknown =
      named === null ? undefined : await this.unpin(contentId(named), options).catch(asCause);
    throw new OversightError(
      'kubo-mismatch',
      `Kubo names the directory ${named}, we name it ${checkpoint.cid}`,
      {
        cause,
        details: { kubo: String(named), ours: checkpoint.cid },
      },
    );
  }

  async isPinned(cid: ContentId, options: Waiting): Promise<boolean> {
    return this.#call(options, async (signal) => {
      for await (const pin of this.#client.pin.ls({ type: 'recursive', signal }))
        if (pin.cid.toString() === cid) return true;
      return false;
    });
  }

  /** Pins a directory Kubo has or can find. */
  async pin(cid: ContentId, options: Waiting): Promise<void> {
    await this.#long(options, () =>
      this.#client.pin.add(CID.parse(cid), { recursive: true, signal: options.signal }),
    );
  }

  /** Does nothing when it is not pinned. */
  async unpin(cid: ContentId, options: Waiting): Promise<void> {
    if (!(await this.isPinned(cid, options))) return;
    await this.#call(options, (signal) => this.#client.pin.rm(CID.parse(cid), { recursive: true, signal }));
  }

  /** The block if Kubo has it here; it does not look for it elsewhere. @throws SourceError */
  async block(cid: ContentId, options: Waiting): Promise<VerifiedBlock | null> {
    let bytes: Uint8Array;
    try {
      bytes = await this.#client.block.get(CID.parse(cid), {
        signal: options.signal,
        ...({ offline: true } as object),
      });
    } catch (error) {
      throwIfCancelled(options.signal);
      if (error instanceof Error && error.name === 'HTTPError') return null; // Kubo answers 500 for a block it lacks
      throw new SourceError('closed', `${this.name}: ${messageOf(error)}`, { cause: error });
    }
    const block = verifyBlock(cid, bytes);
    if (!block.ok) throw new SourceError('block-wrong', `${this.name}: ${block.detail}`);
    return block.value;
  }

  async has(cids: readonly ContentId[], options: Waiting): Promise<readonly boolean[]> {
    const out: boolean[] = [];
    for (const cid of cids) out.push((await this.block(cid, options)) !== null);
    return out;
  }

  async *blocks(cids: readonly ContentId[], options: Waiting): AsyncIterable<VerifiedBlock> {
    for (const cid of cids) {
      const block = await this.block(cid, options);
      if (block !== null) yield block;
    }
  }

  #call<T>(options: Waiting, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(this.#timeoutMs)]);
    return this.#long(options, () => call(signal));
  }

  async #long<T>(options: Waiting, call: () => Promise<T>): Promise<T> {
    throwIfCancelled(options.signal);
    try {
      return await call();
    } catch (error) {
      throwIfCancelled(options.signal);
      if (error instanceof OversightError) throw error;
      throw new OversightError('kubo-unreachable', `Kubo at ${this.name.slice(5)}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
}

/** Files are opened one by one as the upload reaches them. Empty folders count: they are part of the CID. */
async function* parts(
  folder: Folder,
  directory: string,
): AsyncGenerator<{ path: string; content?: Readable }> {
  for (const entry of folder.entries) {
    const path = `${UPLOAD}/${entry.path}`;
    if (entry.type === 'file') yield { path, content: createReadStream(join(directory, entry.path)) };
    else {
      yield { path };
      yield* parts(entry, directory);
    }
  }
}

function asCause(error: unknown): unknown {
  return error;
}
