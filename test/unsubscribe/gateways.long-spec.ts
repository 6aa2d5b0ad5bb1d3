import {
  EventPublisher,
  type TrackingEvent,
  UNSUBSCRIBE_STORE,
  VerdictClassifier,
} from 'nestjs-email-tracking';
import { type HitStep, SCENARIOS } from 'nestjs-email-tracking/testing';
import { PLATFORMS, TestApp } from '../support/app.js';
import { LOAD_HITS } from '../support/load-hits.js';
import { ANN, post, UNSUBSCRIBING } from './unsubscribe-app.js';

const GETS = LOAD_HITS / 100;

/** The scenarios with a machine in them, and who makes their requests. */
const GATEWAYS = SCENARIOS.map(({ name, steps, expect: expected }) => ({
  name,
  hits: steps.filter(
    (step, i): step is HitStep =>
      step.does !== 'delivered' && expected[i] !== 'none' && expected[i]!.kind !== 'human',
  ),
})).filter(({ hits }) => hits.length > 0);

describe.each(PLATFORMS)('machines that follow the unsubscribe link, on %s', (platform) => {
  const stored: TrackingEvent[] = [];
  let app: TestApp;
  beforeAll(async () => {
    const store = (event: TrackingEvent) => Promise.resolve(void stored.push(event));
    app = await TestApp.start(platform, {
      tracking: {
        ...UNSUBSCRIBING,
        providers: [{ provide: UNSUBSCRIBE_STORE, useValue: { store } }],
      },
    });
  });
  afterAll(() => app.close());

  const headersOf = ({ by, does }: HitStep) => ({
    ...(by.userAgent === null ? {} : { 'User-Agent': by.userAgent }),
    ...by.headers,
    ...(does === 'open' ? by.openHeaders : by.clickHeaders),
  });

  test.each(GATEWAYS)(`${GETS} GETs of "$name" end nothing, and are no event`, async ({ hits }) => {
    const url = app.tracking.getUnsubscribeUrl(ANN);
    for (let i = 0; i < GETS; i++) {
      const step = hits[i % hits.length]!;
      const method = step.does === 'head' ? 'HEAD' : 'GET';
      expect((await app.get(url, { method, headers: headersOf(step) })).status).toBe(200);
    }
    expect([stored, app.recorder.events, app.recorder.decodingErrors]).toEqual([[], [], []]);
    expect(app.app.get(EventPublisher).counts.published).toBe(0);
  });

  test('their GETs are in the window of verdicts, so a click of theirs is known', async () => {
    const classifier = app.app.get(VerdictClassifier);
    const before = classifier.counts.window!.hits;
    await app.get(app.tracking.getUnsubscribeUrl({ ...ANN, messageId: '<window@example.com>' }));
    expect(classifier.counts.window!.hits).toBe(before + 1);
  });

  test('a wish to leave by a machine is obeyed, and says whose it is', async () => {
    const headers = { 'User-Agent': 'python-requests/2.32' };
    const url = app.tracking.getUnsubscribeUrl({ ...ANN, sentAt: new Date(0) });
    expect((await post(app, url, { headers })).status).toBe(200);
    expect(stored).toMatchObject([{ via: null, verdict: { kind: 'scanner' } }]);
  });

  test('the scenarios have machines in them', () => {
    expect(GATEWAYS.length).toBeGreaterThan(5);
  });
});
