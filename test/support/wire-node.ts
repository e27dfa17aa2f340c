import { createHash } from 'node:crypto';
import type { Decision, Handlers, Outgoing, PeerRef, Transport } from '../../services/network/transport.ts';
import { until } from './until.ts';

/** A message of opaque bytes, as a transport sees it. */
export function outgoing(text: string, author = 'did:key:z6MkAuthor'): Outgoing {
  const wire = new TextEncoder().encode(text);
  return { id: createHash('sha256').update(wire).digest('hex'), kind: 'finding/1', author, wire };
}

export const textOf = (wire: Uint8Array) => new TextDecoder().decode(wire);

const brief = (text: string) => text.slice(0, 40);

/** Handlers that write down what came and answer as told. */
export class Recorder implements Handlers {
  readonly received: { readonly text: string; readonly from: PeerRef }[] = [];
  decide: (text: string) => Promise<Decision> = async () => 'accept';
  answer: Handlers['serve'] = async function* () {};

  async receive(wire: Uint8Array, from: PeerRef): Promise<Decision> {
    const text = textOf(wire);
    this.received.push({ text, from });
    return this.decide(text);
  }

  serve(
    request: Uint8Array,
    from: PeerRef,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<Uint8Array> {
    return this.answer(request, from, options);
  }

  texts(): readonly string[] {
    return this.received.map((message) => message.text);
  }

  async has(text: string, times = 1): Promise<void> {
    const count = () => this.texts().filter((other) => other === text).length;
    await until(() => count() >= times, {
      what: `message ${brief(text)} x${times}, has ${this.texts().map(brief).join(',')}`,
    });
  }
}

export interface WireNode extends AsyncDisposable {
  readonly transport: Transport;
  readonly recorder: Recorder;
  /** How its neighbours name it. */
  readonly ref: PeerRef;
}
