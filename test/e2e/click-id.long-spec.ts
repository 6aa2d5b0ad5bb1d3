import {
  ClickTrackingController,
  EventPublisher,
  type TrackingEvent,
  type TrackingModuleOptions,
  type TrackingRequest,
  TrackingResponder,
  type TrackingResult,
} from 'nestjs-email-tracking';
import { Controller, Get, Inject, type ModuleMetadata, Req, Res } from '@nestjs/common';
import { ANN, ModeApp, SALE } from '../privacy/mode-app.js';
import { PLATFORMS, TestApp } from '../support/app.js';
import { until } from '../support/until.js';

const PARAM = { clickIdParam: 'click_id' };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The id that a destination is told; `undefined` if it is told none. */
const idIn = (location: string | undefined) =>
  new URL(location!).searchParams.get('click_id') ?? undefined;

describe.each(PLATFORMS)('clickIdParam, on %s', (platform) => {
  let app: TestApp | undefined;
  const start = async (
    tracking: Partial<TrackingModuleOptions> = {},
    metadata: ModuleMetadata = {},
  ) => (app = await TestApp.start(platform, { tracking: { ...PARAM, ...tracking }, metadata }));
  let own: ModeApp | undefined;
  afterEach(async () => {
    await app?.close();
    await own?.close();
    app = own = undefined;
  });

  const click = async (of: TestApp, url = 'https://e.com/a?b=1#c', method = 'GET') => {
    const answer = await of.get(of.tracking.getClickTrackingUrl(url), { method });
    expect(answer.status).toBe(302);
    return answer.headers.location!;
  };
  const idOfClick = async (of: TestApp) => idIn(await click(of));
  const eventsOf = async ({ recorder }: TestApp, count = 1) => {
    await until(() => recorder.events.length >= count);
    return recorder.events;
  };

  it('is the eventId of the event of the click, whose URL stays that of the link', async () => {
    const app = await start({ passQuery: ['gclid'] });
    const url = app.tracking.getClickTrackingUrl('https://e.com/a?b=1#c');
    const ids: string[] = [];
    for (let i = 1; i <= 3; i++) {
      const location = (await app.get(`${url}?gclid=${i}`)).headers.location!;
      const id = idIn(location)!;
      expect(location).toBe(`https://e.com/a?b=1&gclid=${i}&click_id=${id}#c`);
      expect(id).toMatch(UUID);
      ids.push(id);
    }
    expect(new Set(ids).size).toBe(3);
    const events = await eventsOf(app, 3);
    expect(events.map(({ eventId }) => eventId)).toEqual(ids);
    for (const { clickUrl, result } of events) {
      expect([clickUrl, result!.trackedUrl]).toEqual(Array(2).fill('https://e.com/a?b=1#c'));
    }
  });

  it('is not told where the query is signed, or the destination has the parameter', async () => {
    const app = await start();
    for (const url of [
      'https://e.com/?X-Amz-Signature=a',
      'https://e.com/?sig=a#b',
      'https://e.com/?CLICK_ID=mine',
    ]) {
      expect(await click(app, url)).toBe(url);
    }
  });

  it('is not taken from the query of the click', async () => {
    const app = await start();
    const url = app.tracking.getClickTrackingUrl('https://e.com/');
    const { location } = (await app.get(`${url}?click_id=forged`)).headers;
    expect((await eventsOf(app))[0]!.eventId).toBe(idIn(location));
    expect(location).not.toContain('forged');
  });

  it('is not told for HEAD, nor for an expired link', async () => {
    const app = await start({ maxAgeSeconds: 60 });
    expect(await click(app, 'https://e.com/', 'HEAD')).toBe('https://e.com/');
    const sentAt = new Date(Date.now() - 120_000);
    const old = app.tracking.getClickTrackingUrl('https://e.com/', {}, { sentAt });
    expect((await app.get(old)).headers.location).toBe('https://e.com/');
  });

  it('is not told where redirect.check refuses the URL with it', async () => {
    const check = (url: URL) => url.hostname === 'ours.example' || !idIn(url.href);
    const app = await start({ redirect: { check } });
    expect(idIn(await click(app, 'https://ours.example/'))).toMatch(UUID);
    expect(await click(app, 'https://theirs.example/')).toBe('https://theirs.example/');
  });

  it.each(['off', 'anonymous', 'deliverability'] as const)(
    'is not told where clicks are configured, sealed, or narrowed at the hit to %s',
    async (mode) => {
      own = await ModeApp.start(platform, PARAM);
      own.says(ANN, 'identified');
      const { link } = await own.mailTo(ANN);
      const told = idIn((await own.get(link)).headers.location);
      expect((await own.take()).events).toMatchObject([{ eventId: told }]);
      own.says(ANN, mode);
      expect((await own.get(link)).headers.location).toBe(SALE);
      const sealed = await own.mailTo(ANN);
      own.says(ANN, 'identified');
      // With `off`, the mail has the plain link.
      if (mode !== 'off') expect((await own.get(sealed.link)).headers.location).toBe(SALE);
      await own.close();
      own = await ModeApp.start(platform, { ...PARAM, privacy: { clicks: mode } }, 'nobody');
      expect((await own.get(link)).headers.location).toBe(SALE);
    },
  );

  it('is not told where consent cannot be asked for in time', async () => {
    own = await ModeApp.start(platform, { ...PARAM, responseBudgetMs: 50 });
    own.says(ANN, 'identified');
    const { link } = await own.mailTo(ANN);
    own.says(ANN, 'identified');
    own.consents.hang();
    expect((await own.get(link)).headers.location).toBe(SALE);
  });

  it('is the one that beforePublish leaves, and none if it withholds the event, fails or is late', async () => {
    let before: (event: TrackingEvent) => TrackingEvent | null | Promise<TrackingEvent | null>;
    const app = await start({ responseBudgetMs: 50, beforePublish: (event) => before(event) });
    before = (event) => ({ ...event, eventId: 'of my own & <more>' });
    expect(await idOfClick(app)).toBe('of my own & <more>');
    before = (event) => ({ ...event, eventId: '\ud800' });
    expect(await idOfClick(app)).toBe('\ufffd');
    before = (event) => Promise.resolve(event);
    const id = await idOfClick(app);
    expect((await eventsOf(app, 3)).at(-1)!.eventId).toBe(id);
    before = () => null;
    expect(await idOfClick(app)).toBeUndefined();
    before = () => {
      throw new Error('no');
    };
    expect(await idOfClick(app)).toBeUndefined();
    before = (event) => ({ ...event, mode: 'anonymous' });
    expect(await idOfClick(app)).toBeUndefined();
    let withhold = () => undefined as void;
    before = () => new Promise((resolve) => (withhold = () => resolve(null)));
    expect(await idOfClick(app)).toBeUndefined();
    withhold();
  });

  it('is the id of every event that a controller of the app makes of the hit', async () => {
    const made: string[] = [];
    class Clicks extends ClickTrackingController {
      protected override async notifyTrackingEvent(result: TrackingResult, hit: TrackingRequest) {
        made.push(this.toTrackingEvent(result, hit).eventId);
        await Promise.resolve();
        return super.notifyTrackingEvent(result, hit);
      }
    }
    const app = await start({ controllers: { click: Clicks } });
    const ids = [await idOfClick(app), await idOfClick(app)];
    expect(made).toEqual(ids);
    expect((await eventsOf(app, 2)).map(({ eventId }) => eventId)).toEqual(ids);
  });

  it('is the one of the published event, whatever a controller gives it or makes it of', async () => {
    class Clicks extends ClickTrackingController {
      protected override notifyTrackingEvent(result: TrackingResult, hit: TrackingRequest) {
        return super.notifyTrackingEvent({ ...result, tags: ['copied'] }, hit);
      }

      protected override toTrackingEvent(result: TrackingResult, hit: TrackingRequest) {
        const event = super.toTrackingEvent(result, hit);
        const own = hit.headers['x-own'];
        return own ? { ...event, eventId: String(own) } : event;
      }
    }
    const app = await start({ controllers: { click: Clicks } });
    const id = await idOfClick(app);
    const url = app.tracking.getClickTrackingUrl('https://e.com/');
    const other = (await app.get(url, { headers: { 'x-own': 'mine-7' } })).headers.location;
    expect(idIn(other)).toBe('mine-7');
    expect(await eventsOf(app, 2)).toMatchObject([
      { eventId: id, tags: ['copied'] },
      { eventId: 'mine-7' },
    ]);
  });

  it('is told where a controller records the event itself, and not where it records none', async () => {
    const kept: TrackingEvent[] = [];
    let records: 'before' | 'late' | 'not' = 'before';
    class Clicks extends ClickTrackingController {
      protected override async notifyTrackingEvent(result: TrackingResult, hit: TrackingRequest) {
        if (records === 'before') kept.push(this.toTrackingEvent(result, hit));
        if (records === 'late') {
          await new Promise((done) => setTimeout(done, 100));
          kept.push(this.toTrackingEvent(result, hit));
        }
      }
    }
    const app = await start({ responseBudgetMs: 20, controllers: { click: Clicks } });
    expect(await idOfClick(app)).toBe(kept[0]!.eventId);
    records = 'not';
    expect(await idOfClick(app)).toBeUndefined();
    records = 'late';
    expect(await idOfClick(app)).toBeUndefined();
    await until(() => kept.length === 2);
  });

  it('is told by a controller of one’s own, and for each hit on a link that is read once', async () => {
    const made: string[] = [];
    let read: TrackingResult | undefined;
    @Controller('go')
    class Own {
      @Inject(TrackingResponder)
      private readonly responder!: TrackingResponder;

      @Get()
      go(@Req() request: TrackingRequest, @Res() response: never) {
        return this.responder.click(request, response, {
          token: String(request.headers['x-token']),
          overrides: { clickIdParam: 'tenant_click' },
          readLink: (token, purpose, hit) =>
            (read ??= this.responder.readLink(token, purpose, hit)),
          onEvent: async (result, hit) => {
            await new Promise((done) => setTimeout(done, 5));
            const event = this.responder.toTrackingEvent(result);
            made.push(event.eventId);
            return this.responder.publish(event, hit);
          },
        });
      }
    }
    const app = await start({}, { controllers: [Own] });
    const token = app.tracking.getClickTrackingUrl('https://e.com/').split('/').at(-1)!;
    const go = () => app.get('/go', { headers: { 'x-token': token } });
    const answers = await Promise.all([go(), go(), go()]);
    const ids = answers.map(
      ({ headers }) => /^https:\/\/e\.com\/\?tenant_click=(.+)$/.exec(headers.location!)![1],
    );
    expect(new Set(made)).toEqual(new Set(ids));
    expect(new Set(made).size).toBe(3);
    expect((await eventsOf(app, 3)).map(({ eventId }) => eventId).toSorted()).toEqual(
      made.toSorted(),
    );
    expect(app.app.get(EventPublisher).counts.published).toBe(3);
  });
});
