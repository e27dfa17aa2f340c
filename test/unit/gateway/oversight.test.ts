import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLAUSES } from '../../../protocols/kinds/index.ts';
import { buildGateway } from '../../../services/gateway/index.ts';
import { ModelCase, time } from '../../support/oversight/model-case.ts';
import { nodeOf } from '../../support/oversight/served.ts';

const UNKNOWN = 'bafyreigaknpexyvxt76zgkitavbwx6ejgfheup5oybpm77f3pxzrvwpfdi';
const AT = time('2026-03-15');

let app: FastifyInstance;
const model = new ModelCase().complete();
model.act('notice-of-non-compliance/1', {
  clauses: ['M9'],
  cureBy: '2026-06-10',
  reason: '<script>alert(1)</script>',
});
const get = async (path: string) => app.inject(path);

beforeAll(async () => {
  app = await buildGateway(nodeOf(model.world), { token: 'a'.repeat(48) });
});
afterAll(() => app.close());

describe('oversight over HTTP', () => {
  test('every model, clause by clause, on a date', async () => {
    const { at, models } = (await get(`/oversight?at=${AT}`)).json();
    expect(at).toBe(AT);
    expect(models).toEqual(JSON.parse(JSON.stringify([model.assessment(AT)])));
    expect(models[0].clauses.map(({ clause }: { clause: string }) => clause)).toEqual([...CLAUSES]);
    expect((await get(`/oversight?at=${time('2026-01-01')}`)).json().models).toEqual([]);
  });

  test('one model in words', async () => {
    const report = (await get(`/oversight/${model.frontier}?at=${AT}`)).json();
    expect(report).toMatchObject({
      lab: { name: 'lab' },
      model: { id: model.frontier, name: 'frontier' },
      analog: { id: model.analog },
      costs: null,
      overall: 'pending',
    });
    expect(report.clauses[0]).toMatchObject({ clause: 'M1', state: 'met', cure: null });
    for (const { asks, says } of report.clauses) expect([asks, says].every(Boolean)).toBe(true);
    const later = (await get(`/oversight/${model.frontier}?at=${time('2026-03-21')}`)).json();
    expect(later.costs).toEqual([{ item: 'distillation', gpuHours: 5_700, usd: 70_053 }]);
  });

  test('a timeline in order, with what is due', async () => {
    const { timeline } = (await get(`/oversight/${model.frontier}/timeline?at=${time('2026-06-01')}`)).json();
    const times = timeline.map(({ at }: { at: number }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const due = timeline.filter(({ type }: { type: string }) => type === 'due');
    expect(due.map(({ what }: { what: string }) => what)).toEqual([
      'window-opens',
      'report-due',
      'analog-due',
      'cure-due',
      'audit-due',
    ]);
    expect(due[2]).toMatchObject({ at: time('2026-04-16T00:00:00'), doneBy: model.analog });
    expect(due[3]).toMatchObject({ at: time('2026-06-11T00:00:00'), doneBy: null });
  });

  test('a calendar of all models', async () => {
    const { due } = (await get(`/oversight/calendar?at=${time('2026-06-01')}`)).json();
    expect(due.find(({ what }: { what: string }) => what === 'analog-due')).toMatchObject({
      frontier: model.frontier,
      model: 'frontier 1',
      lab: 'lab',
      doneBy: model.analog,
    });
  });

  test('a report to keep, in which what members wrote is text', async () => {
    const response = await get(`/oversight/${model.frontier}/report.html?at=${time('2026-06-01')}`);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(response.headers['content-disposition']).toMatch(
      /^attachment; filename="report-[a-z2-7]{8}\.html"$/,
    );
    expect(response.body).not.toContain('<script');
    expect(response.body).toContain('&lt;script&gt;');
    for (const clause of CLAUSES) expect(response.body).toContain(`<tr id="${clause}">`);
  });

  test('the same as a PDF', async () => {
    const path = `/oversight/${model.frontier}/report.pdf?at=${time('2026-06-01')}`;
    const response = await get(path);
    expect(response.headers['content-type']).toBe('application/pdf');
    expect(response.headers['content-disposition']).toMatch(
      /^attachment; filename="report-[a-z2-7]{8}\.pdf"$/,
    );
    expect(response.rawPayload.subarray(0, 5).toString()).toBe('%PDF-');
    expect((await get(path)).rawPayload).toEqual(response.rawPayload);
  });

  test('what the codes mean', async () => {
    const wording = (await get('/oversight/wording')).json();
    expect(wording.clauses.M1).toBeTruthy();
    expect(wording.codes['ratio-below']).toMatchObject({
      says: expect.any(String),
      cure: expect.any(String),
    });
  });

  test.each([
    [`/oversight/${UNKNOWN}`, 404, 'not-found'],
    [`/oversight/${UNKNOWN}/timeline`, 404, 'not-found'],
    [`/oversight/${UNKNOWN}/report.html`, 404, 'not-found'],
    [`/oversight/${UNKNOWN}/report.pdf`, 404, 'not-found'],
    [`/oversight/${model.frontier}?at=0`, 404, 'not-found'],
    [`/oversight/${model.analog}`, 404, 'not-found'],
    ['/oversight/nothing', 400, 'argument-invalid'],
    ['/oversight?at=tomorrow', 400, 'argument-invalid'],
    ['/oversight?at=-1', 400, 'argument-invalid'],
    ['/oversight?at=253402300800000', 400, 'argument-invalid'],
    ['/oversight?until=1', 400, 'argument-invalid'],
  ])('%s is %i %s', async (path, status, code) => {
    const response = await get(path);
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ code });
  });

  test('the last moment of all has an answer', async () => {
    expect((await get('/oversight/calendar?at=253402300799999')).statusCode).toBe(200);
    expect((await get(`/oversight/${model.frontier}?at=253402300799999`)).statusCode).toBe(200);
  });
});
