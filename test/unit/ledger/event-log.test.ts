import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { EventLog, type NewEvent } from '../../../services/ledger/index.ts';
import { Author, charterOf } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';

let path: string;

beforeEach(async () => {
  path = join(await freshFolder(), 'ledger.sqlite');
});

describe('the event log', () => {
  test('gives cursors from 1 in order, and pages after any of them', () => {
    const log = openLog();
    expect(log.last()).toBe(0);
    log.append([
      { row: 1, events: [event(1), event(2)] },
      { row: 2, events: [] },
      { row: 3, events: [event(3)] },
    ]);
    expect(log.processed()).toBe(3);
    expect(log.last()).toBe(3);
    expect(log.after(0, 10)).toEqual([1, 2, 3].map((n) => ({ cursor: n, ...event(n) })));
    expect(log.after(1, 1)).toEqual([{ cursor: 2, ...event(2) }]);
    expect(log.after(3, 10)).toEqual([]);
  });

  test('rows without events count as processed; nothing is no progress', () => {
    const log = openLog();
    log.append([]);
    expect(log.processed()).toBe(0);
    log.append([{ row: 9, events: [] }]);
    expect(log.processed()).toBe(9);
  });

  test('takes a batch whole or not at all, and the next cursor leaves no hole', () => {
    const log = openLog();
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic; // cannot be written as JSON
    const bad = { ...event(2), data: cyclic as NewEvent<'a'>['data'] };
    expect(() => log.append([{ row: 1, events: [event(1), bad] }])).toThrow();
    expect([log.last(), log.processed()]).toEqual([0, 0]);
    log.append([{ row: 1, events: [event(1)] }]);
    expect(log.after(0, 10).map(({ cursor }) => cursor)).toEqual([1]);
  });

  test('is the same after reopening', () => {
    const before = openLog();
    before.append([{ row: 4, events: [event(1)] }]);
    before[Symbol.dispose]();
    before[Symbol.dispose]();
    const after = openLog();
    expect(after.processed()).toBe(4);
    expect(after.after(0, 10)).toEqual([{ cursor: 1, ...event(1) }]);
  });
});

const { id, author } = new Author('example-lab', charterOf().id).say('something-new/2', {});

function event(n: number): NewEvent<'a'> {
  return { type: 'a', message: id, author, acceptedAt: n, data: { n, text: 'ü' } };
}

function openLog(): EventLog<'a'> {
  const log = new EventLog<'a'>(path);
  onTestFinished(() => log[Symbol.dispose]());
  return log;
}
