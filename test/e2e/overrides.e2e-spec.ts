import { type LinkCodec, RedirectOptions, type TrackingOverrides } from 'nestjs-email-tracking';
import { trackingHelpers, type TrackingService } from 'nestjs-email-tracking';
import { trackingPlugin } from 'nestjs-email-tracking/nodemailer';
import { OTHER_KEY, TestApp } from '../support/app.js';

const TARGET = 'https://example.com/sale';
const INVALID = expect.objectContaining({ code: 'INVALID_OPTIONS' });

/** Whether a click link of one set of overrides is read with another. */
function reads(tracking: TrackingService, one: TrackingOverrides, other: TrackingOverrides) {
  const url = tracking.getClickTrackingUrl(TARGET, {}, one);
  try {
    return tracking.getClickTrackingResult(url, null, other).trackedUrl === TARGET;
  } catch {
    return false;
  }
}

describe('overrides', () => {
  let app: TestApp;
  let tracking: TrackingService;
  beforeAll(async () => {
    app = await TestApp.start('express', { tracking: { context: 'main' } });
    tracking = app.tracking;
  });
  afterAll(() => app.close());

  describe('with()', () => {
    test('has every method of the service without the overrides', async () => {
      const acme = tracking.with({ context: 'acme', pixel: 'gif', format: 'packed' });
      const mail = { messageId: 'm1', recipient: 'ann@example.com' };
      const open = acme.getOpenTrackingUrl({ a: 1 }, mail);
      const click = acme.getClickTrackingUrl(TARGET, { a: 1 }, mail);
      expect(acme.getOpenTrackingResult(open)).toMatchObject({ metadata: { a: 1 }, ...mail });
      expect(acme.getClickTrackingResult(click)).toMatchObject({ trackedUrl: TARGET, ...mail });
      expect(() => tracking.getOpenTrackingResult(open)).toThrow();
      expect(acme.getOpenTrackingPixel().mimeType).toBe('image/gif');
      expect(acme.isSealed()).toBe(true);
      expect(tracking.with({ format: 'plain' }).isSealed()).toBe(false);
      const html = `<a href="${TARGET}">Sale</a>`;
      const links = [
        acme.adaptHtml(html),
        acme.adaptMessage({ html }).html!,
        acme.compileMessage({ html }).render().html!,
        acme.adaptText(TARGET),
      ].map((text) => /https:\/\/t\.example\.com\/click\/[\w-]+/.exec(text)![0]);
      for (const link of links) {
        expect(acme.getClickTrackingResult(link).trackedUrl).toBe(TARGET);
      }
      const result = acme.getClickTrackingResult(click);
      await expect(acme.sendWebhook(result)).rejects.toThrow('no webhook URL');
    });

    test('gives the same tracker for the same content, whatever the order of names', () => {
      const one = tracking.with({ context: 'acme', redirect: { allowHosts: ['a.example'] } });
      const same = { redirect: { allowHosts: ['a.example'] }, context: 'acme' };
      expect(tracking.with(same)).toBe(one);
      expect(tracking.with({ ...same, context: 'other' })).not.toBe(one);
      expect(tracking.with({ context: undefined })).toBe(tracking.with());
    });

    test('checks the overrides at once, and refuses them where they would have no effect', () => {
      expect(() => tracking.with({ contxt: 'acme' } as never)).toThrow(INVALID);
      expect(() => tracking.with({ responseBudgetMs: 5 } as never)).toThrow(INVALID);
      expect(() => tracking.with({}).getOpenTrackingUrl({}, { context: 'acme' } as never)).toThrow(
        INVALID,
      );
    });

    test('serves the plugin of Nodemailer and the helpers of templates', () => {
      const acme = tracking.with({ context: 'acme' });
      expect(trackingPlugin(acme)).toBeInstanceOf(Function);
      const url = trackingHelpers(acme).trackedUrl(TARGET);
      expect(acme.getClickTrackingResult(url).trackedUrl).toBe(TARGET);
    });
  });

  test('that differ in their content do not mix', () => {
    const variants: TrackingOverrides[] = [
      { context: 'a' },
      { context: 'b' },
      { context: '1' },
      { context: 'a', encryptionKey: OTHER_KEY },
      { context: '{"a":1}' },
      {},
    ];
    for (const one of variants) {
      expect(variants.filter((other) => reads(tracking, one, other))).toEqual([one]);
    }
  });

  test('that differ only in redirect.check do not mix', () => {
    const yes = { redirect: { check: () => true } };
    const no = { redirect: { check: () => false } };
    for (let i = 0; i < 2; i++) {
      expect(reads(tracking, yes, yes)).toBe(true);
      expect(() => tracking.getClickTrackingUrl(TARGET, {}, no)).toThrow('redirect.check');
      expect(reads(tracking, yes, no)).toBe(false);
    }
  });

  test('that differ only in a codec, an expression or an instance do not mix', () => {
    const codec = (token: string): LinkCodec => ({
      name: 'own',
      encode: () => token,
      decode: () => ({}),
    });
    const urls = ['one', 'two'].map((token) =>
      tracking.getOpenTrackingUrl({}, { format: codec(token) }),
    );
    expect(urls.map((url) => url.split('/').at(-1))).toEqual(['one', 'two']);
    const html = '<a href="https://example.com/~id~">x</a>';
    const tracked = [/~id~/, /~no~/].map((placeholder) =>
      tracking.adaptHtml(html, { openTracking: false }, { placeholders: [placeholder] }),
    );
    expect(tracked.map((text) => text === html)).toEqual([true, false]);
  });

  test('are copied: changing them changes later calls, and nothing that was made before', () => {
    const redirect = Object.assign(new RedirectOptions(), { denyHosts: ['a.example'] });
    const overrides = { defaultMetadata: { team: ['a'] }, redirect };
    const before = tracking.with(overrides);
    overrides.defaultMetadata.team[0] = 'b';
    redirect.denyHosts[0] = 'example.com';
    const url = tracking.getOpenTrackingUrl();
    expect(before.getOpenTrackingResult(url).metadata).toEqual({ team: ['a'] });
    expect(before.getClickTrackingUrl(TARGET)).toContain('/click/');
    expect(tracking.with(overrides).getOpenTrackingResult(url).metadata).toEqual({ team: ['b'] });
    expect(() => tracking.getClickTrackingUrl(TARGET, {}, overrides)).toThrow('denyHosts');
  });

  test('that hold themselves are refused', () => {
    const defaultMetadata: Record<string, never> = {};
    defaultMetadata.self = defaultMetadata as never;
    expect(() => tracking.with({ defaultMetadata })).toThrow(INVALID);
  });

  test('of more tenants than are remembered work all the same', () => {
    const urls = Array.from({ length: 6000 }, (_, i) =>
      tracking.getOpenTrackingUrl({ i }, { context: `tenant-${i}` }),
    );
    for (const i of [0, 5999, 1]) {
      const result = tracking.getOpenTrackingResult(urls[i]!, null, { context: `tenant-${i}` });
      expect(result.metadata).toEqual({ i });
    }
  });
});
