import { jetstreamManager } from '@nats-io/jetstream';
import { createUser } from '@nats-io/nkeys';
import { connect, headers } from '@nats-io/transport-node';
import { afterEach, describe, expect, it } from 'vitest';
import { MESSAGE_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { type NatsAuth, NatsTransport, type NatsTransportOptions } from '../../../services/network/index.ts';
import { subjectsOf } from '../../../services/network/nats/subjects.ts';
import { FEDERATION, memberOf } from '../../support/media.ts';
import { startNatsServer } from '../../support/nats-server.ts';
import { until } from '../../support/until.ts';
import { outgoing, Recorder } from '../../support/wire-node.ts';

const { signal } = new AbortController();
const SUBJECTS = subjectsOf(FEDERATION);

describe('NATS transport', () => {
  const owned: AsyncDisposable[] = [];
  const own = <T extends AsyncDisposable>(thing: T): T => {
    owned.push(thing);
    return thing;
  };
  afterEach(async () => {
    for (const thing of owned.splice(0).reverse()) await thing[Symbol.asyncDispose]();
  });

  const open = (
    url: string,
    name: string,
    auth: NatsAuth = { kind: 'none' },
    options: Partial<NatsTransportOptions> = {},
  ) =>
    own(
      new NatsTransport({
        servers: [url],
        auth,
        federation: FEDERATION,
        member: memberOf(name),
        admits: () => true,
        whenUnreachable: 'fail',
        ...options,
      }),
    );
  const started = async (...args: Parameters<typeof open>) => {
    const transport = open(...args);
    const recorder = new Recorder();
    await transport.start(recorder, { signal });
    return { transport, recorder };
  };

  const user = createUser();
  it.each<{ id: string; config: string; auth: NatsAuth; wrong: NatsAuth }>([
    {
      id: 'password',
      config: 'authorization { user: lab, password: right }',
      auth: { kind: 'password', user: 'lab', password: 'right' },
      wrong: { kind: 'password', user: 'lab', password: 'wrong' },
    },
    {
      id: 'token',
      config: 'authorization { token: right }',
      auth: { kind: 'token', token: 'right' },
      wrong: { kind: 'token', token: 'wrong' },
    },
    {
      id: 'nkey',
      config: `authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`,
      auth: { kind: 'nkey', seed: user.getSeed() },
      wrong: { kind: 'nkey', seed: createUser().getSeed() },
    },
  ])('authenticates by $id, and says so when it is refused', async ({ config, auth, wrong }) => {
    const server = own(await startNatsServer(config));
    const { transport, recorder } = await started(server.url, 'a', auth);
    await transport.publish(outgoing('hello'), { signal });
    await recorder.has('hello');
    await expect(started(server.url, 'b', wrong)).rejects.toMatchObject({ code: 'permission-denied' });
    await expect(started(server.url, 'c')).rejects.toMatchObject({ code: 'permission-denied' });
  });

  it('fails a publish that the server does not permit, rather than waiting for ever', async () => {
    const config = `authorization { users: [
      { user: reader, password: p, permissions: { publish: { deny: ["oversight.>"] } } }
    ] }`;
    const server = own(await startNatsServer(config));
    const auth: NatsAuth = { kind: 'password', user: 'reader', password: 'p' };
    const { transport } = await started(server.url, 'a', auth);
    await expect(transport.publish(outgoing('no'), { signal })).rejects.toMatchObject({
      code: 'permission-denied',
    });
  });

  it('reports its state through a loss of the server, and publishes what waited', async () => {
    const server = own(await startNatsServer());
    const { transport } = await started(server.url, 'a');
    const { recorder } = await started(server.url, 'b');
    expect(transport.state).toMatchObject({ state: 'connected', failure: null });
    expect(transport.state.version).toMatch(/^\d+\.\d+\.\d+/);
    await server.kill();
    await until(() => transport.state.state === 'reconnecting');
    const waiting = transport.publish(outgoing('patient'), { signal });
    await server.restart();
    await waiting;
    await recorder.has('patient');
    await transport[Symbol.asyncDispose]();
    expect(transport.state.state).toBe('closed');
  });

  it('gives up a publish when the signal fires while the server is away', async () => {
    const server = own(await startNatsServer());
    const { transport } = await started(server.url, 'a');
    await server.kill();
    const abort = new AbortController();
    const waiting = transport.publish(outgoing('impatient'), { signal: abort.signal });
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('waits for a server when told to, and is disposed while it waits', async () => {
    const server = own(await startNatsServer());
    await server.kill();
    const transport = open(server.url, 'a', { kind: 'none' }, { whenUnreachable: 'wait' });
    await transport.start(new Recorder(), { signal });
    await until(() => transport.state.failure === 'nats-unreachable');
    await transport[Symbol.asyncDispose]();
    expect(transport.state.state).toBe('closed');
  });

  it('says that a server without JetStream gives no stream', async () => {
    const server = own(await startNatsServer('', { jetStream: false }));
    await expect(started(server.url, 'a')).rejects.toMatchObject({ code: 'nats-unreachable' });
  });

  it('acknowledges only after receive has resolved, and goes on meanwhile', async () => {
    const server = own(await startNatsServer());
    const { transport } = await started(server.url, 'a');
    const { recorder } = await started(server.url, 'b');
    const durable = Promise.withResolvers<void>();
    recorder.decide = async (text) => {
      if (text === 'slow') await durable.promise;
      return 'accept';
    };
    const admin = await connect({ servers: server.url });
    owned.push({ [Symbol.asyncDispose]: () => admin.close() });
    const manager = await jetstreamManager(admin);
    const pending = async () =>
      (await manager.consumers.info(SUBJECTS.stream, SUBJECTS.durable(memberOf('b')))).num_ack_pending;

    await transport.publish(outgoing('slow'), { signal });
    await transport.publish(outgoing('quick'), { signal });
    await recorder.has('quick');
    await until(async () => (await pending()) === 1, { what: 'only the slow one pending' });
    durable.resolve();
    await until(async () => (await pending()) === 0, { what: 'nothing pending' });
  });

  it('stores a message once however many nodes relay it', async () => {
    const server = own(await startNatsServer());
    const { transport: a } = await started(server.url, 'a');
    const { transport: b } = await started(server.url, 'b');
    for (const transport of [a, b, a]) await transport.publish(outgoing('one'), { signal });
    const admin = await connect({ servers: server.url });
    owned.push({ [Symbol.asyncDispose]: () => admin.close() });
    const info = await (await jetstreamManager(admin)).streams.info(SUBJECTS.stream);
    expect(info.state.messages).toBe(1);
  });

  it('hands on what is larger than a message, for the network to refuse', async () => {
    const server = own(await startNatsServer());
    const { recorder } = await started(server.url, 'a');
    const admin = await connect({ servers: server.url });
    owned.push({ [Symbol.asyncDispose]: () => admin.close() });
    admin.publish(SUBJECTS.message('finding/1', 'x'), new Uint8Array(MESSAGE_LIMIT_BYTES + 1));
    await until(() => recorder.received.length === 1);
    expect(recorder.texts()[0]).toHaveLength(MESSAGE_LIMIT_BYTES + 1);
  });

  it('does not let a requester aim its answers at another subject', async () => {
    const server = own(await startNatsServer());
    const { recorder } = await started(server.url, 'a');
    let served = 0;
    recorder.answer = async function* () {
      served += 1;
      yield new Uint8Array([1]);
    };
    const admin = await connect({ servers: server.url });
    owned.push({ [Symbol.asyncDispose]: () => admin.close() });
    const manager = await jetstreamManager(admin);
    const claim = headers();
    claim.set('Oversight-Member', memberOf('b'));
    const subject = SUBJECTS.sync(memberOf('a'));
    // an empty frame there would delete the stream
    const target = `$JS.API.STREAM.DELETE.${SUBJECTS.stream}`;
    admin.publish(subject, new Uint8Array([1]), { reply: target, headers: claim });
    // one that is answered, after the one that must not be
    await admin.request(subject, new Uint8Array([1]), { headers: claim, timeout: 5_000 });
    expect(served).toBe(1);
    expect((await manager.streams.info(SUBJECTS.stream)).config.name).toBe(SUBJECTS.stream);
  });

  it('keeps what the stream holds from a member that aims an answer at its purging', async () => {
    const server = own(await startNatsServer());
    const { transport } = await started(server.url, 'a');
    await transport.publish(outgoing('kept'), { signal });
    const admin = await connect({ servers: server.url });
    owned.push({ [Symbol.asyncDispose]: () => admin.close() });
    // the server's acknowledgement would be taken for the order
    const reply = `$JS.API.STREAM.PURGE.${SUBJECTS.stream}`;
    admin.publish(SUBJECTS.message('finding/1', 'x'), new Uint8Array([1]), { reply });
    const manager = await jetstreamManager(admin);
    const held = async () => (await manager.streams.info(SUBJECTS.stream)).state;
    await until(async () => (await held()).last_seq === 2);
    expect((await held()).messages).toBe(2);
    await expect(manager.streams.purge(SUBJECTS.stream)).rejects.toThrow();
  });

  it('refuses requests of those it does not admit', async () => {
    const server = own(await startNatsServer());
    const { transport: a } = await started(server.url, 'a');
    await started(server.url, 'b', { kind: 'none' }, { admits: () => false });
    const run = async () => {
      const peer = { transport: 'nats', id: memberOf('b') } as const;
      for await (const _ of a.request(peer, new Uint8Array([1]), { signal }));
    };
    await expect(run()).rejects.toMatchObject({ code: 'peer-failed' });
  });
});
