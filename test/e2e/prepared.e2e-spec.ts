import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { type PreparedEvent, TRACKING_PREPARED, type TrackingEvents } from 'nestjs-email-tracking';
import { PLATFORMS, TestApp } from '../support/app.js';

@Injectable()
class Prepared {
  readonly events: PreparedEvent[] = [];

  @OnEvent(TRACKING_PREPARED)
  onPrepared(event: TrackingEvents[typeof TRACKING_PREPARED]) {
    this.events.push(event);
    if (event.recipient === 'fails@example.com') throw new Error('a handler failed');
  }
}

const html =
  '<a data-track-label="cta" href="https://example.com/1">1</a><a href="mailto:a@example.com">2</a>';

describe.each(PLATFORMS)('mails of an app on %s', (platform) => {
  let app: TestApp;
  let prepared: Prepared;
  beforeAll(async () => {
    app = await TestApp.start(platform, {
      tracking: { defaultMetadata: { shop: 'a', list: 'none' } },
      metadata: { providers: [Prepared] },
    });
    prepared = app.app.get(Prepared);
  });
  afterAll(() => app.close());
  beforeEach(() => {
    prepared.events.length = 0;
    app.recorder.events.length = 0;
  });

  it('are announced, once for each rendering', async () => {
    const mail = app.tracking.compileMessage({
      html,
      text: 'https://example.com/2',
      textTracking: true,
      tags: ['spring'],
      metadata: { list: 'weekly' },
    });
    expect(prepared.events).toEqual([]);
    mail.render({ recipient: 'ann@example.com', messageId: '<1@example.com>' });
    mail.render({ messageId: '<2@example.com>', metadata: { list: 'daily' } });
    mail.render({});
    await app.settled();
    const timestamp = expect.any(Date) as Date;
    const counts = { links: 3, trackedLinks: 2, pixels: 1 };
    expect(prepared.events).toEqual([
      {
        messageId: '<1@example.com>',
        recipient: 'ann@example.com',
        metadata: { shop: 'a', list: 'weekly' },
        tags: ['spring'],
        counts,
        timestamp,
      },
      {
        messageId: '<2@example.com>',
        recipient: null,
        metadata: { shop: 'a', list: 'daily' },
        tags: ['spring'],
        counts,
        timestamp,
      },
    ]);
  });

  it('are announced by every method, and by none if nothing was rewritten', async () => {
    const messageId = '<1@example.com>';
    app.tracking.adaptHtml(html, { messageId });
    app.tracking.adaptText('https://example.com/2', { messageId });
    app.tracking.adaptMessage({ html, messageId, openTracking: false });
    app.tracking.adaptMessage({ html: '-----BEGIN PGP MESSAGE-----', messageId });
    app.tracking.adaptHtml(html);
    await app.settled();
    expect(prepared.events.map(({ counts }) => counts)).toEqual([
      { links: 2, trackedLinks: 1, pixels: 1 },
      { links: 1, trackedLinks: 1, pixels: 0 },
      { links: 2, trackedLinks: 1, pixels: 0 },
    ]);
  });

  it('do not fail with a handler', async () => {
    const adapted = app.tracking.adaptHtml(html, { recipient: 'fails@example.com' });
    expect(adapted).toContain('https://t.example.com/click/');
    await app.settled();
    expect(app.logs.text).not.toContain('fails@example.com');
  });

  it('lead to clicks that say which link it was, and in which part', async () => {
    const { text, report } = app.tracking.adaptMessage({
      html,
      text: 'Read on (https://example.com/2)!',
      textTracking: true,
      utm: { utm_source: 'mail' },
      recipient: 'ann@example.com',
    });
    const [, inText = ''] = /\((.*)\)/.exec(text!) ?? [];
    for (const url of [report.links[0]!.trackingUrl!, inText]) {
      expect((await app.get(url)).status).toBe(302);
    }
    await app.settled();
    expect(app.recorder.events).toEqual([
      expect.objectContaining({
        clickUrl: 'https://example.com/1?utm_source=mail',
        linkLabel: 'cta',
        linkIndex: 0,
        linkCount: 2,
        part: 'html',
        recipient: 'ann@example.com',
      }),
      expect.objectContaining({
        clickUrl: 'https://example.com/2?utm_source=mail',
        linkLabel: null,
        linkIndex: 0,
        linkCount: 1,
        part: 'text',
      }),
    ]);
  });

  it('are not changed by a second run, in any format', () => {
    const mail = `<a data-no-track href="https://example.com/0">0</a>${html}`;
    for (const format of ['packed', 'fernet', 'plain'] as const) {
      const once = app.tracking.adaptHtml(mail, {}, { format });
      const again = app.tracking.adaptHtml(once, {}, { format });
      // Only packed links carry their place, by which a link that was left alone can stay so.
      if (format === 'packed') expect(again).toBe(once);
      else expect(again.match(/<img/g)).toHaveLength(1);
    }
  });
});
