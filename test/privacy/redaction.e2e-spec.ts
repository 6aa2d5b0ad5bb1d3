import type { EventSink, TrackingEvent, TrackingModuleOptions } from 'nestjs-email-tracking';
import {
  ClickTrackingController,
  EventPublisher,
  TRACKING_EVENT_SINKS,
  type TrackingResult,
} from 'nestjs-email-tracking';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { PLATFORMS, TestApp } from '../support/app.js';
import { eventWith } from '../support/event.js';
import { serviceFor } from '../support/service.js';
import { Receiver } from '../webhook/receiver.js';

const SECRET = 'https://app.example.com/reset?user=7&token=s3cr3t';
const MASKED = 'https://app.example.com/reset?user=7&token=REDACTED';

let app: TestApp | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

const seen: TrackingEvent[] = [];
const sink: EventSink = { accept: (event) => void seen.push(event) };
beforeEach(() => seen.splice(0));

const start = async (
  platform: (typeof PLATFORMS)[number],
  tracking: Partial<TrackingModuleOptions> = {},
) => {
  const providers = [{ provide: TRACKING_EVENT_SINKS, useValue: [sink] }];
  app = await TestApp.start(platform, { tracking: { providers, ...tracking } });
  return app;
};
const click = (overrides = {}) =>
  app!.get(app!.tracking.getClickTrackingUrl(SECRET, {}, overrides));

describe.each(PLATFORMS)('a click on a URL with a secret, on %s', (platform) => {
  it('leads to the whole URL, and is recorded without the secret', async () => {
    await start(platform);
    const { headers } = await click();
    await app!.settled();
    expect(headers.location).toBe(SECRET);
    for (const event of [...seen, ...app!.recorder.events]) {
      expect(event.clickUrl).toBe(MASKED);
      expect(event.result?.trackedUrl).toBe(MASKED);
    }
    expect(seen).toHaveLength(1);
  });
});

describe('the whole URL', () => {
  it('is seen by redirect.check, the hook and getClickTrackingResult', async () => {
    const urls: (string | null)[] = [];
    class Clicks extends ClickTrackingController {
      protected override notifyTrackingEvent(result: TrackingResult) {
        urls.push(result.trackedUrl);
      }
    }
    await start('express', {
      controllers: { click: Clicks },
      redirect: {
        check: (url) => urls.push(url.href) > 0,
      },
    });
    await click();
    const link = app!.tracking.getClickTrackingUrl(SECRET);
    urls.push(app!.tracking.getClickTrackingResult(link).trackedUrl);
    expect(new Set(urls)).toEqual(new Set([SECRET]));
  });

  it('is recorded with redactUrl: false', async () => {
    await start('express', { redactUrl: false });
    await click();
    expect(seen[0]!.clickUrl).toBe(SECRET);
  });
});

it('masks what the option names', async () => {
  await start('express', { redactUrl: { params: ['user'], keepParams: ['token'] } });
  await click();
  expect(seen[0]!.clickUrl).toBe('https://app.example.com/reset?user=REDACTED&token=s3cr3t');
});

it('masks more, and never less, by getConfiguration', async () => {
  class Clicks extends ClickTrackingController {
    protected override getConfiguration() {
      return { redactUrl: { params: ['user'], keepParams: ['token'] } };
    }
  }
  await start('express', { controllers: { click: Clicks } });
  await click();
  expect(seen[0]!.clickUrl).toBe('https://app.example.com/reset?user=REDACTED&token=REDACTED');
});

it('masks what sendWebhook posts', async () => {
  const receiver = await Receiver.start();
  const tracking = serviceFor({ webhookUrl: receiver.url() });
  await tracking.sendWebhook(
    tracking.getClickTrackingResult(tracking.getClickTrackingUrl(SECRET)),
    { redactUrl: { params: ['user'] } },
  );
  await receiver.close();
  expect(receiver.received[0]!.body).toContain('?user=REDACTED&token=REDACTED');
});

it("masks a provider's click, and its URL in espEvent", async () => {
  await start('express');
  const espEvent = { url: SECRET, other: 'token=x', list: [{ href: SECRET }] };
  const event = eventWith({ source: 'esp', espName: 'postmark', clickUrl: SECRET, espEvent });
  await app!.app.get(EventPublisher).publish(event);
  expect(seen[0]).toMatchObject({
    clickUrl: MASKED,
    espEvent: { url: MASKED, other: 'token=x', list: [{ href: MASKED }] },
  });
  expect(espEvent.url).toBe(SECRET);
});

it("masks a provider's click without TrackingModule", async () => {
  const esp = EspTrackingModule.forRoot({ providers: { mailjet: { insecure: true } } });
  app = await TestApp.start('express', { trackingModule: esp });
  const body = JSON.stringify({ event: 'click', time: 1_700_000_000, url: SECRET, email: 'a@b.c' });
  await app.get('/anymail/mailjet/tracking/', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  await app.settled();
  expect(app.recorder.events.map(({ clickUrl }) => clickUrl)).toEqual([MASKED]);
});

it('warns about a tracked link with a secret when a mail is rewritten', async () => {
  await start('express');
  const html = `<a href="${SECRET}">Reset</a> <a href="https://app.example.com/">Home</a>`;
  const { report } = app!.tracking.adaptMessage({ html });
  expect(report.warnings).toMatchObject([{ code: 'SECRET_IN_URL' }]);
  expect(report.warnings[0]!.message).toContain('link 0 of the html');
  expect(report.warnings[0]!.message).not.toContain('s3cr3t');
  const untracked = html.replace('<a ', '<a data-no-track ');
  expect(app!.tracking.adaptMessage({ html: untracked }).report.warnings).toEqual([]);
});
