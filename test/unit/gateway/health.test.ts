import { expect, test } from 'vitest';
import { buildGateway } from '../../../services/gateway/index.ts';
import { exampleStory } from '../../support/example-story.ts';

test('a node that cannot do its work lives and is not ready, whoever asks', async () => {
  const { node } = exampleStory();
  await using app = await buildGateway(node, { token: 'a'.repeat(48), reads: { token: 'b'.repeat(48) } });
  const ready = await app.inject('/health/ready');
  expect(ready.statusCode).toBe(200);
  expect(ready.json()).toMatchObject({ ready: true, checks: [{ name: 'peers', ok: true }] });
  node.hasPeers = false;
  const alone = await app.inject('/health/ready');
  expect(alone.statusCode).toBe(503);
  expect(alone.json()).toMatchObject({ ready: false, checks: [{ name: 'peers', ok: false }] });
  expect((await app.inject('/health/live')).statusCode).toBe(200);
});
