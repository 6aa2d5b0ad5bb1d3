import { Agent } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import {
  type TrackingEvent,
  type TrackingModuleOptions,
  TrackingService,
  UNSUBSCRIBE_STORE,
} from 'nestjs-email-tracking';
import { SuppressionService, TrackingSuppressionModule } from 'nestjs-email-tracking/suppression';
import {
  type HitStep,
  type Scenario,
  ScenarioClock,
  scenarioLookup,
} from 'nestjs-email-tracking/testing';
import { PLATFORMS, Recorder } from '../support/app.js';
import { request } from '../support/http.js';
import { SCENARIOS } from '../testing/scenarios/index.js';
import { startApp } from '../testing/scenario-app.js';
import { UNSUBSCRIBING } from './unsubscribe-app.js';

/** Links, and where opens of them lead: those of one mail. */
function mailOf(tracking: TrackingService, name: string, links: number) {
  const mail = { recipient: 'reader@example.com', messageId: `<${name}@example.com>` };
  return {
    open: tracking.getOpenTrackingUrl({}, mail),
    clicks: Array.from({ length: links }, (_, linkIndex) => {
      const place = { ...mail, linkIndex, linkCount: links + 1 };
      return tracking.getClickTrackingUrl(`https://www.example.com/${linkIndex}`, {}, place);
    }),
    leave: tracking.getUnsubscribeUrl({ ...mail, list: 'news' }),
  };
}

describe.each(PLATFORMS)('GETs of unsubscribe links, on %s', (platform) => {
  const clock = new ScenarioClock();
  const stored: TrackingEvent[] = [];
  const agent = new Agent({ keepAlive: true });
  let app: INestApplication;
  let recorder: Recorder;
  let url: string;

  beforeAll(async () => {
    const store = { store: (event: TrackingEvent) => Promise.resolve(void stored.push(event)) };
    const tracking: Partial<TrackingModuleOptions> = {
      ...UNSUBSCRIBING,
      verdict: { lookup: scenarioLookup },
      providers: [{ provide: UNSUBSCRIBE_STORE, useValue: store }],
    };
    const imports = [TrackingSuppressionModule.forRoot()];
    app = await startApp(platform, clock, { tracking, imports });
    recorder = app.get(Recorder);
    url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  });
  beforeEach(() => {
    for (const list of [recorder.events, recorder.corrections, recorder.decodingErrors]) {
      list.length = 0;
    }
  });
  afterAll(async () => {
    agent.destroy();
    await app.close();
  });

  async function get(link: string, { by, address }: HitStep, how: 'open' | 'click') {
    const own = how === 'open' ? by.openHeaders : by.clickHeaders;
    const headers = {
      'x-forwarded-for': address ?? by.addresses[0],
      ...by.headers,
      ...own,
      ...(by.userAgent !== null && { 'user-agent': by.userAgent }),
    };
    const { pathname } = new URL(link);
    return (await request(url + pathname, { headers, agent })).status;
  }

  const hitsOf = ({ steps }: Scenario) => steps.filter((step) => step.does !== 'delivered');
  const handled = () => new Promise((resolve) => setTimeout(resolve, 20));

  async function expectNothingStored() {
    expect(stored).toEqual([]);
    expect((await app.get(SuppressionService).list()).suppressions).toEqual([]);
  }

  test('among opens and clicks correct only events that were published, and change nothing else', async () => {
    const tracking = app.get(TrackingService);
    for (const scenario of SCENARIOS) {
      const links = scenario.mail?.links ?? 3;
      const { open, clicks, leave } = mailOf(tracking, `all ${scenario.name}`, links);
      const started = clock.now();
      for (const step of hitsOf(scenario)) {
        clock.set(Math.max(clock.now(), started + step.at * 1000));
        const isOpen = step.does === 'open';
        const click = typeof step.link === 'number' ? clicks[step.link]! : clicks[0]!;
        const status = await get(isOpen ? open : click, step, isOpen ? 'open' : 'click');
        expect(status).toBe(isOpen ? 200 : 302);
        expect(await get(leave, step, 'click')).toBe(200);
      }
    }
    await handled();
    const published = new Set(recorder.events.map(({ eventId }) => eventId));
    const corrected = recorder.corrections.flatMap(({ eventIds }) => eventIds);
    expect(new Set(recorder.events.map(({ eventType }) => eventType))).toEqual(
      new Set(['opened', 'clicked']),
    );
    expect(corrected.length).toBeGreaterThan(0);
    expect(corrected.filter((id) => !published.has(id))).toEqual([]);
    expect(recorder.corrections.filter(({ eventIds }) => eventIds.length === 0)).toEqual([]);
    await expectNothingStored();
  });
});
