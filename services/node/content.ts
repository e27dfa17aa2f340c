import { OversightError } from '../../protocols/base/errors.ts';
import type { ContentId } from '../../protocols/base/ids.ts';
import type { ContentReference } from '../../protocols/kinds/index.ts';
import {
  BlobServer,
  type BlockSource,
  type Checkpoint,
  type CheckpointStore,
  EmbeddedStore,
  fetchDirectory,
  Kubo,
  MirroredStore,
  openCar,
  parseContentId,
  peerSources,
} from '../checkpoints/index.ts';
import type { CarRequest } from '../gateway/index.ts';
import type { NodeConfig } from './config.ts';
import type { Home } from './home.ts';
import type { Reporter } from './report.ts';
import type { Transports } from './transports.ts';

interface Cancellable {
  readonly signal: AbortSignal;
}

/** The node's content: one store, and wherever else its blocks can be had. */
export class Content implements AsyncDisposable {
  readonly store: CheckpointStore;
  readonly #sources: () => readonly BlockSource[];
  #gateways: () => readonly BlockSource[] = () => [];
  readonly #report: Reporter;

  private constructor(store: CheckpointStore, sources: () => readonly BlockSource[], report: Reporter) {
    this.store = store;
    this.#sources = sources;
    this.#report = report;
  }

  /** @param peers the sources that are connected at the moment of asking */
  static async open(
    directory: string,
    kubo: NodeConfig['kubo'],
    peers: () => readonly BlockSource[],
    report: Reporter,
  ): Promise<Content> {
    const embedded = await EmbeddedStore.open(directory);
    if (kubo === null) return new Content(embedded, peers, report);
    const daemon = new Kubo({ apiUrl: kubo.api });
    return new Content(new MirroredStore(embedded, daemon), () => [...peers(), daemon], report);
  }

  /** From now on other members' gateways are asked too. */
  useGateways(gateways: () => readonly BlockSource[]): void {
    this.#gateways = gateways;
  }

  add(directory: string, options: Cancellable): Promise<Checkpoint> {
    return this.store.add(directory, options);
  }

  async addReference(directory: string, options: Cancellable): Promise<ContentReference> {
    const { cid, profile, sizeBytes } = await this.add(directory, options);
    return { cid, profile, sizeBytes };
  }

  /**
   * Absolute path of the directory, fetched where it is not here and checked where it is: what will be mapped must be
   * what its name says. @throws OversightError `blob-not-found`, `checkpoint-invalid`, `disk-full`, `blob-corrupt`
   */
  async fetch(cid: ContentId, options: Cancellable & { readonly limitBytes: number }): Promise<string> {
    const { signal } = options;
    if (await this.store.has(cid)) {
      await this.store.verify(cid, { signal });
      return this.store.directory(cid);
    }
    const fetched = await fetchDirectory(this.store, [...this.#sources(), ...this.#gateways()], cid, {
      signal,
      limits: { bytes: options.limitBytes },
      onFault: ({ source, code }) => this.#report('content.source-fault', { source, code, cid }),
    });
    if (!fetched.ok) {
      throw new OversightError('checkpoint-invalid', `${fetched.reason}: ${fetched.detail}`, {
        details: { reason: fetched.reason },
      });
    }
    this.#report('content.fetched', { cid, bytes: fetched.value.sizeBytes });
    return this.store.directory(cid);
  }

  async block(cid: string): Promise<Uint8Array | null> {
    const parsed = parseContentId(cid);
    return parsed === null ? null : this.store.block(parsed);
  }

  async car(request: CarRequest): Promise<AsyncIterable<Uint8Array> | null> {
    const cid = parseContentId(request.cid);
    return cid === null ? null : openCar(this.store, { ...request, cid });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.store[Symbol.asyncDispose]());
  }
}

/** The store of a home, served to the connected peers. What is opened goes onto the stack. */
export async function openContent(
  { paths, config }: Home,
  { host }: Transports,
  report: Reporter,
  stack: AsyncDisposableStack,
): Promise<Content> {
  const peers = () => (host === null ? [] : peerSources(host));
  const content = stack.use(await Content.open(paths.content, config.kubo, peers, report));
  if (host !== null) stack.use(await BlobServer.start(host, content.store));
  return content;
}
