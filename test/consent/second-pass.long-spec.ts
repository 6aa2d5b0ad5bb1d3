import { EventPublisher } from 'nestjs-email-tracking';
import { TrackingStatsModule, TrackingStatsService } from 'nestjs-email-tracking/stats';
import { openPglite, type TestDatabase } from '../stats/databases.js';
import { newSchema } from '../stats/schema.js';
import { eventWith } from '../support/event.js';
import { until } from '../support/until.js';
import { linesOf, NOON, TestPrivacy } from './privacy-app.js';

const PERSON = 'ann@second.example';
const SENT_AT = new Date(NOON - 60_000);
let opened: TestDatabase;
beforeAll(async () => (opened = await openPglite()));
afterAll(() => opened.close());

test('a hit that another process stored as identified after an erasure becomes anonymous', async () => {
  const [time, schema, stats] = [{ now: NOON }, newSchema(), newSchema()];
  const start = () =>
    TestPrivacy.start({
      ...{ client: opened.client, schema, time },
      metadata: {
        imports: [TrackingStatsModule.forRoot({ client: opened.client, schema: stats })],
      },
    });
  const one = await start();
  const other = await start();
  const hit = async (eventId: string) => {
    const names = { recipient: PERSON, recipientCertain: true, messageId: '<m@second.example>' };
    const times = { timestamp: new Date(time.now), sentAt: SENT_AT };
    await other.app.get(EventPublisher).publish(eventWith({ eventId, ...names, ...times }));
    await other.app.get(TrackingStatsService).flush();
  };
  const kept = async () => {
    const lines = await linesOf(one.service.export(PERSON));
    return lines.filter(({ store }) => store === 'stats').length;
  };

  await hit('before');
  expect(await kept()).toBeGreaterThan(0);
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'Date'],
  });
  try {
    await one.service.erase(PERSON);
    expect(await kept()).toBe(0);
    time.now += 5000;
    await hit('after');
    expect(await kept()).toBeGreaterThan(0);
    time.now += 6000;
    await jest.advanceTimersByTimeAsync(11_000);
  } finally {
    jest.useRealTimers();
  }
  await until(async () => (await kept()) === 0);
  await Promise.all([one.close(), other.close()]);
});
