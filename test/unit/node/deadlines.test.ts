import { describe, expect, test } from 'vitest';
import type { EventType } from '../../../protocols/events/index.ts';
import type { NewEvent } from '../../../services/ledger/index.ts';
import { deadlinesOf, followDeadlines } from '../../../services/node/deadlines.ts';
import { Chronicled } from '../../support/chronicled.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { ManualTimer } from '../../support/manual-timer.ts';
import { ModelCase, time } from '../../support/oversight/model-case.ts';
import { cardBody } from '../../support/samples.ts';
import { until } from '../../support/until.ts';

const DAY_MS = 86_400_000;
const model = new ModelCase().releaseFrontier();
const record = model.world.fold.record();
const at = (ms: number) => deadlinesOf(record, model.world.policyOf, ms);
const ofAnalog = ({ events }: ReturnType<typeof at>) =>
  events.filter(({ data }) => typeof data === 'object' && data['what'] === 'analog-due');
const dueAt = (() => {
  const [first] = ofAnalog(at(time('2030-01-01')));
  return typeof first?.data === 'object' ? Number(first.data['due']) : 0;
})();

describe('deadlines', () => {
  test('are told at 30, 14, 7 and 1 days, and when they have passed', () => {
    const days = (ms: number) =>
      ofAnalog(at(ms)).map(({ type, data }) =>
        type === 'deadline.near' ? (data as { days: number }).days : type,
      );
    expect(days(dueAt - 31 * DAY_MS)).toEqual([]);
    expect(days(dueAt - 30 * DAY_MS)).toEqual([30]);
    expect(days(dueAt - 14 * DAY_MS - 1)).toEqual([30]);
    expect(days(dueAt - 14 * DAY_MS)).toEqual([30, 14]);
    expect(days(dueAt - 1)).toEqual([30, 14, 7, 1]);
    expect(days(dueAt)).toEqual(['deadline.passed']);
  });

  test('say when there is more to tell', () => {
    expect(at(dueAt - 31 * DAY_MS).next).toBeLessThanOrEqual(dueAt - 30 * DAY_MS);
    expect(at(dueAt - 1).next).toBe(dueAt);
  });

  test('are not told of what has come', () => {
    const met = new ModelCase().releaseFrontier().releaseAnalog();
    const { events } = deadlinesOf(met.world.fold.record(), met.world.policyOf, dueAt + DAY_MS);
    expect(events.some(({ data }) => (data as { what: string }).what === 'analog-due')).toBe(false);
  });
});

test('the clock of a node tells each once, also after another start', async () => {
  const folder = await freshFolder();
  const told = async (): Promise<readonly { readonly cursor: number; readonly type: EventType }[]> => {
    using parts = new Chronicled(folder);
    const timer = new ManualTimer();
    const stop = new AbortController();
    const faults: unknown[] = [];
    const following = followDeadlines(
      {
        record: () => record,
        policyOf: model.world.policyOf,
        tell: (events: readonly NewEvent<EventType>[]) => parts.chronicle.tell(events),
        clock: { now: () => dueAt - 20 * DAY_MS + timer.now() },
        timer,
        onFault: (error) => void faults.push(error),
      },
      stop.signal,
    );
    for (const days of [0, 7, 14, 21]) {
      await until(() => timer.waits().length > 0);
      timer.pass(days === 0 ? 60_000 : 7 * DAY_MS);
    }
    await until(() => timer.waits().length > 0);
    await parts.hear('example-lab', 'member-card/1', cardBody('after the deadlines'));
    stop.abort();
    await following;
    expect(faults).toEqual([]);
    return parts.chronicle.eventPage(0, 1_000).map(({ cursor, type }) => ({ cursor, type }));
  };
  const first = await told();
  expect(first.filter(({ type }) => type === 'deadline.passed').length).toBeGreaterThan(0);
  expect(first.at(-1)?.type).toBe('member.card-published');
  expect((await told()).slice(0, first.length)).toEqual(first);
});
