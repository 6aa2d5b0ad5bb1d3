import type { SqlClient } from 'nestjs-email-tracking/stats';
import { TestStore } from './store.js';

const HOUR = 3_600_000;

/** A database that says whether a day has passed since another process asked. */
function databaseOf(isDue: () => boolean): { client: SqlClient; asked: string[] } {
  const asked: string[] = [];
  const client: SqlClient = {
    query: (text) => {
      asked.push(text);
      if (text.includes('secret')) return Promise.resolve({ rows: [{ secret: '00' }] });
      const rows = text.includes('as due') && isDue() ? [{ due: 1 }] : [];
      return Promise.resolve({ rows });
    },
    transaction: (work) => work(client),
  };
  return { client, asked };
}

const looks = (asked: string[]) => asked.filter((text) => text.includes('as due')).length;
const runs = (asked: string[]) => asked.filter((text) => text.includes('e.mode is null')).length;

describe('the retention of statistics', () => {
  beforeEach(() =>
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'performance'] }),
  );
  afterEach(() => jest.useRealTimers());

  test('is applied by the process to which the database says that a day has passed', async () => {
    let isDue = true;
    const { client, asked } = databaseOf(() => isDue);
    const retention = { identifiedDays: 30 };
    const store = await TestStore.start(client, { migrate: false, retention });
    await jest.advanceTimersByTimeAsync(2 * 60_000);
    expect([looks(asked), runs(asked)]).toEqual([1, 1]);
    isDue = false;
    await jest.advanceTimersByTimeAsync(5 * HOUR);
    expect([looks(asked), runs(asked)]).toEqual([6, 1]);
    await store.stats.onApplicationShutdown();
    await jest.advanceTimersByTimeAsync(5 * HOUR);
    expect(looks(asked)).toBe(6);
  });

  test('is not looked for without the option', async () => {
    const { client, asked } = databaseOf(() => true);
    await TestStore.start(client, { migrate: false });
    await jest.advanceTimersByTimeAsync(48 * HOUR);
    expect(looks(asked)).toBe(0);
  });
});
