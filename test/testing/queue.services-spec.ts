import { setTimeout as sleep } from 'node:timers/promises';
import { type INestApplication, Injectable } from '@nestjs/common';
import { OnTrackingEvent, type TrackingEvent } from 'nestjs-email-tracking';
import { TrackingQueueModule } from 'nestjs-email-tracking/bullmq';
import { ScenarioClock, TrackingScenarios } from 'nestjs-email-tracking/testing';
import { describeRedis, RedisServer } from '../support/redis.js';
import { startApp } from './scenario-app.js';
import { SCENARIOS } from './scenarios/index.js';

@Injectable()
class SlowHandler {
  readonly done: (string | undefined)[] = [];

  @OnTrackingEvent('tracking.click')
  async onClick(event: TrackingEvent) {
    await sleep(30);
    this.done.push(event.verdict?.kind);
  }
}

describeRedis('scenarios on an app with a queue', () => {
  let redis: RedisServer;
  let app: INestApplication;
  let scenarios: TrackingScenarios;
  const clock = new ScenarioClock();

  beforeAll(async () => {
    redis = await RedisServer.start([]);
    app = await startApp('express', clock, {
      imports: [TrackingQueueModule.forRoot({ connection: redis.url })],
      providers: [SlowHandler],
    });
    scenarios = await TrackingScenarios.for(app, { clock });
  });

  afterAll(async () => {
    await app?.close();
    await redis?.stop();
  });

  it.each([
    'Gmail, fetched ahead after a slow delivery',
    'a link checker asks by HEAD',
    'three links within a second',
    'before delivery',
  ])('%s', async (name) => {
    const { done } = app.get(SlowHandler);
    done.length = 0;
    const run = await scenarios.play(SCENARIOS.find((scenario) => scenario.name === name)!);
    run.check();
    // Handlers see an event as it was when it came.
    const clicks = run.hits.filter(({ event }) => event?.eventType === 'clicked');
    expect(done).toEqual(clicks.map(({ first }) => first!.kind));
  });
});
