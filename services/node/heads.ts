import type { FederationId, MemberKey } from '../../protocols/base/ids.ts';
import { type MerkleTree, signHead } from '../../protocols/feed/index.ts';
import { memberKey } from '../../protocols/identity/did-key.ts';
import type { Signer } from '../../protocols/message/index.ts';
import type { Ledger } from '../ledger/index.ts';

/** Messages that come together share a signature; peers that catch up meanwhile check the last ones one by one. */
const DELAY_MS = 50;

export interface OwnHeadOptions {
  readonly federation: FederationId;
  readonly ledger: Pick<Ledger, 'signedHead' | 'keepHead' | 'onDurable'>;
  readonly signer: Signer;
  /** Over our own feed, up to where it forks. */
  readonly tree: () => MerkleTree | null;
  readonly onFault: (error: unknown) => void;
  readonly delayMs?: number;
}

/** Signs the head of our own feed soon after it has grown, so that others can catch up with one signature. */
export class OwnHead implements Disposable {
  readonly #options: OwnHeadOptions;
  readonly #self: MemberKey;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: OwnHeadOptions) {
    this.#options = options;
    this.#self = memberKey(options.signer.publicKey);
    options.ledger.onDurable((rows) => {
      if (rows.some(({ message }) => message.author === this.#self)) this.#schedule();
    });
  }

  /** Only once our own feed is confirmed: a head of an old copy would contradict the later ones. */
  sign(): void {
    const { federation, ledger, signer, tree } = this.#options;
    const own = tree();
    if (own === null || own.size <= (ledger.signedHead(this.#self)?.size ?? 0)) return;
    ledger.keepHead(signHead(federation, { size: own.size, root: own.root() }, signer));
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      try {
        this.sign();
      } catch (error) {
        this.#options.onFault(error); // the next message brings the next try
      }
    }, this.#options.delayMs ?? DELAY_MS);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
