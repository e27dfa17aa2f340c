import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildGateway } from '../../../services/gateway/index.ts';
import { exampleStory } from '../../support/example-story.ts';
import { analogBody, frontierBody } from '../../support/samples.ts';

const { node } = exampleStory();
let app: FastifyInstance;

beforeAll(async () => {
  for (let i = 0; i < 6; i++) {
    const { id } = node.hear('example-lab', 'frontier-release/1', frontierBody(`model-${i}`, 6_689_024));
    node.hear('example-lab', 'analog-release/1', analogBody(id, 314_048));
  }
  app = await buildGateway(node, { token: 'a'.repeat(48) });
});
afterAll(() => app.close());

/** Ids of a list, page by page. */
async function pages(list: string, idsOf: (item: never) => string): Promise<string[][]> {
  const all: string[][] = [];
  for (let next: string | null = ''; next !== null; ) {
    const answer = await app.inject(`/${list}?limit=3${next === '' ? '' : `&after=${next}`}`);
    const body: { next: string | null } & Record<string, never[]> = answer.json();
    all.push((body[list] ?? []).map(idsOf));
    next = body.next;
  }
  return all;
}

describe('the record in pages', () => {
  test('each model once with its analogs, the newest first', async () => {
    const { record } = node.record();
    const got = await pages('models', ({ frontier }: { frontier: { id: string } }) => frontier.id);
    expect(got.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(got.flat()).toEqual(record.frontierReleases.map(({ id }) => id).reverse());
    const [first] = (await app.inject('/models')).json().models;
    expect(first.analogs).toEqual(
      record.analogReleases.filter(({ frontier }) => frontier === first.frontier.id),
    );
  });

  test('each finding once, the newest first', async () => {
    const got = await pages('findings', ({ id }: { id: string }) => id);
    const ids = node.record().record.findings.map(({ id }) => id);
    expect(got.flat()).toEqual(ids.reverse());
  });

  test('numbers and names, members and forks', async () => {
    const { record } = node.record();
    const overview = (await app.inject('/overview')).json();
    expect(overview).toMatchObject({ federation: record.federation, name: record.name });
    expect(overview.counts.findings).toEqual({ open: 1, confirmed: 1, refuted: 2, disputed: 0 });
    expect(Object.keys(overview.names)).toEqual(record.members.map(({ key }) => key));
    const federation = (await app.inject('/federation')).json();
    expect(federation.members).toEqual(JSON.parse(JSON.stringify(record.members)));
  });

  test.each([
    ['no number', '/models?limit=many', 400],
    ['none', '/findings?limit=0', 400],
    ['too many', '/findings?limit=101', 400],
    ['no id', '/models?after=x', 400],
    [
      'after nothing known',
      `/models?after=${'bafyreigaknpexyvxt76zgkitavbwx6ejgfheup5oybpm77f3pxzrvwpfdi'}`,
      404,
    ],
  ])('refuses %s', async (_, path, status) => {
    expect((await app.inject(path)).statusCode).toBe(status);
  });
});
