import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OversightError } from '../../protocols/base/errors.ts';
import { MESSAGE_LIMIT_BYTES, SYNC_FRAME_LIMIT_BYTES } from '../../protocols/base/limits.ts';
import type { Decision } from '../../services/network/transport.ts';
import { until } from './until.ts';
import { outgoing, type Recorder, textOf, type WireNode } from './wire-node.ts';

/** One medium (a hub, a server, loopback) with nodes on it. */
export interface Medium extends AsyncDisposable {
  /** Starts the node of this name; the same name again is the same identity. Neighbours form a line in order of start. */
  start(name: string, recorder: Recorder): Promise<WireNode>;
  /** Resolves once a message of any of these nodes reaches all of them. */
  settled(nodes: readonly WireNode[]): Promise<void>;
  /** Takes the server, or the first node's connections, away and brings them back. */
  interrupt(): Promise<void>;
}

export interface Traits {
  /** The sender's neighbour decides whether others see the message; on NATS the server gives it to all. */
  readonly forwards: boolean;
  /** What was not accepted comes again from the transport itself; elsewhere sync brings it. */
  readonly redelivers: boolean;
}

const FRAMES = 2_000;
const never = new Promise<never>(() => {});

export function transportCompliance(
  name: string,
  traits: Traits,
  open: () => Promise<Medium>,
  newRecorder: () => Recorder,
): void {
  describe(`transport ${name}`, () => {
    const { signal } = new AbortController();
    let medium: Medium;
    let nodes: WireNode[] = [];

    beforeEach(async () => {
      medium = await open();
      nodes = [];
    });
    afterEach(async () => {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
      await medium[Symbol.asyncDispose]();
    });

    const start = async (id: string, recorder = newRecorder()) => {
      const node = await medium.start(id, recorder);
      nodes.push(node);
      return node;
    };
    const line = async (...ids: readonly string[]) => {
      const started: WireNode[] = [];
      for (const id of ids) started.push(await start(id));
      await medium.settled(started);
      return started;
    };
    const pair = async () => (await line('a', 'b')) as [WireNode, WireNode];

    it('delivers both ways', async () => {
      const [a, b] = await pair();
      await a.transport.publish(outgoing('from a'), { signal });
      await b.transport.publish(outgoing('from b'), { signal });
      await Promise.all([b.recorder.has('from a'), a.recorder.has('from b')]);
    });

    it('carries bytes unchanged up to the message limit', async () => {
      const [a, b] = await pair();
      const text = 'x'.repeat(MESSAGE_LIMIT_BYTES);
      await a.transport.publish(outgoing(text), { signal });
      await b.recorder.has(text);
    });

    it('hands a message that is published three times to a neighbour without error', async () => {
      const [a, b] = await pair();
      for (let i = 0; i < 3; i++) await a.transport.publish(outgoing('again'), { signal });
      await a.transport.publish(outgoing('last'), { signal });
      await b.recorder.has('last');
      expect(b.recorder.texts().filter((text) => text === 'again')).toHaveLength(1);
    });

    it('passes on what was accepted', async () => {
      const [a, , c] = (await line('a', 'b', 'c')) as [WireNode, WireNode, WireNode];
      await a.transport.publish(outgoing('accepted'), { signal });
      await c.recorder.has('accepted');
    });

    if (traits.forwards)
      it.each(['ignore', 'reject'] as const)(
        'does not pass on what a neighbour decided to %s',
        async (decision: Decision) => {
          const [a, b, c] = (await line('a', 'b', 'c')) as [WireNode, WireNode, WireNode];
          b.recorder.decide = async (text) => (text === 'bad' ? decision : 'accept');
          await a.transport.publish(outgoing('bad'), { signal });
          await b.recorder.has('bad');
          await a.transport.publish(outgoing('good'), { signal });
          await c.recorder.has('good');
          expect(c.recorder.texts()).not.toContain('bad');
        },
      );

    if (traits.redelivers)
      it('brings a message again when receiving it failed', async () => {
        const [a, b] = await pair();
        let failures = 0;
        b.recorder.decide = async () => {
          failures += 1;
          if (failures === 1) throw new Error('disk full');
          return 'accept';
        };
        await a.transport.publish(outgoing('precious'), { signal });
        await b.recorder.has('precious', 2);
      });

    if (traits.redelivers)
      it('brings a message again after a restart when it was never decided', async () => {
        const [a, b] = await pair();
        b.recorder.decide = () => never;
        await a.transport.publish(outgoing('undecided'), { signal });
        await b.recorder.has('undecided');
        await b[Symbol.asyncDispose]();
        const again = await start('b');
        await again.recorder.has('undecided');
      });

    if (traits.redelivers)
      it('does not bring again what was accepted or rejected', async () => {
        const [a, b] = await pair();
        b.recorder.decide = async (text) => (text === 'rejected' ? 'reject' : 'accept');
        await a.transport.publish(outgoing('accepted'), { signal });
        await a.transport.publish(outgoing('rejected'), { signal });
        await b.recorder.has('rejected');
        await b[Symbol.asyncDispose]();
        const again = await start('b');
        await a.transport.publish(outgoing('later'), { signal });
        await again.recorder.has('later');
        expect(again.recorder.texts()).toEqual(['later']);
      });

    it('keeps serving after a handler failed', async () => {
      const [a, b] = await pair();
      b.recorder.decide = async (text) => {
        if (text === 'poison') throw new Error('no');
        return 'accept';
      };
      await a.transport.publish(outgoing('poison'), { signal });
      await a.transport.publish(outgoing('fine'), { signal });
      await b.recorder.has('fine');
    });

    it('refuses to publish a message over the limit', async () => {
      const [a] = await pair();
      const big = outgoing('x'.repeat(MESSAGE_LIMIT_BYTES + 1));
      await expect(a.transport.publish(big, { signal })).rejects.toMatchObject({ code: 'argument-invalid' });
    });

    it(`streams an answer of ${FRAMES} frames in order`, async () => {
      const [a, b] = await pair();
      b.recorder.answer = async function* (request, from) {
        expect(textOf(request)).toBe('all');
        expect(from).toEqual(a.ref);
        for (let i = 0; i < FRAMES; i++) yield new TextEncoder().encode(`frame ${i}`);
      };
      let count = 0;
      for await (const frame of a.transport.request(b.ref, new TextEncoder().encode('all'), { signal })) {
        expect(textOf(frame)).toBe(`frame ${count}`);
        count += 1;
      }
      expect(count).toBe(FRAMES);
    });

    it('waits for a slow reader and stops serving when it leaves', async () => {
      const [a, b] = await pair();
      let served = 0;
      let stopped = false;
      b.recorder.answer = async function* () {
        try {
          for (; served < 4_000; served++) yield new Uint8Array(SYNC_FRAME_LIMIT_BYTES / 2).fill(1);
        } finally {
          stopped = true;
        }
      };
      let taken = 0;
      for await (const _ of a.transport.request(b.ref, new Uint8Array([1]), { signal })) {
        taken += 1;
        if (taken === 20) break;
      }
      expect(served).toBeLessThan(1_000);
      if (name !== 'nats') await until(() => stopped, { what: 'the server noticed' });
    });

    it('ends a request when the signal fires', async () => {
      const [a, b] = await pair();
      b.recorder.answer = async function* () {
        yield new Uint8Array([1]);
        await never;
      };
      const abort = new AbortController();
      const frames = a.transport.request(b.ref, new Uint8Array([1]), { signal: abort.signal });
      const run = async () => {
        for await (const _ of frames) abort.abort();
      };
      await expect(run()).rejects.toMatchObject({ code: 'cancelled' });
    });

    it('fails a request to a peer that is not there', async () => {
      const [a, b] = await pair();
      await b[Symbol.asyncDispose]();
      const run = async () => {
        for await (const _ of a.transport.request(b.ref, new Uint8Array([1]), { signal }));
      };
      await expect(run()).rejects.toBeInstanceOf(OversightError);
    });

    it('fails a request whose answer breaks off', async () => {
      const [a, b] = await pair();
      b.recorder.answer = async function* () {
        yield new Uint8Array([1]);
        throw new Error('no more');
      };
      const run = async () => {
        for await (const _ of a.transport.request(b.ref, new Uint8Array([1]), { signal }));
      };
      await expect(run()).rejects.toThrow();
    });

    it('refuses a frame over the limit', async () => {
      const [a, b] = await pair();
      b.recorder.answer = async function* () {
        yield new Uint8Array(SYNC_FRAME_LIMIT_BYTES + 1);
      };
      const run = async () => {
        for await (const _ of a.transport.request(b.ref, new Uint8Array([1]), { signal }));
      };
      await expect(run()).rejects.toMatchObject({ code: 'peer-failed' });
    });

    it('does not publish for a caller that has given up', async () => {
      const [a] = await pair();
      await expect(
        a.transport.publish(outgoing('late'), { signal: AbortSignal.abort() }),
      ).rejects.toMatchObject({ code: 'cancelled' });
    });

    it('lists its neighbours and tells when one goes', async () => {
      const [a, b] = await pair();
      expect(a.transport.peers()).toContainEqual(b.ref);
      const gone = Promise.withResolvers<void>();
      a.transport.onPeer((event) => {
        if (!event.connected && event.peer.id === b.ref.id) gone.resolve();
      });
      await b[Symbol.asyncDispose]();
      await gone.promise;
      expect(a.transport.peers()).not.toContainEqual(b.ref);
    });

    it('delivers again after an interruption', async () => {
      const [a, b] = await pair();
      await medium.interrupt();
      await medium.settled([a, b]);
      await a.transport.publish(outgoing('after'), { signal });
      await b.recorder.has('after');
    });

    it('can be disposed twice, and publishes nothing after that', async () => {
      const [a] = await pair();
      await Promise.all([a.transport[Symbol.asyncDispose](), a.transport[Symbol.asyncDispose]()]);
      await a.transport[Symbol.asyncDispose]();
      await expect(a.transport.publish(outgoing('late'), { signal })).rejects.toMatchObject({
        code: 'cancelled',
      });
    });
  });
}
