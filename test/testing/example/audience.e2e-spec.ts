// audience.e2e-spec.ts
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { TRACKING_CLOCK } from 'nestjs-email-tracking';
import { SCENARIOS, ScenarioClock, TrackingScenarios } from 'nestjs-email-tracking/testing';
import { AppModule } from './app.module.js';
import { Audience } from './audience.js';

describe('the audience', () => {
  const clock = new ScenarioClock('2026-11-20T10:00:00Z');
  let app: NestExpressApplication;
  let scenarios: TrackingScenarios;

  beforeAll(async () => {
    const testing = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(TRACKING_CLOCK)
      .useValue(clock.now)
      .compile();
    app = testing.createNestApplication<NestExpressApplication>();
    app.set('trust proxy', 'loopback');
    await app.listen(0, '127.0.0.1');
    scenarios = await TrackingScenarios.for(app, { clock });
  });

  afterAll(() => app.close());

  // Those that need a lookup are for apps that have one.
  const playable = SCENARIOS.filter(({ needsLookup }) => !needsLookup);

  it.each(playable.map((scenario) => [scenario.name, scenario] as const))(
    'counts people: %s',
    async (_, scenario) => {
      const run = await scenarios.play(scenario);
      run.check();
      if (run.messageId === null) return;
      const clicks = run.hits.filter(({ event }) => event?.eventType === 'clicked');
      expect(app.get(Audience).peopleOf(run.messageId)).toBe(
        clicks.filter(({ final }) => final?.kind === 'human').length,
      );
    },
  );
});
