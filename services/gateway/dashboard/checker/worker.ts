import type { FederationId, MessageId } from '../../../../protocols/base/ids.ts';
import { checkFile } from './check-file.ts';
import { type Bytes, checkShown, finish, refused } from './check-shown.ts';
import type { Answered, Asked, CheckResult, Request } from './protocol.ts';
import { type Charters, readCharters } from './trusted-charters.ts';

/** As much of a worker's global scope as is used here. */
interface Scope {
  addEventListener(type: 'message', listener: (event: { readonly data: Asked }) => void): void;
  postMessage(answer: Answered): void;
}

/** What the node says its charter is, once it hangs together with the federation's id. */
interface Trust {
  readonly federation: FederationId;
  readonly charters: Charters;
}

/** Checks what it is asked to, one after another: a signature takes milliseconds, and the page goes on meanwhile. */
class Checker {
  #trust: Trust | null = null;

  async answer(request: Request): Promise<CheckResult> {
    if (request.ask === 'charters') return this.#readCharters(request.federation as FederationId);
    if (this.#trust === null) return refused('charter-malformed', 'the charter does not hold');
    const { federation, charters } = this.#trust;
    if (request.ask === 'file') return checkFile(request.bytes, federation, charters);
    return checkShown(request.shown, federation, charters, NODE);
  }

  async #readCharters(federation: FederationId): Promise<CheckResult> {
    const { charters } = JSON.parse(await textAt('charter/history')) as {
      readonly charters: readonly { readonly document: unknown }[];
    };
    const read = readCharters(
      federation,
      charters.map(({ document }) => document),
    );
    this.#trust = read.ok ? { federation, charters: read.value } : null;
    if (!read.ok) return refused(read.reason, read.detail);
    return finish({
      checked: ['the first charter has the federation’s id'],
      unchecked: read.value.length === 1 ? [] : ['who consented to later versions: run oversight audit'],
      wrong: [],
    });
  }
}

const NODE: Bytes = {
  proof: (message: MessageId) => bytesAt(`messages/${message}.tlog-proof`),
  wire: (message: MessageId) => bytesAt(`messages/${message}?format=wire`),
};

async function bytesAt(path: string): Promise<Uint8Array | null> {
  const response = await fetch(path);
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`the node answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function textAt(path: string): Promise<string> {
  const bytes = await bytesAt(path);
  if (bytes === null) throw new Error(`the node has no ${path}`);
  return new TextDecoder().decode(bytes);
}

function serve(scope: Scope): void {
  const checker = new Checker();
  let last: Promise<void> = Promise.resolve();
  scope.addEventListener('message', ({ data: { id, request } }) => {
    last = last.then(async () => {
      const answer = await checker.answer(request).then(
        (result): Answered => ({ id, result }),
        (error: unknown): Answered => ({ id, failure: error instanceof Error ? error.message : 'no answer' }),
      );
      scope.postMessage(answer);
    });
  });
}

serve(globalThis as unknown as Scope);
