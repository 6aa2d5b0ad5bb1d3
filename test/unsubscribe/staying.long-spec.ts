import { TRACKING_CLOCK, type ConsentEvent } from 'nestjs-email-tracking';
import { PrivacyService, TrackingPrivacyModule } from 'nestjs-email-tracking/privacy';
import { SuppressionService, TrackingSuppressionModule } from 'nestjs-email-tracking/suppression';
import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { PLATFORMS, TestApp } from '../support/app.js';
import { ANN, multipart, post, UNSUBSCRIBING, urlencoded } from './unsubscribe-app.js';

const STAY = 'Page-Stay-Unmeasured';
const OPEN = { messageId: ANN.messageId, recipient: ANN.recipient };

/** Texts of the button. */
const BUTTONS = {
  en: 'Stay subscribed, but do not measure me',
  de: 'Abonniert bleiben, aber nicht gemessen werden',
  fr: 'Rester abonné, mais sans mesure',
  es: 'Seguir suscrito, pero sin que me midan',
  it: 'Resta iscritto, ma senza essere misurato',
};

@Injectable()
class Consents {
  readonly events: ConsentEvent[] = [];

  @OnEvent('tracking.consent')
  onConsent(event: ConsentEvent): void {
    this.events.push(event);
  }
}

describe.each(PLATFORMS)('staying on a list without being measured, on %s', (platform) => {
  let app: TestApp;
  const url = () => app.tracking.getUnsubscribeUrl(ANN);
  const consents = () => app.app.get(Consents).events;

  beforeEach(async () => {
    app = await TestApp.start(platform, {
      tracking: { ...UNSUBSCRIBING, context: 'acme' },
      metadata: {
        imports: [TrackingSuppressionModule.forRoot(), TrackingPrivacyModule.forRoot()],
        providers: [Consents],
      },
    });
    await app.app.get(PrivacyService).grant(ANN.recipient, {
      opens: 'identified',
      clicks: 'identified',
      source: 'form',
      notice: 'version 1',
    });
    consents().length = 0;
  });
  afterEach(() => app.close());

  test.each(Object.entries(BUTTONS))('the page offers it in %s', async (language, text) => {
    const { body } = await app.get(url(), { headers: { 'Accept-Language': language } });
    expect(body.toString()).toContain(`value="${STAY}" class="second">${text}</button>`);
  });

  test('looking at the page changes nothing', async () => {
    await app.get(url());
    await app.get(url(), { method: 'HEAD' });
    expect(consents()).toEqual([]);
    expect(await app.app.get(PrivacyService).historyOf(ANN.recipient)).toHaveLength(1);
  });

  test.each([
    ['urlencoded', urlencoded(STAY)],
    ['multipart', multipart(STAY)],
  ])('the button withdraws the consent, and keeps the list: %s', async (_, form) => {
    const pixel = app.tracking.getOpenTrackingUrl({}, OPEN);
    const link = app.tracking.getClickTrackingUrl('https://example.com/', {}, OPEN);
    const { status, body } = await post(app, url(), form);
    expect(status).toBe(200);
    expect(body.toString()).toContain('We no longer measure you');
    expect(body.toString()).toContain('a•••@example.com');
    expect(body.toString()).not.toContain('ann@');
    expect(consents()).toEqual([
      expect.objectContaining({
        recipient: ANN.recipient,
        opens: 'off',
        clicks: 'off',
        source: 'page',
        tenant: 'acme',
      }),
    ]);
    const suppression = app.app.get(SuppressionService);
    expect(await suppression.check(ANN.recipient, { list: ANN.list })).toEqual({
      suppressed: false,
    });

    const answers = [await app.get(pixel), await app.get(link)];
    expect(answers.map((answer) => answer.status)).toEqual([200, 302]);
    await app.settled();
    expect(app.recorder.events).toEqual([]);
    const modes = await app.tracking.policyFor(ANN.recipient);
    expect(modes).toEqual({ opens: 'off', clicks: 'off' });
  });

  test('pressing it again and again is one withdrawal', async () => {
    for (let i = 0; i < 3; i++) expect((await post(app, url(), urlencoded(STAY))).status).toBe(200);
    expect(consents()).toHaveLength(1);
  });

  test('who then leaves has left', async () => {
    await post(app, url(), urlencoded(STAY));
    expect((await post(app, url(), urlencoded('One-Click'))).status).toBe(200);
    const found = await app.app.get(SuppressionService).check(ANN.recipient, { list: ANN.list });
    expect(found).toMatchObject({ reason: 'unsubscribed' });
    const [event] = app.recorder.events;
    expect(event).toMatchObject({ eventType: 'unsubscribed', recipient: ANN.recipient });
    expect([event!.userIp, event!.userAgent, event!.result!.requestData]).toEqual([
      null,
      null,
      null,
    ]);
  });

  test('an open or click link cannot withdraw', async () => {
    const link = app.tracking.getClickTrackingUrl('https://example.com/', {}, OPEN);
    const { status } = await post(app, link.replace('/click/', '/unsubscribe/'), urlencoded(STAY));
    expect(status).toBe(404);
    expect(consents()).toEqual([]);
  });
});

describe.each(PLATFORMS)('staying where it cannot be stored, on %s', (platform) => {
  let app: TestApp;
  afterEach(() => app.close());

  test('without the register there is no button, and the wish to stay ends no subscription', async () => {
    app = await TestApp.start(platform, {
      tracking: UNSUBSCRIBING,
      metadata: { imports: [TrackingSuppressionModule.forRoot()] },
    });
    const url = app.tracking.getUnsubscribeUrl(ANN);
    expect((await app.get(url)).body.toString()).not.toContain(STAY);
    const { status, headers, body } = await post(app, url, urlencoded(STAY));
    expect([status, headers['retry-after']]).toEqual([503, '30']);
    expect(body.toString()).toContain(`value="${STAY}"`);
    expect(app.recorder.events).toEqual([]);
    expect(await app.app.get(SuppressionService).check(ANN.recipient)).toEqual({
      suppressed: false,
    });
  });

  test('a database that fails is a 503, and the reader can try again', async () => {
    let isDown = false;
    const down = () => Promise.reject(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }));
    app = await TestApp.start(platform, {
      tracking: {
        ...UNSUBSCRIBING,
        providers: [{ provide: TRACKING_CLOCK, useValue: () => Date.now() }],
      },
      metadata: { imports: [TrackingSuppressionModule.forRoot(), TrackingPrivacyModule.forRoot()] },
    });
    const privacy = app.app.get(PrivacyService);
    const history = () => privacy.historyOf(ANN.recipient);
    const register = app.app.get<{ withdrawByPage: () => Promise<void> }>(
      'nestjs-email-tracking:privacy-register',
      { strict: false },
    );
    const withdraw = jest.spyOn(register, 'withdrawByPage');
    withdraw.mockImplementation(() => (isDown ? down() : Promise.resolve()));
    const url = app.tracking.getUnsubscribeUrl(ANN);
    isDown = true;
    expect((await post(app, url, urlencoded(STAY))).status).toBe(503);
    expect(await history()).toEqual([]);
    expect(app.logs.text).toContain('A withdrawal of consent could not be stored.');
    expect(app.logs.text).not.toContain('ann@');
    withdraw.mockRestore();
    expect((await post(app, url, urlencoded(STAY))).status).toBe(200);
    expect(await history()).toHaveLength(1);
  });
});
