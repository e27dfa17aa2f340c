import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { CLOUD_EVENT_TYPE_PREFIX, EVENT_TYPES } from '../../../protocols/events/index.ts';
import { buildGateway } from '../../../services/gateway/index.ts';
import { exampleStory } from '../../support/example-story.ts';

const TOKEN = 'a'.repeat(48);

test('the document of the events is AsyncAPI 3.0, and the events are as it says', async () => {
  const story = exampleStory();
  await using app = await buildGateway(story.node, { token: TOKEN });
  const document = (await app.inject('/asyncapi.json')).json();
  const path = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0-without-$id.json');
  const schema = JSON.parse(await readFile(path, 'utf8'));
  const ajv = new Ajv({ strict: false });
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  const validate = ajv.compile(schema);
  expect(validate(document), ajv.errorsText(validate.errors)).toBe(true);
  expect(document.components.messages.event.summary).toContain(EVENT_TYPES.join(', '));
  const isEvent = ajv.compile(document.components.messages.event.payload);
  const { events } = (await app.inject('/events/page?limit=1000')).json();
  expect(events.length).toBeGreaterThan(20);
  for (const event of events) expect(isEvent(event), ajv.errorsText(isEvent.errors)).toBe(true);
});

test('pages tell all events once, and filters pick among them', async () => {
  const story = exampleStory();
  story.lastVerdict();
  await using app = await buildGateway(story.node, { token: TOKEN });
  const all: { id: string; type: string; data: Record<string, unknown> }[] = [];
  for (let after = 0; ; ) {
    const { events, next } = (await app.inject(`/events/page?after=${after}&limit=7`)).json();
    all.push(...events);
    if (next === after) break;
    after = next;
  }
  expect(all.map(({ id }) => Number(id))).toEqual(Array.from({ length: all.length }, (_, i) => i + 1));
  const picked = async (query: string) =>
    (await app.inject(`/events/page?limit=1000&${query}`)).json().events as typeof all;
  const confirmed = await picked('standing=confirmed');
  expect(confirmed.length).toBeGreaterThan(0);
  for (const { type, data } of confirmed) {
    expect(type).toBe(`${CLOUD_EVENT_TYPE_PREFIX}finding.standing-changed`);
    expect(data['to']).toBe('confirmed');
  }
  expect((await picked('kind=frontier-release/1,analog-release/1')).map(({ type }) => type)).toEqual([
    `${CLOUD_EVENT_TYPE_PREFIX}frontier.released`,
    `${CLOUD_EVENT_TYPE_PREFIX}analog.released`,
  ]);
  const ofLab = await picked('lab=example-lab');
  expect(ofLab.length).toBeGreaterThanOrEqual(2);
  expect(await picked(`model=${story.frontier.id}`)).toEqual(ofLab);
  expect(await picked('lab=nobody')).toEqual([]);
  expect(await picked('standing=refuted&released=true')).toEqual(await picked('standing=refuted'));
  for (const query of ['standing=made-up', 'deadline=3', 'model=x', 'released=false', 'type='])
    expect((await app.inject(`/events/page?${query}`)).statusCode, query).toBe(400);
});

test('the Atom feed has the newest events first, and nothing in them is markup', async () => {
  const story = exampleStory();
  story.node.hear('example-lab', 'frontier-release/1', {
    ...story.frontier.body,
    model: { ...(story.frontier.body['model'] as object), name: '<script>&"\u0007' },
  });
  await using app = await buildGateway(story.node, { token: TOKEN });
  const { headers, body } = await app.inject('/events.atom?type=frontier.released');
  expect(headers['content-type']).toBe('application/atom+xml; charset=utf-8');
  expect(body).toContain('&lt;script&gt;&amp;&quot;');
  for (const bad of ['<script', '\u0007']) expect(body).not.toContain(bad);
  expect(body.match(/<entry>/g)).toHaveLength(2);
  expect(body.indexOf('&lt;script')).toBeLessThan(body.indexOf('tiny-frontier'));
});
