import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TrackingModule } from 'nestjs-email-tracking';
import { TrackingStatsModule, TrackingStatsService } from 'nestjs-email-tracking/stats';
import { SuppressionService, TrackingSuppressionModule } from 'nestjs-email-tracking/suppression';
import { OPTIONS } from '../support/app.js';
import { openPglite, type TestDatabase } from './databases.js';
import { preparedOf } from './events.js';
import { TestStore } from './store.js';

describe('a segment in an app with a suppression list', () => {
  const PEOPLE = Array.from({ length: 2500 }, (_, i) => `p${String(i).padStart(4, '0')}@e.com`);
  let opened: TestDatabase;
  let app: INestApplicationContext;
  let stats: TrackingStatsService;
  let suppression: SuppressionService;
  beforeAll(async () => {
    opened = await openPglite();
    const store = await TestStore.start(opened.client, { schema: 'public' });
    await store.add(...PEOPLE.map((recipient) => preparedOf({ recipient })));
    @Module({
      imports: [
        EventEmitterModule.forRoot(),
        TrackingModule.forRoot({ ...OPTIONS, controllers: false }),
        TrackingStatsModule.forRoot({ client: opened.client }),
        TrackingSuppressionModule.forRoot({ client: opened.client }),
      ],
    })
    class AppModule {}
    app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    stats = app.get(TrackingStatsService);
    suppression = app.get(SuppressionService);
    await suppression.add('P0000@e.com', 'all', 'test');
    await suppression.add('p0001@e.com', 'lists', 'test');
    await suppression.add('p0002@e.com', 'list:news', 'test');
  });
  afterAll(async () => {
    await app.close();
    await opened.close();
  });

  const firstOf = async (filter: object) =>
    (await stats.segment(filter, { limit: 3 })).members.map(({ recipient }) => recipient);

  test('leaves out who left the list of the mail, or all lists', async () => {
    expect(await firstOf({ list: 'news' })).toEqual(PEOPLE.slice(3, 6));
    expect(await firstOf({ list: 'offers' })).toEqual(PEOPLE.slice(2, 5));
  });

  test('leaves out who left all lists where it names none, and nobody if told so', async () => {
    expect(await firstOf({})).toEqual(PEOPLE.slice(2, 5));
    expect(await firstOf({ withSuppressed: true })).toEqual(PEOPLE.slice(0, 3));
  });

  test('is read to its end by a mailer, also where somebody leaves meanwhile', async () => {
    const mailed: string[] = [];
    for await (const { recipient } of stats.segmentMembers({ never: 'opened', list: 'news' })) {
      mailed.push(recipient);
      if (mailed.length === 1) await suppression.add('p2400@e.com', 'list:news', 'test');
    }
    expect(mailed).toEqual(PEOPLE.slice(3).filter((one) => one !== 'p2400@e.com'));
  });

  test('is not answered while nobody knows who is suppressed', async () => {
    const away = jest.spyOn(suppression, 'filter').mockRejectedValue(new Error('away'));
    await expect(stats.segment({ list: 'news' })).rejects.toThrow('away');
    away.mockRestore();
  });
});
