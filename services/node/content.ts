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
  gatewaySource,
  HttpThread,
  Kubo,
  MirroredStore,
  mirrorSource,
  type OpenExchange,
  openCar,
  Pace,
  PeerSource,
  type Progress,
  parseContentId,
  peerSources,
} from '../checkpoints/index.ts';
import type { CarRequest } from '../gateway/index.ts';
import type { NodeConfig } from './config.ts';
import type { ContentConfig } from './content-config.ts';
import type { Home } from './home.ts';
import type { MemberGateway } from './member-gateways.ts';
import { Holds } from './pins/holds.ts';
import type { Reporter } from './report.ts';
import type { Transports } from './transports.ts';

interface Cancellable {
  readonly signal: AbortSignal;
}

/** Where the bandwidth is taken for longer than this, a reader is told to come back. */
const PACE_WAIT_MS = 2_000;

/** What is connected at the moment of asking. @param instead gateways by peer id, to be asked before the peer itself */
type Neighbours = (instead: ReadonlyMap<string, string>) => readonly BlockSource[];

/** The node's content: one store, and wherever else its blocks can be had. */
export class Content implements AsyncDisposable {
  readonly store: CheckpointStore;
  /** What must stay, whatever is promised. */
  readonly holds = new Holds();
  /** Bandwidth of all that is served; null where it has no limit. */
  readonly served: Pace | null;
  readonly #config: ContentConfig;
  readonly #fetched: Pace | null;
  readonly #sources: Neighbours;
  #gateways: (open: OpenExchange) => readonly MemberGateway[] = () => [];
  readonly #http = new HttpThread();
  readonly #report: Reporter;

  private constructor(store: CheckpointStore, config: ContentConfig, sources: Neighbours, report: Reporter) {
    this.store = store;
    this.#config = config;
    this.served = config.serveBytesPerSecond === null ? null : new Pace(config.serveBytesPerSecond);
    this.#fetched = config.fetchBytesPerSecond === null ? null : new Pace(config.fetchBytesPerSecond);
    this.#sources = sources;
    this.#report = report;
  }

  static async open(
    directory: string,
    { content, kubo }: Pick<NodeConfig, 'content' | 'kubo'>,
    peers: Neighbours,
    report: Reporter,
  ): Promise<Content> {
    const { limitBytes } = content;
    const embedded = await EmbeddedStore.open(directory, limitBytes === null ? {} : { limitBytes });
    if (kubo === null) return new Content(embedded, content, peers, report);
    const daemon = new Kubo({ apiUrl: kubo.api });
    const store = new MirroredStore(embedded, daemon);
    return new Content(store, content, (instead) => [...peers(instead), daemon], report);
  }

  /** From now on other members' gateways are asked too. */
  useGateways(gateways: (open: OpenExchange) => readonly MemberGateway[]): void {
    this.#gateways = gateways;
  }

  async add(directory: string, options: Cancellable): Promise<Checkpoint> {
    const checkpoint = await this.store.add(directory, options);
    // it is about to be published: then its message keeps it
    this.holds.keep(checkpoint.cid);
    return checkpoint;
  }

  async addReference(directory: string, options: Cancellable): Promise<ContentReference> {
    const { cid, profile, sizeBytes } = await this.add(directory, options);
    return { cid, profile, sizeBytes };
  }

  /**
   * Absolute path of the directory, fetched where it is not here and checked where it is: what will be mapped must be
   * what its name says. @throws OversightError `blob-not-found`, `checkpoint-invalid`, `disk-full`, `blob-corrupt`
   */
  async fetch(
    cid: ContentId,
    options: Cancellable & {
      readonly limitBytes: number;
      readonly onProgress?: (progress: Progress) => void;
    },
  ): Promise<string> {
    using _held = this.holds.hold(cid);
    const { signal } = options;
    if (await this.store.has(cid)) {
      await this.store.verify(cid, { signal });
      return this.store.directory(cid);
    }
    const fetched = await fetchDirectory(this.store, this.#sourcesOf(cid), cid, {
      signal,
      ...(this.#fetched === null ? {} : { pace: this.#fetched }),
      limits: { bytes: options.limitBytes },
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
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

  /** One peer as a source, connected or not; null without a host. */
  peer(host: Transports['host'], peerId: string): BlockSource | null {
    return host === null ? null : new PeerSource(host, peerId);
  }

  /** The gateway at an address that a card names; null for what is no web address. */
  gateway(address: string): BlockSource | null {
    return gatewaySource(address, this.#http.open);
  }

  /** Members, each by its gateway where it has one, which costs a third of libp2p; then what the operator configured. */
  #sourcesOf(cid: ContentId): readonly BlockSource[] {
    const { gateways, mirrors } = this.#config;
    const configured = [
      ...gateways.map((url) => gatewaySource(url, this.#http.open)),
      ...mirrors.map((mirror) => mirrorSource(mirror, cid, this.#http.open)),
    ].filter((source) => source !== null);
    const members = this.#gateways(this.#http.open);
    const instead = new Map(members.map(({ peerId, source }) => [peerId ?? '', source.name]));
    return [...members.map(({ source }) => source), ...this.#sources(instead), ...configured];
  }

  /** @throws OversightError `requests-exceeded` while the bandwidth is taken */
  async block(
    cid: string,
    { signal, into }: Cancellable & { readonly into?: Uint8Array },
  ): Promise<Uint8Array | null> {
    const parsed = parseContentId(cid);
    if (parsed === null) return null;
    this.#refuseWhenSlow();
    const block = await this.store.block(parsed, into);
    if (block !== null) await this.served?.take(block.length, { signal });
    return block;
  }

  /** @throws OversightError `requests-exceeded` while the bandwidth is taken */
  async car(request: CarRequest, options: Cancellable): Promise<AsyncIterable<Uint8Array> | null> {
    const cid = parseContentId(request.cid);
    if (cid === null) return null;
    this.#refuseWhenSlow();
    const car = await openCar(this.store, { ...request, cid });
    return car === null || this.served === null ? car : paced(car, this.served, options);
  }

  #refuseWhenSlow(): void {
    if ((this.served?.waitMs ?? 0) > PACE_WAIT_MS)
      throw new OversightError('requests-exceeded', 'The bandwidth for content is taken; wait.', {
        details: { retryAfterSeconds: Math.ceil(PACE_WAIT_MS / 1_000) },
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }
}

async function* paced(
  chunks: AsyncIterable<Uint8Array>,
  pace: Pace,
  options: Cancellable,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    await pace.take(chunk.length, options);
    yield chunk;
  }
}

/** The store of a home, served to the connected peers. What is opened goes onto the stack. */
export async function openContent(
  { paths, config, seed }: Home,
  { host }: Transports,
  report: Reporter,
  stack: AsyncDisposableStack,
): Promise<Content> {
  const peers: Neighbours = (instead) => (host === null ? [] : peerSources(host, instead));
  const content = stack.use(await Content.open(paths.content, config, peers, report));
  const pace = content.served === null ? {} : { pace: content.served };
  if (host !== null) stack.use(await BlobServer.start(host, content.store, pace));
  const { bitswap } = config.content;
  if (bitswap !== null) {
    const { openBitswap } = await import('./bitswap.ts');
    await openBitswap(bitswap, seed, content.store, content.served, report, stack);
  }
  return content;
}
