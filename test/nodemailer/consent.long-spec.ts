import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import {
  type ConsentAnswer,
  type ConsentQuestion,
  type ConsentResolver,
  TRACKING_CONSENT,
  TrackingConsents,
  type TrackingModuleOptions,
  UNSUBSCRIBE_STORE,
} from 'nestjs-email-tracking';
import {
  tracked,
  type TrackingOutcome,
  type TrackingPluginDefaults,
} from 'nestjs-email-tracking/nodemailer';
import { type TestConsent, TestConsents } from 'nestjs-email-tracking/testing';
import { TestApp } from '../support/app.js';
import { linksIn } from './mail-server.js';
import { NODEMAILERS } from './nodemailers.js';
import { Composer } from './stream-transport.js';

const SALE = 'https://www.example.com/sale?a=1&amp;b=2';
const HTML = `<p><a href="${SALE}">Sale</a></p>`;
const MAIL = { from: 'shop@example.com', to: 'ann@example.com', subject: 'Hi', html: HTML };
const ADDRESSES = ['ann', 'bob', 'cid'].map((name) => `${name}@example.com`);
const THREE = { ...MAIL, to: ADDRESSES[0], cc: `Bob <${ADDRESSES[1]}>`, bcc: ADDRESSES[2] };

const consents = new TestConsents();
/** Answers in the place of `consents`, if there is one. */
let other: ConsentResolver | undefined;
const resolver: ConsentResolver = {
  resolve: (question) => (other ?? consents).resolve(question),
  resolveMany: async (questions) =>
    other?.resolveMany
      ? other.resolveMany(questions)
      : Promise.all(questions.map(async (one) => (other ?? consents).resolve(one))),
};

let app: TestApp;
const start = (tracking: Partial<TrackingModuleOptions> = {}) =>
  TestApp.start('express', {
    tracking: {
      baseUnsubscribeUrl: 'https://t.example.com/leave/',
      responseBudgetMs: 100,
      providers: [
        { provide: TRACKING_CONSENT, useValue: resolver },
        { provide: UNSUBSCRIBE_STORE, useValue: { store: () => Promise.resolve() } },
      ],
      ...tracking,
    },
  });

beforeAll(async () => {
  app = await start();
});
afterAll(() => app.close());
beforeEach(() => {
  other = undefined;
  consents.asked.length = 0;
  for (const address of ADDRESSES) says(address, 'identified');
});
afterEach(() => jest.restoreAllMocks());

function says(address: string, answer: TestConsent) {
  consents.answer(address, answer);
  app.app.get(TrackingConsents).forget(address);
}

describe.each(NODEMAILERS)('consent, Nodemailer %s', (_version, createTransport) => {
  const send = async (mail: object, defaults: TrackingPluginDefaults = {}) => {
    const composer = new Composer(createTransport, app.tracking);
    const { parsed, raw, outcomes } = await composer.compose(mail, defaults);
    const { clicks, pixels } = linksIn(parsed.html);
    return { outcome: outcomes[0]!, html: parsed.html || '', parsed, raw, clicks, pixels };
  };
  const privacyOf = (outcome: TrackingOutcome) => (outcome.tracked ? outcome.privacy : undefined);
  const clickOf = (url: string | undefined) => app.tracking.getClickTrackingResult(url!);
  const openOf = (url: string | undefined) => app.tracking.getOpenTrackingResult(url!);

  describe('of several recipients', () => {
    test('the narrowest holds for the one body that all of them get', async () => {
      says(ADDRESSES[0]!, 'identified');
      says(ADDRESSES[1]!, { opens: 'identified', clicks: 'anonymous' });
      says(ADDRESSES[2]!, { opens: 'off', clicks: 'identified' });
      const { outcome, clicks, pixels } = await send(THREE);
      expect(privacyOf(outcome)).toEqual({ opens: 'off', clicks: 'anonymous' });
      expect(pixels).toEqual([]);
      expect(clickOf(clicks[0])).toMatchObject({ mode: 'anonymous', recipient: null });
      expect(consents.asked.map(({ recipient, kind, when }) => [recipient, kind, when])).toEqual(
        ADDRESSES.flatMap((address) => [
          [address, 'open', 'send'],
          [address, 'click', 'send'],
        ]),
      );
    });

    test('opens that are anonymous for one and deliverability for another have no pixel', async () => {
      says(ADDRESSES[0]!, 'anonymous');
      says(ADDRESSES[1]!, 'deliverability');
      const { outcome, pixels } = await send({ ...THREE, bcc: undefined });
      expect(privacyOf(outcome)).toEqual({ opens: 'off', clicks: 'anonymous' });
      expect(pixels).toEqual([]);
    });

    test('who all consented are named by no link, because nobody knows which of them follows it', async () => {
      const { outcome, clicks, pixels } = await send(THREE);
      expect(privacyOf(outcome)).toEqual({ opens: 'identified', clicks: 'identified' });
      for (const read of [clickOf(clicks[0]), openOf(pixels[0])]) {
        expect(read).toMatchObject({ recipient: null });
        expect(read.messageId).toMatch(/^</);
      }
    });

    test('with deliverability get no pixel, which would have to name one of them', async () => {
      for (const address of ADDRESSES) says(address, 'deliverability');
      expect((await send(THREE)).pixels).toEqual([]);
    });

    test('the one that tracked() names is asked, too', async () => {
      says(ADDRESSES[2]!, 'off');
      const mail = tracked({ ...MAIL, cc: ADDRESSES[1] }, { recipient: ADDRESSES[2]! });
      const { outcome, html } = await send(mail);
      expect(privacyOf(outcome)).toEqual({ opens: 'off', clicks: 'off' });
      expect(html.trim()).toBe(HTML);
    });

    test('of a group are read as Nodemailer sends to them', async () => {
      says(ADDRESSES[1]!, 'off');
      const { outcome } = await send({ ...MAIL, to: `Team: ${ADDRESSES[0]}, ${ADDRESSES[1]};` });
      expect(privacyOf(outcome)).toEqual({ opens: 'off', clicks: 'off' });
    });

    test('of an envelope are asked, and not those of the header', async () => {
      const envelope = { from: 'shop@example.com', to: [ADDRESSES[1]] };
      await send({ ...MAIL, envelope });
      expect(new Set(consents.asked.map(({ recipient }) => recipient))).toEqual(
        new Set([ADDRESSES[1]]),
      );
    });
  });

  test('a mail whose recipients cannot be told has what onFailure.send says, and nobody is asked', async () => {
    const { outcome } = await send({ ...MAIL, to: undefined });
    expect(privacyOf(outcome)).toEqual({ opens: 'anonymous', clicks: 'anonymous' });
    expect(consents.asked).toEqual([]);
  });

  test('suppressed recipients are not asked', async () => {
    says(ADDRESSES[1]!, 'off');
    const service = {
      filter: <T>(items: readonly T[], addressOf: (item: T) => string) =>
        Promise.resolve(items.filter((item) => addressOf(item) !== ADDRESSES[1])),
    };
    const mail = { ...MAIL, cc: ADDRESSES[1] };
    const { outcome, clicks } = await send(mail, { suppression: { service } });
    expect(outcome).toMatchObject({ suppressed: 1, privacy: { clicks: 'identified' } });
    expect(clickOf(clicks[0]).recipient).toBe(ADDRESSES[0]);
    expect(new Set(consents.asked.map(({ recipient }) => recipient))).toEqual(
      new Set([ADDRESSES[0]]),
    );
  });

  test.each<[string, object]>([
    ['raw', { raw: 'Subject: Hi\r\n\r\nHi' }],
    ['an invitation', { icalEvent: { content: 'BEGIN:VCALENDAR' } }],
    ['an automatic answer', { headers: { 'Auto-Submitted': 'auto-replied' } }],
    ['switched off by X-Track', { headers: { 'X-Track': 'none' } }],
    ['switched off', { tracking: { openTracking: false, clickTracking: false } }],
    [
      'PGP',
      { html: undefined, text: '-----BEGIN PGP MESSAGE-----\n', tracking: { textTracking: true } },
    ],
    ['no HTML', { html: undefined, text: 'Hi' }],
  ])('nobody is asked about a mail that is never rewritten: %s', async (_, fields) => {
    const { outcome } = await send({ ...MAIL, ...fields });
    expect(outcome.tracked).toBe(false);
    expect(consents.asked).toEqual([]);
  });

  test.each<
    [
      string,
      ConsentResolver['resolveMany'] | 'fail' | 'hang',
      'failed' | 'late' | 'invalid' | undefined,
    ]
  >([
    ['throws', 'fail', 'failed'],
    ['hangs', 'hang', 'late'],
    ['answers an unknown mode', (all) => all.map(() => 'everything' as ConsentAnswer), 'invalid'],
    ['answers a list of a wrong length', (all) => all.slice(1).map(() => 'identified'), 'invalid'],
    ['answers no list', () => ({}) as never, 'invalid'],
    ['was not told: null', (all) => all.map(() => null), undefined],
  ])('a resolver that %s: the mail goes out with onFailure.send', async (_, breaks, count) => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const before = app.app.get(TrackingConsents).counts;
    if (typeof breaks === 'string') consents[breaks]();
    else other = { resolve: () => 'identified', resolveMany: breaks! };
    const { outcome, clicks } = await send(MAIL);
    expect(privacyOf(outcome)).toEqual({ opens: 'anonymous', clicks: 'anonymous' });
    expect(clickOf(clicks[0])).toMatchObject({ mode: 'anonymous', recipient: null });
    const after = app.app.get(TrackingConsents).counts;
    for (const [name, value] of Object.entries(after)) {
      const isCounted = value > before[name as keyof typeof before];
      expect([name, isCounted]).toEqual([name, name === count]);
    }
  });

  test('one slow recipient in a batch of mails does not delay the others', async () => {
    let answer = (_mode: ConsentAnswer) => {};
    const waits = new Promise<ConsentAnswer>((resolve) => (answer = resolve));
    other = {
      resolve: ({ recipient }: ConsentQuestion) =>
        recipient === ADDRESSES[0] ? waits : 'identified',
    };
    const patient = await start({ responseBudgetMs: 60_000 });
    try {
      const done: (string | undefined)[] = [];
      const mails = ADDRESSES.map(async (to) => {
        await new Composer(createTransport, patient.tracking).compose({ ...MAIL, to });
        done.push(to);
      });
      await Promise.all(mails.slice(1));
      expect(done).not.toContain(ADDRESSES[0]);
      answer('identified');
      await Promise.all(mails);
      expect(done).toHaveLength(3);
    } finally {
      await patient.close();
    }
  });

  describe('privacy', () => {
    test('of a mail narrows what recipients allow, and cannot widen it', async () => {
      says(ADDRESSES[0]!, { opens: 'anonymous', clicks: 'identified' });
      const privacy = { opens: 'identified', clicks: 'off' } as const;
      const { outcome, clicks } = await send(tracked(MAIL, { privacy }));
      expect(privacyOf(outcome)).toEqual({ opens: 'anonymous', clicks: 'off' });
      expect(clicks).toEqual([SALE]);
    });

    test('of the plugin is not widened by that of a mail', async () => {
      const { outcome } = await send(tracked(MAIL, { privacy: { opens: 'identified' } }), {
        privacy: { opens: 'off', clicks: 'anonymous' },
      });
      expect(privacyOf(outcome)).toEqual({ opens: 'off', clicks: 'anonymous' });
    });

    test('that is wrong sends the mail untracked', async () => {
      jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
      const privacy = { clicks: 'anonymus' as 'anonymous' };
      const { outcome, html } = await send(tracked(MAIL, { privacy }));
      expect(outcome).toMatchObject({ tracked: false, reason: 'failed' });
      expect(html.trim()).toBe(HTML);
    });

    test('of overrides is the most for their tenant', async () => {
      const overrides = { privacy: { clicks: 'off' as const } };
      const { outcome } = await send(tracked(MAIL, { overrides }));
      expect(privacyOf(outcome)).toEqual({ opens: 'identified', clicks: 'off' });
    });
  });

  describe('what a mail holds', () => {
    const texts = { text: 'Sale: https://www.example.com/sale' };
    const options = { textTracking: true, metadata: { campaign: 'may', user: 7 }, tags: ['vip'] };
    const sendTo = (to: string) => send(tracked({ ...MAIL, ...texts, to }, options));

    test('off: no pixel, and plain links byte for byte', async () => {
      says(ADDRESSES[0]!, 'off');
      const { parsed, outcome } = await sendTo(ADDRESSES[0]!);
      expect([(parsed.html || '').trim(), parsed.text?.trim()]).toEqual([HTML, texts.text]);
      expect(outcome).toMatchObject({ tracked: true, privacy: { opens: 'off', clicks: 'off' } });
    });

    test('anonymous: the same links and pixel for two recipients, in HTML and text', async () => {
      says(ADDRESSES[0]!, 'anonymous');
      says(ADDRESSES[1]!, 'anonymous');
      const [one, two] = [await sendTo(ADDRESSES[0]!), await sendTo(ADDRESSES[1]!)];
      expect(one.html).toBe(two.html);
      expect(one.parsed.text).toBe(two.parsed.text);
      expect(clickOf(one.clicks[0])).toMatchObject({
        mode: 'anonymous',
        recipient: null,
        messageId: null,
        metadata: { campaign: 'may' },
        tags: [],
      });
      expect(openOf(one.pixels[0])).toMatchObject({ recipient: null, messageId: null });
    });

    test('deliverability: a pixel that names the recipient only, and anonymous links', async () => {
      says(ADDRESSES[0]!, 'deliverability');
      const { clicks, pixels } = await sendTo(ADDRESSES[0]!);
      expect(openOf(pixels[0])).toMatchObject({
        mode: 'deliverability',
        recipient: ADDRESSES[0],
        messageId: null,
        metadata: {},
        tags: [],
      });
      expect(clickOf(clicks[0])).toMatchObject({ mode: 'anonymous', recipient: null });
    });

    test('identified: recipient, message id, metadata and tags, as without consent', async () => {
      const { clicks, parsed, outcome } = await sendTo(ADDRESSES[0]!);
      const { messageId } = parsed;
      const whole = { recipient: ADDRESSES[0], metadata: options.metadata, tags: ['vip'] };
      expect(clickOf(clicks[0])).toMatchObject({ ...whole, messageId });
      expect(outcome.messageId).toBe(messageId);
    });

    test('the AMP part is left alone in every mode', async () => {
      const amp = `<html amp4email><a href="${SALE}">Sale</a></html>`;
      for (const mode of ['off', 'anonymous', 'deliverability', 'identified'] as const) {
        says(ADDRESSES[0]!, mode);
        const { raw } = await send({ ...MAIL, amp });
        expect(raw.replace(/=\r\n/g, '').replaceAll('=3D', '=')).toContain(amp);
      }
    });

    test.each(['off', 'anonymous', 'deliverability', 'identified'] as const)(
      '%s: its reader can leave',
      async (mode) => {
        says(ADDRESSES[0]!, mode);
        const html = `${HTML}<a data-unsubscribe href="https://www.example.com/account">Leave</a>`;
        const mail = tracked({ ...MAIL, html }, { unsubscribe: { list: 'news' } });
        const { raw, outcome, clicks } = await send(mail);
        expect(outcome.unsubscribe).toBe('added');
        const [, header] = /^List-Unsubscribe: <([^>]+)>/m.exec(raw)!;
        for (const url of [header!, clicks[1]!]) {
          expect(app.tracking.getUnsubscribeResult(url)).toMatchObject({
            recipient: ADDRESSES[0],
            list: 'news',
          });
        }
      },
    );
  });

  test('the resolver is told which mail it is', async () => {
    const mail = { ...MAIL, messageId: '<m1@example.com>' };
    await send(tracked(mail, { metadata: { order: 42 }, overrides: { context: 'acme' } }));
    expect(consents.asked[0]).toEqual({
      recipient: ADDRESSES[0],
      kind: 'open',
      when: 'send',
      messageId: '<m1@example.com>',
      metadata: { order: 42 },
      tenant: 'acme',
    });
  });
});
