import { expect, it } from 'vitest';
import type { Outgoing, Transport } from '../../../services/network/index.ts';
import { MemoryHub } from '../../../services/network/index.ts';
import { Outbox } from '../../../services/network/relay/outbox.ts';
import { feedMessage } from '../../support/test-ledger.ts';

/** More than an outbox holds. */
const FLOOD = 1_500;

it('authors take turns: a flood that fills it neither delays nor drops what another says', async () => {
  const gate = Promise.withResolvers<void>();
  const handed: string[] = [];
  await using outbox = new Outbox(slowTransport(handed, gate.promise), () => 0);
  const flood = Array.from({ length: FLOOD }, (_, n) => outbox.put(feedMessage('flooder', n)));
  const quiet = [0, 1].map((n) => feedMessage('quiet', n));
  const outcomes = quiet.map((message) => outbox.put(message));
  gate.resolve();
  expect(await Promise.all(outcomes)).toEqual(['taken', 'taken']);
  // the first was on its way; then one of each in turn
  expect(handed.slice(0, 5).map((id) => quiet.findIndex((message) => message.id === id))).toEqual([
    -1, -1, 0, -1, 1,
  ]);
  expect((await Promise.all(flood)).filter((outcome) => outcome === 'dropped').length).toBeGreaterThan(0);
});

/** A neighbour that takes nothing until the gate opens, at our pace. */
function slowTransport(handed: string[], gate: Promise<void>): Transport {
  const transport: Transport = new MemoryHub().join('neighbour');
  return Object.assign(transport, {
    paced: true,
    publish: async ({ id }: Outgoing) => {
      handed.push(id);
      await gate;
    },
  });
}
