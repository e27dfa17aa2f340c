import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { buildGateway } from '../../../services/gateway/index.ts';
import { exampleStory } from '../../support/example-story.ts';

const TOKEN = 'a'.repeat(48);

interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly responses: Readonly<Record<string, object>>;
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

test('the document is valid OpenAPI 3.1, and names every route but the files of the page', async () => {
  await using app = await buildGateway(exampleStory().node, { token: TOKEN });
  const document = (await app.inject('/openapi.json')).json<{ openapi: string; paths: Paths }>();
  const validator = new Validator();
  expect(await validator.validate(document)).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const ids = Object.values(document.paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  for (const route of described) {
    const [method, path = ''] = route.split(' ') as ['GET' | 'POST' | 'DELETE', string];
    const url = path.replace('{rest}', '*').replaceAll(/\{([a-z]+)\}/g, ':$1');
    expect(app.hasRoute({ method, url }), route).toBe(true);
  }
  const served = [...app.printRoutes({ commonPrefix: false }).matchAll(/\((?:GET|POST|DELETE)/g)].length;
  const files = [...app.printRoutes({ commonPrefix: false }).matchAll(/\.(?:js|css|svg|html) \(GET/g)].length;
  // beside the operations: the page itself and its files, one of which is the report of a model
  expect(served).toBeLessThanOrEqual(described.length + files + 1);
});

test('writes ask for the owner’s token, and reads for one where they are guarded', async () => {
  await using app = await buildGateway(exampleStory().node, {
    token: TOKEN,
    reads: { token: 'b'.repeat(48) },
  });
  const basic = `Basic ${Buffer.from(`anyone:${'b'.repeat(48)}`).toString('base64')}`;
  const get = (authorization?: string) =>
    app.inject({ url: '/openapi.json', headers: authorization === undefined ? {} : { authorization } });
  expect((await get()).statusCode).toBe(401);
  expect((await get()).json()).toMatchObject({ code: 'token-invalid' });
  expect((await get('Bearer wrong')).statusCode).toBe(401);
  for (const given of [`Bearer ${'b'.repeat(48)}`, `Bearer ${TOKEN}`, basic])
    expect((await get(given)).statusCode).toBe(200);
  const { paths } = (await get(basic)).json<{ paths: Paths }>();
  for (const [path, operations] of Object.entries(paths))
    for (const [method, { security, responses }] of Object.entries(operations)) {
      if (path.startsWith('/health') || path === '/add-checkpoint') expect(security).toEqual([]);
      else if (method === 'get' && !path.startsWith('/subscriptions'))
        expect(security).toContainEqual({ reader: [] });
      else expect(security).toEqual([{ owner: [] }]);
      if (security.length > 0) expect(responses).toHaveProperty('401');
    }
  // what opens reads opens no writes
  for (const authorization of [basic, `Bearer ${'b'.repeat(48)}`])
    expect(
      (
        await app.inject({
          method: 'POST',
          url: '/gc',
          headers: { authorization },
          payload: { dryRun: true },
        })
      ).statusCode,
    ).toBe(401);
  expect((await app.inject('/')).statusCode).toBe(401);
  expect((await app.inject('/health/live')).statusCode).toBe(200);
});

test('the document is not sent twice', async () => {
  await using app = await buildGateway(exampleStory().node, { token: TOKEN });
  const { headers } = await app.inject('/openapi.json');
  const again = await app.inject({
    url: '/openapi.json',
    headers: { 'if-none-match': String(headers.etag) },
  });
  expect(again.statusCode).toBe(304);
});
