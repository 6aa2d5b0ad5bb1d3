import {
  ClickTrackingController,
  OpenTrackingController,
  type TrackingEvent,
  type TrackingRequest,
  type TrackingResult,
} from 'nestjs-email-tracking';
import { KEY, OPTIONS, OTHER_KEY, PLATFORMS } from '../support/app.js';
import { Compiled } from '../support/compiled.js';
import { forkApp } from '../support/forked-app.js';
import { request } from '../support/http.js';
import { serviceFor } from '../support/service.js';
import { ANN, ModeApp, SALE } from './mode-app.js';

let own: ModeApp | undefined;
afterEach(async () => {
  await own?.close();
  own = undefined;
});

/** What an event that names nobody has in the place of what names its reader. */
const NOBODY = {
  mode: 'anonymous',
  recipient: null,
  recipientCertain: false,
  messageId: null,
  userIp: null,
  userAgent: null,
  espEvent: null,
  description: null,
  mtaResponse: null,
  sentAt: null,
  tags: [],
};

describe.each(PLATFORMS)('a withdrawal between send and hit, on %s', (platform) => {
  beforeEach(async () => {
    own = await ModeApp.start(platform);
  });

  it('reaches the pixel and the link of a mail that was sent identified', async () => {
    const app = own!;
    app.says(ANN, 'identified');
    const { pixel, link } = await app.mailTo(ANN);
    expect((await app.get(pixel!)).status).toBe(200);
    expect((await app.take()).events).toMatchObject([{ recipient: ANN, eventType: 'opened' }]);
    app.says(ANN, 'off');
    const [open, click] = [await app.get(pixel!), await app.get(link)];
    expect([open.status, click.status, click.headers.location]).toEqual([200, 302, SALE]);
    expect(await app.take()).toEqual({ events: [], seen: [] });
    expect(app.app.recorder.events).toHaveLength(1);
  });

  it('to anonymous leaves events that name nobody, and no query of the destination', async () => {
    const app = own!;
    app.says(ANN, 'identified');
    const { pixel, link } = await app.mailTo(ANN);
    app.says(ANN, 'anonymous');
    await app.get(pixel!);
    const { headers } = await app.get(link);
    expect(headers.location).toBe(SALE);
    const { events } = await app.take();
    const short = 'https://www.example.com/sale';
    expect(events).toMatchObject([
      { ...NOBODY, eventType: 'opened', metadata: { campaign: 'may' } },
      { ...NOBODY, eventType: 'clicked', clickUrl: short, result: { trackedUrl: short } },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/ann@|m1@|vip|127\.0\.0\.1/);
  });

  it('reaches what a provider reports', async () => {
    const app = own!;
    app.says(ANN, 'identified');
    expect([await app.report('open', ANN), await app.report('click', ANN)]).toEqual([200, 200]);
    expect((await app.take()).events).toMatchObject([{ recipient: ANN }, { recipient: ANN }]);
    app.says(ANN, 'off');
    expect([await app.report('open', ANN), await app.report('click', ANN)]).toEqual([200, 200]);
    expect(await app.take()).toEqual({ events: [], seen: [] });
    app.says(ANN, 'anonymous');
    await app.report('click', ANN);
    const { events } = await app.take();
    expect(events).toMatchObject([{ ...NOBODY, clickUrl: 'https://www.example.com/sale' }]);
    expect(JSON.stringify(events)).not.toMatch(/ann@|198\.51/);
  });

  it('to deliverability leaves the day of an open that a provider reports, and anonymous clicks', async () => {
    const app = own!;
    app.says(ANN, 'deliverability');
    await app.report('open', ANN);
    await app.report('click', ANN);
    const { events, seen } = await app.take();
    expect(seen).toMatchObject([{ recipient: ANN }]);
    expect(events).toMatchObject([{ ...NOBODY, eventType: 'clicked' }]);
  });

  it('is followed by a yes, which does not widen links that were sealed narrow', async () => {
    const app = own!;
    app.says(ANN, 'anonymous');
    const anonymous = await app.mailTo(ANN);
    app.says(ANN, 'deliverability');
    const seen = await app.mailTo(ANN);
    app.says(ANN, 'identified');
    for (const url of [anonymous.pixel!, anonymous.link, seen.link]) await app.get(url);
    expect((await app.take()).events).toMatchObject([NOBODY, NOBODY, NOBODY]);
    await app.get(seen.pixel!);
    expect(await app.take()).toMatchObject({
      events: [],
      seen: [{ recipient: ANN, day: '2026-11-20', tenant: null }],
    });
  });
});

describe.each(PLATFORMS)('a resolver that does not work, on %s', (platform) => {
  it.each(['hang', 'fail'] as const)(
    '%s: the reader is answered, and nothing is recorded',
    async (breaks) => {
      own = await ModeApp.start(platform, { responseBudgetMs: 100 });
      const app = own;
      own.says(ANN, 'identified');
      const { pixel, link } = await own.mailTo(ANN);
      own.says(ANN, 'identified');
      own.consents[breaks]();
      const before = own.counts;
      const [open, click] = [await app.get(pixel!), await app.get(link)];
      expect([open.status, click.status, click.headers.location]).toEqual([200, 302, SALE]);
      expect(await own.take()).toEqual({ events: [], seen: [] });
      const { late, failed, invalid } = own.counts;
      const count = { hang: late - before.late, fail: failed - before.failed }[breaks];
      expect([count, invalid]).toEqual([2, 0]);
      // An answer that failed is not remembered.
      own.consents.answer(ANN, 'identified');
      await app.get(link);
      expect((await own.take()).events).toMatchObject([{ recipient: ANN }]);
      expect(app.app.logs.text).not.toContain('@');
    },
  );

  it('onFailure.hit says what is recorded instead', async () => {
    const privacy = { onFailure: { hit: 'anonymous' as const } };
    own = await ModeApp.start(platform, { responseBudgetMs: 100, privacy });
    own.says(ANN, 'identified');
    const { link } = await own.mailTo(ANN);
    own.says(ANN, null);
    own.consents.hang();
    await own.get(link);
    expect((await own.take()).events).toMatchObject([NOBODY]);
  });
});

describe.each(PLATFORMS)('controllers of the app, on %s', (platform) => {
  it('cannot put the recipient back: what they publish is narrowed', async () => {
    const told: TrackingResult[] = [];
    class Clicks extends ClickTrackingController {
      protected override notifyTrackingEvent(result: TrackingResult, hit: TrackingRequest) {
        told.push(result);
        return super.notifyTrackingEvent(result, hit);
      }

      protected override toTrackingEvent(
        result: TrackingResult,
        hit: TrackingRequest,
      ): TrackingEvent {
        const { mode: _mode, ...whole } = super.toTrackingEvent(result, hit);
        const { mode: _narrow, ...told } = result;
        return {
          ...whole,
          recipient: ANN,
          recipientCertain: true,
          messageId: '<m1@example.com>',
          userIp: '198.51.100.7',
          userAgent: 'Mozilla/5.0',
          tags: ['vip'],
          metadata: { user: 7, campaign: 'may' },
          clickUrl: SALE,
          result: { ...told, recipient: ANN },
        };
      }
    }
    const checked: string[] = [];
    own = await ModeApp.start(platform, {
      controllers: { click: Clicks },
      redirect: { check: (url) => checked.push(url.href) > 0 },
    });
    own.says(ANN, 'anonymous');
    const narrow = await own.mailTo(ANN);
    own.says(ANN, 'identified');
    const wide = await own.mailTo(ANN);
    checked.length = 0;
    await own.get(narrow.link);
    own.says(ANN, 'anonymous');
    await own.get(wide.link);
    const { events } = await own.take();
    expect(events).toMatchObject([
      { ...NOBODY, metadata: { campaign: 'may' }, result: { mode: 'anonymous', recipient: null } },
      { ...NOBODY, metadata: { campaign: 'may' }, result: { mode: 'anonymous', recipient: null } },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/ann@|m1@|vip|198\.51/);
    expect(told).toMatchObject([
      { mode: 'anonymous', recipient: null, requestData: null, trackedUrl: SALE },
      { mode: 'anonymous', recipient: null, trackedUrl: 'https://www.example.com/sale' },
    ]);
    expect(checked).toEqual([SALE, SALE]);
  });

  it('cannot put the query of a destination back, which may name its reader', async () => {
    class Clicks extends ClickTrackingController {
      protected override toTrackingEvent(result: TrackingResult, hit: TrackingRequest) {
        return { ...super.toTrackingEvent(result, hit), clickUrl: SALE };
      }
    }
    own = await ModeApp.start(platform, { controllers: { click: Clicks } });
    own.says(ANN, 'identified');
    const { link } = await own.mailTo(ANN);
    own.says(ANN, 'anonymous');
    await own.get(link);
    expect((await own.take()).events).toMatchObject([
      { ...NOBODY, clickUrl: 'https://www.example.com/sale' },
    ]);
  });

  it('are not told of a hit in the modes off and deliverability', async () => {
    const told: TrackingResult[] = [];
    class Opens extends OpenTrackingController {
      protected override notifyTrackingEvent(result: TrackingResult, hit: TrackingRequest) {
        told.push(result);
        return super.notifyTrackingEvent(result, hit);
      }
    }
    own = await ModeApp.start(platform, { controllers: { open: Opens } });
    own.says(ANN, 'identified');
    const { pixel } = await own.mailTo(ANN);
    for (const mode of ['off', 'deliverability'] as const) {
      own.says(ANN, mode);
      expect((await own.get(pixel!)).status).toBe(200);
    }
    expect(told).toEqual([]);
    expect((await own.take()).seen).toHaveLength(1);
  });
});

describe('a link that cannot be read', () => {
  const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0.0.0' };
  const broken = 'https://t.example.com/click/pAAAAAAAA';
  const requestOf = async (app: ModeApp) => {
    await app.app.get(broken, { headers });
    await app.app.settled();
    return app.app.recorder.decodingErrors[0]!.requestData;
  };

  it.each(['off', 'anonymous', 'deliverability'] as const)(
    'tells neither IP nor User-Agent where clicks are %s at most',
    async (clicks) => {
      own = await ModeApp.start('express', { privacy: { clicks } }, 'nobody');
      expect(await requestOf(own)).toMatchObject({ userIp: null, userAgent: null });
    },
  );

  it('tells neither where there is somebody to ask', async () => {
    own = await ModeApp.start('fastify');
    expect(JSON.stringify(await requestOf(own))).not.toMatch(/127\.0\.0\.1|Chrome/);
  });

  it('tells both where everything is identified and nobody is asked', async () => {
    own = await ModeApp.start('express', {}, 'nobody');
    expect(await requestOf(own)).toMatchObject({ userAgent: headers['user-agent'] });
  });
});

describe('anonymous links', () => {
  const html = `<a href="${SALE}" data-track-label="cta">1</a><a href="https://www.example.com/2">2</a>`;
  const privacy = { opens: 'anonymous', clicks: 'anonymous' } as const;
  const now = Date.parse('2026-11-20T10:00:00Z');
  let compiled: Compiled;
  beforeAll(() => {
    compiled = Compiled.make(['test/privacy/processes']);
  });
  afterAll(() => compiled.remove());

  const mailOf = (recipient: string, at = now, key = KEY) =>
    serviceFor({ privacy, encryptionKey: key }, () => at).adaptMessage({
      html,
      recipient,
      messageId: `<${recipient}>`,
      metadata: { campaign: 'may', user: recipient },
      tags: [recipient],
    }).html;

  it('are byte-equal for all recipients of a day, also from another process', async () => {
    const tracking = { ...OPTIONS, privacy };
    const logFile = compiled.pathOf('anonymous-app.log');
    const path = compiled.pathOf('test/privacy/processes/anonymous-app.ts');
    const { child, port } = await forkApp(path, { tracking, html, now }, logFile);
    try {
      const { body } = await request(`http://127.0.0.1:${port}/mail`);
      const ours = mailOf(ANN);
      expect(ours).not.toContain('www.example.com');
      expect(mailOf('bob@example.com')).toBe(ours);
      expect(body.toString()).toBe(ours);
    } finally {
      child.kill();
    }
  });

  it('are the same until midnight UTC, and others on the next day or with another key', () => {
    const ours = mailOf(ANN);
    expect(mailOf(ANN, Date.parse('2026-11-20T23:59:59.999Z'))).toBe(ours);
    expect(mailOf(ANN, Date.parse('2026-11-20T00:00:00Z'))).toBe(ours);
    expect(mailOf(ANN, Date.parse('2026-11-21T00:00:00Z'))).not.toBe(ours);
    expect(mailOf(ANN, now, OTHER_KEY)).not.toBe(ours);
  });
});
