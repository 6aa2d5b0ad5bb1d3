import {
  EventPublisher,
  type ReclassifiedEvent,
  TRACKING_CLOCK,
  type TrackingEvent,
  type TrackingModuleOptions,
  VerdictClassifier,
  type WindowStore,
} from 'nestjs-email-tracking';
import { openEvent } from '../bullmq/events.js';
import { OTHER_KEY, PLATFORMS, TestApp } from '../support/app.js';
import { until } from '../support/until.js';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
  'Chrome/131.0.0.0 Safari/537.36';

/** What a browser sends when somebody follows a link. */
const PERSON = {
  'user-agent': CHROME,
  'accept-language': 'en',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-user': '?1',
};

const hang = () => new Promise<never>(() => undefined);

describe.each(PLATFORMS)('verdicts on %s', (platform) => {
  const START = Date.parse('2026-11-20T10:00:00Z');
  let app: TestApp;
  let now = START;
  /** Each test has a mail of its own, so that none meets another in the window. */
  let mail: { messageId: string; recipient: string };
  let mails = 0;

  beforeEach(() => {
    mail = { messageId: `<${++mails}@example.com>`, recipient: 'ann@example.com' };
    app?.recorder.events.splice(0);
    app?.recorder.corrections.splice(0);
  });

  /** One app for all tests of a describe. */
  function useApp(tracking: () => Partial<TrackingModuleOptions> = () => ({})): void {
    beforeAll(async () => {
      now = START;
      const clock = { provide: TRACKING_CLOCK, useValue: () => now };
      app = await TestApp.start(platform, { tracking: { providers: [clock], ...tracking() } });
    });
    afterAll(() => app.close());
  }

  const anHourAgo = () => new Date(now - 3_600_000);
  const link = (linkIndex: number, changes: object = {}) =>
    app.tracking.getClickTrackingUrl(
      `https://example.com/${linkIndex}`,
      {},
      { ...mail, sentAt: anHourAgo(), linkIndex, linkCount: 6, part: 'html', ...changes },
    );
  const pixel = () =>
    app.tracking.getOpenTrackingUrl({}, { ...mail, sentAt: anHourAgo(), part: 'html' });

  async function hit(url: string, headers: Record<string, string> = PERSON) {
    await app.get(url, { headers });
    await app.settled();
    return app.recorder.events.at(-1)!;
  }

  describe('by default', () => {
    useApp();

    it('stand on every hit', async () => {
      const classifier = app.app.get(VerdictClassifier);
      const before = classifier.counts;
      const url = link(0);
      const { verdict } = await hit(url);
      expect(verdict).toMatchObject({ kind: 'human', certainty: 'possible' });
      expect(verdict!.rules).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect((await hit(pixel(), { 'user-agent': 'Mozilla/5.0' })).verdict!.kind).toBe(
        'privacy-proxy',
      );
      expect(
        (await hit(url, { 'user-agent': 'Slackbot-LinkExpanding 1.0' })).verdict,
      ).toMatchObject({
        kind: 'scanner',
        certainty: 'certain',
        reasons: expect.arrayContaining(['CHAT_PREVIEW']) as string[],
      });
      const { verdicts, window } = classifier.counts;
      for (const kind of ['human', 'privacy-proxy', 'scanner'] as const) {
        expect(verdicts[kind] - before.verdicts[kind]).toBe(1);
      }
      expect(window!.keys - before.window!.keys).toBe(1);
      expect(window!.hits - before.window!.hits).toBe(3);
      expect(window!.evictedKeys).toBe(0);
    });

    it.each<Record<string, string>>([
      { 'sec-purpose': 'prefetch' },
      { 'sec-purpose': 'prefetch;prerender' },
      { purpose: 'preview' },
      { 'x-moz': 'prefetch' },
    ])('are prefetch for %j', async (declared) => {
      for (const url of [link(0), pixel()]) {
        const { verdict } = await hit(url, { ...PERSON, ...declared });
        expect(verdict).toMatchObject({ kind: 'prefetch', certainty: 'certain' });
      }
    });

    it('keep the name of the new Outlook as evidence of a person', async () => {
      const native = { ...PERSON, 'x-native-host': 'OneOutlook/1.2026.420.300' };
      const { verdict, result } = await hit(pixel(), native);
      expect(verdict).toMatchObject({ kind: 'human', certainty: 'probable' });
      expect(verdict!.reasons[0]).toBe('NEW_OUTLOOK');
      expect(result!.requestData!.headers).toHaveProperty('x-native-host');
    });

    it('let no HEAD become a hit', async () => {
      await app.get(link(0), { method: 'HEAD', headers: PERSON });
      await app.settled();
      expect(app.recorder.events).toEqual([]);
    });

    it('correct earlier hits when a pattern completes', async () => {
      const before = app.app.get(VerdictClassifier).counts.reclassified;
      const urls = [0, 1, 2, 3].map((i) => link(i));
      const loaded = await hit(pixel());
      now += 33_000;
      for (const url of urls) {
        await hit(url);
        now += 200;
      }
      const { events, corrections } = app.recorder;
      expect(events.map(({ verdict }) => verdict!.kind)).toEqual([
        'unknown',
        'human',
        'human',
        'scanner',
        'scanner',
      ]);
      expect(corrections).toEqual<ReclassifiedEvent[]>([
        {
          // With the pixel that the same visitor loaded.
          eventIds: [loaded.eventId, events[1]!.eventId, events[2]!.eventId],
          verdict: {
            kind: 'scanner',
            certainty: 'probable',
            reasons: ['LINK_BURST'],
            rules: events[3]!.verdict!.rules,
          },
        },
      ]);
      expect(app.app.get(VerdictClassifier).counts.reclassified - before).toBe(3);
    });

    it('keep the mails of tenants apart', async () => {
      const tenants = ['one', 'two', 'three'].map((context) => ({ context }));
      // The links cannot be read back here; the events are published as a hook would.
      for (const [i, { context }] of tenants.entries()) {
        const result = app.tracking.getClickTrackingResult(link(i), {
          userAgent: CHROME,
          userIp: null,
        });
        const event = { ...openEvent(`e${i}`), ...mail, eventType: 'clicked' as const, result };
        const clicked = {
          ...event,
          clickUrl: result.trackedUrl,
          linkIndex: i,
          part: 'html' as const,
        };
        await app.app
          .get(EventPublisher)
          .publish({ ...clicked, timestamp: new Date(now) }, { hints: { context } });
      }
      await app.settled();
      expect(app.recorder.events).toHaveLength(3);
      expect(app.recorder.events.map(({ verdict }) => verdict!.kind)).not.toContain('scanner');
      expect(app.recorder.corrections).toEqual([]);
    });

    it('say so where the link names no mail', async () => {
      const { verdict } = await hit(link(0, { messageId: undefined }));
      expect(verdict!.reasons).toContain('NO_MESSAGE_KEY');
    });

    it.each([{ 'sec-gpc': '1' }, { dnt: '1' }])(
      'an open keeps nothing of a reader who asks for privacy: %j',
      async (wish) => {
        const event = await hit(pixel(), {
          'user-agent': 'YahooMailProxy; x',
          ...(wish as object),
        });
        expect(event).toMatchObject({ userIp: null, userAgent: null });
        expect(event.result!.requestData).toMatchObject({ userIp: null, userAgent: null });
        expect(event.verdict!.kind).toBe('human');
        expect(JSON.stringify(event)).not.toMatch(/127\.0\.0\.1|YahooMailProxy/);
      },
    );

    it('a click keeps the agent of a reader who asks for privacy', async () => {
      const wish = { ...PERSON, dnt: '1', 'sec-gpc': '1' };
      expect((await hit(link(0), wish)).userAgent).toBe(CHROME);
    });

    it('come with a start-up error that names each problem', async () => {
      const broken = {
        rules: [{ id: 'x', on: 'moon' }],
        networks: [{ id: 'y', code: 'Y', kind: 'scanner', networks: ['300.0.0.0/8'] }],
        disable: ['NO_SUCH_CODE'],
        maxKeys: 0,
        colour: 'red',
      };
      await expect(
        TestApp.start(platform, { tracking: { verdict: broken as never } }),
      ).rejects.toThrow(/verdict\.maxKeys[^]*verdict\.colour|verdict\.colour[^]*verdict\.maxKeys/);
    });
  });

  describe('with a store that fails', () => {
    let fail: () => never | Promise<never>;
    useApp(() => ({
      verdict: { store: { add: () => fail(), deliver: () => fail() } satisfies WindowStore },
    }));

    it.each<[string, () => never | Promise<never>]>([
      [
        'throws',
        () => {
          throw new Error('down');
        },
      ],
      ['rejects', () => Promise.reject(new Error('down'))],
    ])('are made without it when it %s', async (_, failure) => {
      fail = failure;
      const before = app.app.get(VerdictClassifier).counts.withoutWindow;
      const { verdict } = await hit(link(0));
      expect(verdict).toMatchObject({ kind: 'human' });
      expect(verdict!.reasons).toContain('WINDOW_UNAVAILABLE');
      expect(app.app.get(VerdictClassifier).counts.withoutWindow - before).toBe(1);
    });
  });

  describe('with a store that hangs', () => {
    useApp(() => ({ verdict: { store: { add: hang, deliver: hang } }, responseBudgetMs: 50 }));

    it('let readers have their answers, lose no event, and keep wishes for privacy', async () => {
      const answer = await app.get(link(0), { headers: PERSON });
      expect(answer.status).toBe(302);
      await app.get(pixel(), { headers: { ...PERSON, dnt: '1' } });
      await until(() => app.recorder.events.length === 2);
      const [click, open] = app.recorder.events.toSorted(({ eventType }) =>
        eventType === 'clicked' ? -1 : 1,
      );
      expect(click).toMatchObject({ userAgent: CHROME, verdict: null });
      expect(open).toMatchObject({ userIp: null, userAgent: null, verdict: null });
      expect(app.logs.text).toContain('could not be classified');
    });
  });

  describe('switched off', () => {
    useApp(() => ({ verdict: false }));

    it('are absent, and wishes for privacy are kept', async () => {
      expect((await hit(link(0))).verdict).toBeNull();
      const gone = { userIp: null, userAgent: null, verdict: null };
      expect(await hit(pixel(), { ...PERSON, dnt: '1' })).toMatchObject(gone);
    });
  });

  describe('with options of the app', () => {
    const kinds: (string | undefined)[] = [];
    useApp(() => ({
      respectPrivacySignals: false,
      accept: [],
      encryptionKey: OTHER_KEY,
      beforePublish: (event: TrackingEvent) => {
        kinds.push(event.verdict?.kind);
        return event;
      },
      verdict: {
        networks: [{ id: 'here', code: 'OUR_MONITOR', kind: 'scanner', networks: ['127.0.0.0/8'] }],
        disable: ['CHAT_PREVIEW'],
      },
    }));

    it('are made by the lines of the app, before beforePublish', async () => {
      kinds.length = 0;
      expect((await hit(link(0))).verdict!.reasons).toContain('OUR_MONITOR');
      expect(kinds).toEqual(['scanner']);
      const { verdict } = await hit(link(0), {
        ...PERSON,
        'user-agent': 'Slackbot-LinkExpanding 1.0',
      });
      expect(verdict!.reasons).not.toContain('CHAT_PREVIEW');
    });

    it('an open keeps the agent where wishes for privacy do not count', async () => {
      const wish = { ...PERSON, dnt: '1', 'sec-gpc': '1' };
      expect((await hit(pixel(), wish)).userAgent).toBe(CHROME);
      expect((await hit(link(0), wish)).userAgent).toBe(CHROME);
    });
  });
});
