import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Controller, Get, Req, Res } from '@nestjs/common';
import {
  type FrameworkRequest,
  type FrameworkResponse,
  type TrackingModuleOptions,
  TrackingResponder,
  TrackingService,
} from 'nestjs-email-tracking';
import { KeyRing } from '../../lib/link/key-ring.js';
import type { LinkPurpose } from '../../lib/link/link-payload.js';
import { Probes } from '../../lib/link/probe.js';
import { PackedCodec } from '../../lib/link/codecs/packed.codec.js';
import { KEY, OTHER_KEY, PLATFORMS, TestApp } from '../support/app.js';
import { BASE, multipart, UNSUBSCRIBING, urlencoded } from '../unsubscribe/unsubscribe-app.js';

const BASES = {
  open: 'https://t.example.com/open/',
  click: 'https://t.example.com/click/',
  unsubscribe: BASE,
};
const probesOf = (key = KEY, context?: string, now?: () => number, bases = BASES) =>
  new Probes(new KeyRing([key]), bases, context, now);
const PROBES = probesOf();
const HOME = 'https://t.example.com/home?a=b%2Fc&d=%20+';
const HEADER = 'x-tracking-probe';
const urlOf = (purpose: LinkPurpose, token: string) => BASES[purpose] + token;

const stored: unknown[] = [];

const told: unknown[] = [];
const listen = (message: unknown) => void told.push(message);
const CHANNELS = ['nestjs-email-tracking:hit', 'nestjs-email-tracking:unsubscribe'];
const TRACKING: Partial<TrackingModuleOptions> = {
  ...UNSUBSCRIBING,
  providers: [
    {
      provide: 'nestjs-email-tracking:unsubscribe-store',
      useValue: { kind: 'test', store: (event: unknown) => void stored.push(event) },
    },
  ],
};

function ownController(path: string) {
  @Controller('go')
  class OwnController {
    constructor(private readonly responder: TrackingResponder) {}

    @Get(path)
    go(@Req() request: FrameworkRequest, @Res() response: FrameworkResponse) {
      return this.responder.click(request, response, {
        overrides: { context: 'acme' },
        readLink: () => Promise.reject(new Error('no such row')),
      });
    }
  }
  return OwnController;
}

describe.each(PLATFORMS)('a probe on %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    for (const name of CHANNELS) subscribe(name, listen);
    app = await TestApp.start(platform, {
      tracking: TRACKING,
      metadata: { controllers: [ownController(platform === 'express' ? '*token' : '*')] },
    });
  });
  afterEach(async () => {
    await app.settled();
    // Nothing of a probe is an event, an error or a line in the log.
    expect(app.recorder.events).toEqual([]);
    expect(app.recorder.decodingErrors.splice(0)).toEqual([]);
    expect(stored).toEqual([]);
    expect(told).toEqual([]);
  });
  afterAll(async () => {
    for (const name of CHANNELS) unsubscribe(name, listen);
    await app.close();
  });

  test('of a click leads exactly to its destination, and only its maker reads the echo', async () => {
    const lines = app.logs.everything.length;
    const token = PROBES.seal('click', HOME);
    const answer = await app.get(`${urlOf('click', token)}?a=1`, {
      headers: {
        Cookie: 'session=secret',
        Authorization: 'Bearer secret',
        'X-Forwarded-Access-Token': 'secret',
        'X-Forwarded-For': '203.0.113.7',
        Via: '1.1 somewhere',
        Host: 'seen.example.com',
      },
    });
    expect(answer).toMatchObject({ status: 302, headers: { location: HOME } });
    const sealed = answer.headers[HEADER] as string;
    expect(sealed.length).toBeLessThanOrEqual(1024);
    expect(probesOf(OTHER_KEY).openEcho(token, sealed)).toBeUndefined();
    expect(PROBES.openEcho(PROBES.seal('click', HOME), sealed)).toBeUndefined();
    const echo = PROBES.openEcho(token, sealed)!.toString();
    expect(JSON.parse(echo)).toEqual({
      version: expect.stringMatching(/^\d+\./),
      at: expect.any(Number),
      ip: expect.stringMatching(/127\.0\.0\.1$/),
      protocol: 'http',
      host: 'seen.example.com',
      path: '/click/*?a=1',
      via: null,
      forwarded: { 'x-forwarded-for': '203.0.113.7', via: '1.1 somewhere' },
    });
    expect(echo).not.toContain('secret');
    expect(app.logs.everything.length).toBe(lines);
  });

  test('of a pixel is answered with the pixel, also to HEAD, each time with another echo', async () => {
    const url = urlOf('open', PROBES.seal('open', HOME));
    const real = await app.get(app.tracking.getOpenTrackingUrl(), { method: 'HEAD' });
    expect(told.splice(0).length).toBe(1);
    const answers = [await app.get(url), await app.get(url, { method: 'HEAD' })];
    const [first, second] = answers.map(({ headers }) => headers[HEADER]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(first).not.toBe(second);
    const { date, [HEADER]: echo, ...headers } = answers[1]!.headers;
    expect({ ...headers, date: real.headers.date }).toEqual({ ...real.headers });
    void [date, echo];
  });

  test('of unsubscribing gets the page, and a POST changes nothing', async () => {
    const lines = app.logs.everything.length;
    const token = PROBES.seal('unsubscribe', HOME);
    const url = urlOf('unsubscribe', token);
    const page = await app.get(url);
    expect(page.status).toBe(200);
    expect(page.body.toString()).toContain('Weekly news');
    for (const form of [urlencoded('One-Click'), multipart('One-Click')]) {
      const done = await app.get(url, { method: 'POST', ...form });
      expect(done.status).toBe(200);
      const echo = PROBES.openEcho(token, done.headers[HEADER] as string)!;
      expect(JSON.parse(echo.toString())).toMatchObject({ via: 'one-click' });
    }
    expect(app.logs.everything.length).toBe(lines);
  });

  test('works at a controller of the app, under its context, although its readLink fails', async () => {
    const errors = app.logs.errors.length;
    const token = probesOf(KEY, 'acme').seal('click', HOME);
    const answer = await app.get(`https://t.example.com/go/${token}`);
    expect(answer).toMatchObject({ status: 302, headers: { location: HOME } });
    expect(app.logs.errors.length).toBe(errors);
  });

  test('keeps an echo of long headers in its bounds', async () => {
    const token = PROBES.seal('click', HOME);
    const long = '"\u00e9\\'.repeat(400);
    const names = ['Forwarded', 'Via', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto'];
    const headers = Object.fromEntries(names.map((name) => [name, long]));
    const answer = await app.get(urlOf('click', token), { headers });
    const sealed = answer.headers[HEADER] as string;
    expect(sealed.length).toBeLessThanOrEqual(1024);
    expect(PROBES.openEcho(token, sealed)).toBeDefined();
  });
});

describe('a probe is an unreadable link', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start('express', { tracking: TRACKING });
  });
  afterAll(() => app.close());

  const elsewhere = { ...BASES, click: 'https://evil.example/' };
  test.each([
    ['for another host', PROBES.seal('click', 'https://evil.example/')],
    ['for another port', PROBES.seal('click', 'https://t.example.com:8443/')],
    ['for another scheme', PROBES.seal('click', 'http://t.example.com/')],
    ['with a user name', PROBES.seal('click', 'https://a@t.example.com/')],
    ['of a base elsewhere', probesOf(KEY, '', undefined, elsewhere).seal('click', elsewhere.click)],
    ['for another route', PROBES.seal('open', HOME)],
    ['of another key', probesOf(OTHER_KEY).seal('click', HOME)],
    ['of another context', probesOf(KEY, 'acme').seal('click', HOME)],
    ['that is too old', probesOf(KEY, '', () => Date.now() - 302_000).seal('click', HOME)],
    ['from the future', probesOf(KEY, '', () => Date.now() + 200_000).seal('click', HOME)],
    ['that was changed', PROBES.seal('click', HOME).slice(0, -3) + 'AAA'],
  ])('%s', async (_, token) => {
    const before = app.recorder.decodingErrors.length;
    const answer = await app.get(urlOf('click', token));
    expect(answer.status).toBe(404);
    expect(answer.headers).not.toHaveProperty(HEADER);
    await app.settled();
    expect(app.recorder.decodingErrors.length).toBe(before + 1);
  });

  test('when it is the eleventh within a second, but links are still read', async () => {
    const link = app.tracking.getClickTrackingUrl('https://example.com/');
    const ask = () => app.get(urlOf('click', PROBES.seal('click', HOME)));
    const answers = await Promise.all(Array.from({ length: 12 }, ask));
    expect(answers.filter(({ status }) => status === 302).length).toBe(10);
    expect((await app.get(link)).status).toBe(302);
  });

  test('to everything that reads or writes links in public', () => {
    const token = PROBES.seal('click', HOME);
    const tracking = app.app.get(TrackingService);
    expect(() => tracking.getClickTrackingResult(urlOf('click', token))).toThrow(/damaged/);
    expect(() => tracking.getOpenTrackingResult(urlOf('open', token))).toThrow(/damaged/);
    expect(() => tracking.getUnsubscribeResult(token)).toThrow(/damaged/);
    const codec = new PackedCodec(new KeyRing([KEY]));
    const payload = { url: HOME, metadata: { purpose: 'click' } };
    expect(() => codec.encode(payload, 'probe' as LinkPurpose)).toThrow();
  });
});
