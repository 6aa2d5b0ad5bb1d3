import {
  EventPublisher,
  type ReclassifiedEvent,
  TRACKING_CLOCK,
  type TrackingEvent,
  type TrackingModuleOptions,
  VerdictJudge,
  type WindowStore,
} from 'nestjs-email-tracking';
import { openEvent } from '../bullmq/events.js';
import { OTHER_KEY, PLATFORMS, TestApp } from '../support/app.js';

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

const MAIL = { messageId: '<42@example.com>', recipient: 'ann@example.com' };

const hang = () => new Promise<never>(() => undefined);

describe.each(PLATFORMS)('verdicts on %s', (platform) => {
  let app: TestApp;
  let now: number;

  async function start(tracking: Partial<TrackingModuleOptions> = {}): Promise<void> {
    now = Date.parse('2026-11-20T10:00:00Z');
    const clock = { provide: TRACKING_CLOCK, useValue: () => now };
    app = await TestApp.start(platform, { tracking: { providers: [clock], ...tracking } });
  }

  afterEach(() => app.close());

  const anHourAgo = () => new Date(now - 3_600_000);
  const link = (linkIndex: number, changes: object = {}) =>
    app.tracking.getClickTrackingUrl(
      `https://example.com/${linkIndex}`,
      {},
      {
        ...MAIL,
        sentAt: anHourAgo(),
        linkIndex,
        linkCount: 6,
        part: 'html',
        ...changes,
      },
    );
  const pixel = (changes: object = {}) =>
    app.tracking.getOpenTrackingUrl({}, { ...MAIL, sentAt: anHourAgo(), part: 'html', ...changes });

  async function hit(url: string, headers: Record<string, string> = PERSON) {
    await app.get(url, { headers });
    await app.settled();
    return app.recorder.events.at(-1)!;
  }

  it('stand on every hit, by its own lights', async () => {
    await start();
    const url = link(0);
    const { verdict } = await hit(url);
    expect(verdict).toMatchObject({ kind: 'human', certainty: 'possible' });
    expect(verdict!.rules).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect((await hit(pixel(), { 'user-agent': 'Mozilla/5.0' })).verdict!.kind).toBe(
      'privacy-proxy',
    );
    expect((await hit(url, { 'user-agent': 'Slackbot-LinkExpanding 1.0' })).verdict).toMatchObject({
      kind: 'scanner',
      certainty: 'certain',
      reasons: expect.arrayContaining(['CHAT_PREVIEW']) as string[],
    });
    const { counts } = app.app.get(VerdictJudge);
    expect(counts.judged).toMatchObject({ human: 1, 'privacy-proxy': 1, scanner: 1 });
    expect(counts.window).toMatchObject({ keys: 1, hits: 3, evictedKeys: 0 });
  });

  it.each<Record<string, string>>([
    { 'sec-purpose': 'prefetch' },
    { 'sec-purpose': 'prefetch;prerender' },
    { purpose: 'preview' },
    { 'x-moz': 'prefetch' },
  ])('take %j for no person', async (declared) => {
    await start();
    for (const url of [link(0), pixel()]) {
      const { verdict } = await hit(url, { ...PERSON, ...declared });
      expect(verdict).toMatchObject({ kind: 'prefetch', certainty: 'certain' });
    }
  });

  it('let no HEAD become a hit', async () => {
    await start();
    await app.get(link(0), { method: 'HEAD', headers: PERSON });
    await app.settled();
    expect(app.recorder.events).toEqual([]);
  });

  it('correct earlier hits when a pattern completes', async () => {
    await start();
    const urls = [0, 1, 2, 3].map((i) => link(i));
    for (const url of urls) {
      await hit(url);
      now += 1000;
    }
    const { events, corrections } = app.recorder;
    expect(events.map(({ verdict }) => verdict!.kind)).toEqual([
      'human',
      'human',
      'scanner',
      'scanner',
    ]);
    expect(corrections).toEqual<ReclassifiedEvent[]>([
      {
        eventIds: [events[0]!.eventId, events[1]!.eventId],
        verdict: {
          kind: 'scanner',
          certainty: 'probable',
          reasons: [events[2]!.verdict!.reasons[0]!],
          rules: events[2]!.verdict!.rules,
        },
      },
    ]);
    expect(app.app.get(VerdictJudge).counts.reclassified).toBe(2);
  });

  it('keep the mails of tenants apart', async () => {
    await start({});
    const tenants = ['one', 'two', 'three'].map((context) => ({ context }));
    // The links cannot be read back here; the events are published as a hook would.
    for (const [i, { context }] of tenants.entries()) {
      const result = app.tracking.getClickTrackingResult(link(i), {
        userAgent: CHROME,
        userIp: null,
      });
      const event = { ...openEvent(`e${i}`), ...MAIL, eventType: 'clicked' as const, result };
      const clicked = {
        ...event,
        clickUrl: result.trackedUrl,
        linkIndex: i,
        part: 'html' as const,
      };
      await app.app
        .get(EventPublisher)
        .publish({ ...clicked, timestamp: new Date(now) }, undefined, {
          context,
        });
    }
    await app.settled();
    expect(app.recorder.events.map(({ verdict }) => verdict!.kind)).not.toContain('scanner');
    expect(app.recorder.corrections).toEqual([]);
  });

  it('say so where the link names no mail', async () => {
    await start();
    const { verdict } = await hit(link(0, { messageId: undefined }));
    expect(verdict!.reasons).toContain('NO_MESSAGE_KEY');
  });

  it.each<[string, () => never | Promise<never>]>([
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
  ])('do without a store that %s', async (_, fail) => {
    await start({ verdict: { store: { add: fail, deliver: fail } satisfies WindowStore } });
    const { verdict } = await hit(link(0));
    expect(verdict).toMatchObject({ kind: 'human' });
    expect(verdict!.reasons).toContain('WINDOW_UNAVAILABLE');
    expect(app.app.get(VerdictJudge).counts.withoutWindow).toBe(1);
  });

  it('answer readers, and lose no event, while a store hangs', async () => {
    await start({ verdict: { store: { add: hang, deliver: hang } }, responseBudgetMs: 50 });
    const answer = await app.get(link(0), { headers: PERSON });
    expect(answer.status).toBe(302);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(app.recorder.events).toHaveLength(1);
    expect(app.recorder.events[0]!.verdict).toBeNull();
    expect(app.logs.text).toContain('could not be judged');
  });

  describe('readers who ask for privacy', () => {
    it.each([{ 'sec-gpc': '1' }, { dnt: '1' }])(
      '%j: an open keeps nothing of them',
      async (wish) => {
        await start();
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

    it('are heard without verdicts, and where none could be made', async () => {
      const gone = { userIp: null, userAgent: null };
      await start({ verdict: false });
      expect(await hit(pixel(), { ...PERSON, dnt: '1' })).toMatchObject(gone);
      await app.close();
      const store: WindowStore = { add: hang, deliver: hang };
      await start({ verdict: { store }, responseBudgetMs: 50 });
      await app.get(pixel(), { headers: { ...PERSON, dnt: '1' } });
      await new Promise((resolve) => setTimeout(resolve, 1200));
      expect(app.recorder.events).toMatchObject([{ ...gone, verdict: null }]);
    });

    it('a click keeps it, and so does an open by option', async () => {
      await start({ respectPrivacySignals: false });
      const wish = { ...PERSON, dnt: '1', 'sec-gpc': '1' };
      expect((await hit(link(0), wish)).userAgent).toBe(CHROME);
      expect((await hit(pixel(), wish)).userAgent).toBe(CHROME);
      await app.close();
      await start();
      expect((await hit(link(0), wish)).userAgent).toBe(CHROME);
    });
  });

  it('come before beforePublish, and can be switched off', async () => {
    const kinds: (string | undefined)[] = [];
    await start({
      beforePublish: (event: TrackingEvent) => {
        kinds.push(event.verdict?.kind);
        return event;
      },
    });
    await hit(link(0));
    expect(kinds).toEqual(['human']);
    await app.close();
    await start({ verdict: false });
    expect((await hit(link(0))).verdict).toBeNull();
  });

  it('are made by the lines of the app', async () => {
    await start({
      verdict: {
        networks: [{ id: 'here', code: 'OUR_MONITOR', kind: 'scanner', networks: ['127.0.0.0/8'] }],
      },
    });
    expect((await hit(link(0))).verdict!.reasons).toContain('OUR_MONITOR');
    await app.close();
    await start({ verdict: { disable: ['CHAT_PREVIEW'] }, accept: [], encryptionKey: OTHER_KEY });
    const { verdict } = await hit(link(0), {
      ...PERSON,
      'user-agent': 'Slackbot-LinkExpanding 1.0',
    });
    expect(verdict!.reasons).not.toContain('CHAT_PREVIEW');
  });

  it('come with a start-up error that names each problem', async () => {
    await start();
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
