import {
  type LinkCodec,
  type PrivacyMode,
  trackingHelpers,
  type TrackingOptions,
} from 'nestjs-email-tracking';
import { PackedWriter } from '../../lib/link/codecs/packed-writer.js';
import { associatedData, sealPacked } from '../../lib/link/codecs/packed.codec.js';
import { KeyRing, type SealPurpose } from '../../lib/link/key-ring.js';
import { KEY, PLATFORMS } from '../support/app.js';
import { serviceFor } from '../support/service.js';
import { ANN, ModeApp, SALE } from './mode-app.js';

const BOB = 'bob@example.com';
const HTML = `<p><a href="${SALE}" data-track-label="cta">Sale</a><a href="https://www.example.com/2">2</a></p>`;
const MODES = ['off', 'anonymous', 'deliverability', 'identified'] as const;

const both = (mode: PrivacyMode) => ({ opens: mode, clicks: mode });
const linksOf = (html: string | undefined) =>
  [...html!.matchAll(/href="([^"]+)"/g)].map(([, url]) => url!);
const pixelOf = (html: string | undefined) => /<img src="([^"]+)"/.exec(html!)?.[1];
const codesOf = (adapted: { report: { warnings: { code: string }[] } }) =>
  adapted.report.warnings.map(({ code }) => code);

describe('one compiled mail', () => {
  const tracking = serviceFor();
  const compile = () =>
    tracking.compileMessage({ html: HTML, metadata: { campaign: 'may' }, tags: ['vip'] });
  const whomOf = (recipient: string, mode: PrivacyMode) => ({
    recipient,
    messageId: `<${recipient.length}-1@example.com>`,
    privacy: both(mode),
  });

  it('is rendered in every mode, whatever was rendered before', () => {
    const compiled = compile();
    const alone = new Map(MODES.map((mode) => [mode, compile().render(whomOf(ANN, mode))]));
    for (const mode of [...MODES, ...[...MODES].reverse()]) {
      compiled.render(whomOf(BOB, mode));
      const { html, report } = compiled.render(whomOf(ANN, mode));
      expect(report.pixel).toBe(alone.get(mode)!.report.pixel);
      const named = mode === 'identified' ? ANN : null;
      if (mode === 'off') {
        expect([linksOf(html), pixelOf(html)]).toEqual([
          [SALE, 'https://www.example.com/2'],
          undefined,
        ]);
        expect(report.links.map(({ reason }) => reason)).toEqual(['privacy-off', 'privacy-off']);
        continue;
      }
      for (const [linkIndex, url] of linksOf(html).entries()) {
        const read = tracking.getClickTrackingResult(url);
        expect(read).toMatchObject({ recipient: named, linkIndex, linkCount: 2 });
      }
      const open = tracking.getOpenTrackingResult(pixelOf(html)!);
      const opened = mode === 'anonymous' ? null : ANN;
      expect(open).toMatchObject({ recipient: opened, tags: named ? ['vip'] : [] });
      expect(open.mode ?? 'identified').toBe(mode);
    }
  });

  it('keeps label and utm in anonymous links, which are the same for everybody', () => {
    const utm = { utm_source: 'news', utm_content: '{label}' };
    const compiled = tracking.compileMessage({ html: HTML, utm });
    const [one, two] = [ANN, BOB].map((name) => compiled.render(whomOf(name, 'anonymous')));
    expect(one!.html).toBe(two!.html);
    expect(codesOf(two!)).toEqual([]);
    expect(tracking.getClickTrackingResult(linksOf(one!.html)[0]!)).toMatchObject({
      mode: 'anonymous',
      linkLabel: 'cta',
      trackedUrl: `${SALE}&utm_source=news&utm_content=cta`,
      metadata: {},
      sentAt: null,
    });
  });

  it.each<[string, string, object]>([
    [
      'the destination',
      `<a href="https://www.example.com/?u=${encodeURIComponent(ANN)}">x</a>`,
      {},
    ],
    ['a label', `<a href="${SALE}" data-track-label="for ${ANN}">x</a>`, {}],
    ['utm', HTML, { utm: { utm_term: ANN } }],
    ['a value that is kept', HTML, { metadata: { campaign: `may-${ANN}` } }],
    [
      'the message id, in the destination',
      '<a href="https://www.example.com/m/7777-1@example.com">x</a>',
      {},
    ],
  ])('warns ANONYMOUS_BUT_UNIQUE where one recipient is in %s', (_, html, more) => {
    const whom = { recipient: ANN, messageId: '<7777-1@example.com>' };
    const adapt = (mode: PrivacyMode) =>
      tracking.adaptMessage({ html, ...more, ...whom, privacy: both(mode) });
    expect(codesOf(adapt('anonymous'))).toContain('ANONYMOUS_BUT_UNIQUE');
    expect(codesOf(adapt('deliverability'))).toContain('ANONYMOUS_BUT_UNIQUE');
    for (const mode of ['off', 'identified'] as const) {
      expect(codesOf(adapt(mode))).not.toContain('ANONYMOUS_BUT_UNIQUE');
    }
    const { warnings } = adapt('anonymous').report;
    expect(JSON.stringify(warnings)).not.toContain('ann@');
  });

  it('warns where a kept value differs between two recipients, and not where one is dropped', () => {
    const render = (name: string) => {
      const compiled = compile();
      const values = ['may', 'june'].map((value) =>
        compiled.render({ ...whomOf(ANN, 'anonymous'), metadata: { [name]: value } }),
      );
      return codesOf(values[1]!);
    };
    expect(render('campaign')).toContain('ANONYMOUS_BUT_UNIQUE');
    expect(render('user')).toEqual([]);
  });
});

describe('template helpers', () => {
  it.each(MODES)('write links and a pixel in the mode %s', (mode) => {
    const tracking = serviceFor();
    const context = { recipient: ANN, messageId: '<m1@example.com>', metadata: { user: 7 } };
    const helpers = trackingHelpers(tracking, { ...context, privacy: both(mode) });
    const [url, pixel] = [helpers.trackedUrl(SALE, 'cta'), helpers.trackingPixel().toString()];
    if (mode === 'off') {
      expect([url, pixel]).toEqual([SALE, '']);
      return;
    }
    const named = mode === 'identified' ? ANN : null;
    expect(tracking.getClickTrackingResult(url)).toMatchObject({
      recipient: named,
      linkLabel: 'cta',
      metadata: named ? { user: 7 } : {},
    });
    const open = tracking.getOpenTrackingResult(pixelOf(pixel)!);
    expect(open.mode ?? 'identified').toBe(mode);
    expect(open).toMatchObject({
      recipient: mode === 'anonymous' ? null : ANN,
      metadata: named ? { user: 7 } : {},
    });
  });

  it('cannot widen what the overrides allow', () => {
    const tracking = serviceFor();
    const overrides = { privacy: { opens: 'off', clicks: 'anonymous' } } as const;
    const context = { recipient: ANN, privacy: both('identified') };
    const helpers = trackingHelpers(tracking, context, overrides);
    expect(helpers.trackingPixel().toString()).toBe('');
    expect(tracking.getClickTrackingResult(helpers.trackedUrl(SALE)).recipient).toBeNull();
  });
});

describe('links of other formats than packed', () => {
  const own: LinkCodec = {
    name: 'own',
    encode: (payload) => Buffer.from(JSON.stringify(payload)).toString('hex'),
    decode: (token) => JSON.parse(Buffer.from(token, 'hex').toString()) as object,
  };
  it.each<[string, TrackingOptions]>([
    ['fernet', { format: 'fernet' }],
    ['plain', { format: 'plain', redirect: { allowHosts: ['www.example.com'] } }],
    ['custom', { format: own, redirect: { allowHosts: ['www.example.com'] } }],
  ])('%s: know identified and off, and are left out in the modes between', (_, options) => {
    const tracking = serviceFor(options);
    const adapt = (mode: PrivacyMode) =>
      tracking.adaptMessage({ html: HTML, recipient: ANN, privacy: both(mode) });
    for (const mode of ['anonymous', 'deliverability'] as const) {
      const { html, report } = adapt(mode);
      expect(linksOf(html)).toEqual([SALE, 'https://www.example.com/2']);
      expect(pixelOf(html)).toBeUndefined();
      expect(report.links.map(({ reason }) => reason)).toEqual([
        'format-without-modes',
        'format-without-modes',
      ]);
      const overrides = { privacy: both(mode), recipient: ANN };
      for (const write of [
        () => tracking.getOpenTrackingUrl({}, overrides),
        () => tracking.getClickTrackingUrl(SALE, {}, overrides),
      ]) {
        expect(write).toThrow(/privacy: links of the format '\w+' are 'identified' or 'off' only/);
      }
    }
    expect(adapt('off').report.links[0]).toMatchObject({ reason: 'privacy-off' });
    expect(adapt('identified').report.links[0]!.tracked).toBe(true);
  });
});

describe.each(PLATFORMS)('links of other releases, on %s', (platform) => {
  const key = new KeyRing([KEY]).writer;
  const seal = (purpose: SealPurpose, body: object, sentAt = 1_763_000_000, named = purpose) =>
    sealPacked(
      key,
      purpose,
      associatedData(named, ''),
      new PackedWriter().write(body),
      sentAt,
      Buffer.alloc(12, 7),
    ).toString('base64url');
  let own: ModeApp;
  beforeAll(async () => {
    own = await ModeApp.start(platform);
  });
  afterAll(() => own.close());

  it('sealed before there were modes are identified, as far as consent allows', async () => {
    const old = {
      recipient: ANN,
      messageId: '<m1@example.com>',
      url: SALE,
      metadata: { user: 7 },
    };
    const url = `https://t.example.com/click/${seal('click', old)}`;
    own.says(ANN, null);
    expect((await own.get(url)).headers.location).toBe(SALE);
    own.says(ANN, 'anonymous');
    await own.get(url);
    own.says(ANN, 'off');
    await own.get(url);
    const { events } = await own.take();
    expect(events).toMatchObject([
      { recipient: ANN, metadata: { user: 7 }, messageId: '<m1@example.com>' },
      { mode: 'anonymous', recipient: null, metadata: {}, sentAt: null },
    ]);
    expect(events).toHaveLength(2);
  });

  it('of a purpose that a reader does not know, as seen is to old ones, show the pixel and record nothing', async () => {
    own.says(ANN, 'identified');
    const token = seal('seen', { recipient: ANN }, 1_763_000_000, 'later' as SealPurpose);
    const url = `https://t.example.com/open/${token}`;
    const { headers } = await own.get(url);
    expect(headers['content-type']).toMatch(/^image\//);
    expect(await own.take()).toEqual({ events: [], seen: [] });
    const { decodingErrors } = own.app.recorder;
    expect(decodingErrors.map(({ error }) => error.code)).toEqual(['INVALID_TOKEN']);
    expect(JSON.stringify(decodingErrors)).not.toContain('ann@');
  });

  it('for seen are read at the open route only', async () => {
    own.says(ANN, 'identified');
    const token = seal('seen', { recipient: ANN }, 1_763_000_000 - (1_763_000_000 % 86_400));
    expect((await own.get(`https://t.example.com/click/${token}`)).status).toBe(404);
    expect(await own.take()).toEqual({ events: [], seen: [] });
    expect((await own.get(`https://t.example.com/open/${token}`)).status).toBe(200);
    expect((await own.take()).seen).toMatchObject([{ recipient: ANN }]);
  });
});
