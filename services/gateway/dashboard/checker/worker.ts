// first: what the others import reads it
import './without-eval.ts';
import type { FederationId, MemberKey, MessageId } from '../../../../protocols/base/ids.ts';
import { isPlainObject } from '../../../../protocols/base/plain.ts';
import { faultOf, formOf } from './acts.ts';
import { checkFile } from './check-file.ts';
import { checkHead } from './check-proof.ts';
import { type Bytes, checkShown, finish, refused } from './check-shown.ts';
import { intervalOf } from './intervals.ts';
import type { Answered, Asked, CheckResult, Questions, Topic } from './protocol.ts';
import { type Charters, type ClaimedCharter, readCharters } from './trusted-charters.ts';
import { utcText } from './utc-text.ts';

/** As much of a worker's global scope as is used here. */
interface Scope {
  addEventListener(type: 'message', listener: (event: { readonly data: Asked }) => void): void;
  postMessage(answer: Answered): void;
}

/** The versions of the charter that hang together with the federation's id. */
interface Trust {
  readonly federation: FederationId;
  readonly charters: Charters;
}

type Answers = { readonly [T in Topic]: (ask: Questions[T]['ask']) => Promise<Questions[T]['answer']> };

/** Answers the page's questions one after another: a signature takes milliseconds, and the page goes on meanwhile. */
class Checker implements Answers {
  /** Null: what the node gives is not the charter of the federation. Undefined: it could not be read. */
  #trust: Trust | null | undefined;

  async charters({ federation }: Questions['charters']['ask']): Promise<CheckResult> {
    const { charters } = JSON.parse(await textAt('charter/history')) as {
      readonly charters: readonly ClaimedCharter[];
    };
    const read = await readCharters(federation as FederationId, charters, NODE.wire);
    this.#trust = read.ok ? { federation: federation as FederationId, charters: read.value.charters } : null;
    if (!read.ok) return refused(read.reason, read.detail);
    const { checked, fault } = read.value;
    return finish({
      checked: ['the first charter has the federation’s id', ...checked],
      unchecked:
        checked.length === 0
          ? []
          : ['that no member had consented to another text before: oversight audit reads their feeds'],
      wrong: fault === null ? [] : [fault],
    });
  }

  async message(shown: Questions['message']['ask']): Promise<CheckResult> {
    return this.#trusting((federation, charters) => checkShown(shown, federation, charters, NODE));
  }

  async head({ feed, signed }: Questions['head']['ask']): Promise<CheckResult> {
    return this.#trusting(async (federation, charters) => {
      const key = feed as MemberKey;
      const note = await bytesAt(`feeds/${feed.slice('did:key:'.length)}/checkpoint`);
      if (note === null) return refused('not-found', 'the node has no checkpoint of this feed');
      const head = checkHead(note, key, federation, charters);
      if (!head.ok) return refused(head.reason, head.detail);
      const { size, witnesses } = head.value;
      const seen = witnesses.map(({ name, time }) => `${name} at ${utcText(time)}`);
      return finish({
        checked: [`a head of ${size}, signed by its key`, ...seen.map((each) => `cosigned by ${each}`)],
        unchecked: seen.length === 0 ? ['that it is the only one: no witness has cosigned it'] : [],
        wrong: signed !== null && size > signed ? [`shown as ${signed}, signed as ${size}`] : [],
      });
    });
  }

  async file(bytes: Uint8Array): Promise<CheckResult> {
    return this.#trusting((federation, charters) => checkFile(bytes, federation, charters));
  }

  async intervals(rates: Questions['intervals']['ask']): Promise<Questions['intervals']['answer']> {
    return rates.map(intervalOf);
  }

  async form(kind: Questions['form']['ask']): Promise<unknown> {
    return formOf(kind);
  }

  async body({ kind, body }: Questions['body']['ask']): Promise<string | null> {
    return isPlainObject(body) ? faultOf(kind, body) : 'not an object of text, integers, lists and maps';
  }

  async #trusting(
    look: (federation: FederationId, charters: Charters) => Promise<CheckResult>,
  ): Promise<CheckResult> {
    if (this.#trust === undefined) throw new Error('the charter could not be read');
    if (this.#trust === null) return refused('charter-malformed', 'the charter does not hold');
    return look(this.#trust.federation, this.#trust.charters);
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
  const answer = (topic: Topic, ask: unknown) =>
    (checker[topic] as (ask: unknown) => Promise<unknown>).call(checker, ask);
  let last: Promise<void> = Promise.resolve();
  scope.addEventListener('message', ({ data: { id, topic, ask } }) => {
    last = last.then(async () => {
      const answered = await answer(topic, ask).then(
        (value): Answered => ({ id, answer: value }),
        (error: unknown): Answered => ({ id, failure: error instanceof Error ? error.message : 'no answer' }),
      );
      scope.postMessage(answered);
    });
  });
}

serve(globalThis as unknown as Scope);
