import { isTrackingError, type LinkCodec, type TrackingModuleOptions } from 'nestjs-email-tracking';
import { trackingConfig } from 'nestjs-email-tracking/config';
import { KEY, OPTIONS, OTHER_KEY, TestApp } from '../support/app.js';
import { serviceFor } from '../support/service.js';

const HOOK = 'https://hooks.example.com/';
const SECRET = Buffer.alloc(24, 7).toString('base64');

const start = (tracking: Record<string, unknown>) => TestApp.start('express', { tracking });

async function problemsOf(tracking: Record<string, unknown>): Promise<string> {
  try {
    await (await start(tracking)).close();
  } catch (error) {
    if (isTrackingError(error) && error.code === 'INVALID_OPTIONS') return error.message;
    throw error;
  }
  return 'none';
}

const codec: LinkCodec = { name: 'own', encode: () => 'x', decode: () => ({}) };

describe('start-up', () => {
  test('reports all problems in one error, with option and remedy, and without values', async () => {
    const message = await problemsOf({
      baseOpenTrackingUrl: 'https://ann:s3cret@t.example.com/open/',
      baseClickTrackingUrl: 'not a url s3cret',
      encryptionKey: 's3cret',
      maxUrlLength: 's3cret',
      includeWebhookUrl: 'yes',
      redirect: { allowHosts: 'example.com', allowHost: ['example.com'] },
      encrypionKey: KEY,
      format: 'rot13',
    });
    for (const option of [
      'baseOpenTrackingUrl',
      'baseClickTrackingUrl',
      'encryptionKey',
      'maxUrlLength',
      'includeWebhookUrl',
      'redirect.allowHosts',
      'redirect.allowHost',
      'encrypionKey',
      'format',
    ]) {
      expect(message).toMatch(new RegExp(`^  - ${option}: .{10}`, 'm'));
    }
    expect(message).toContain('9 problems');
    expect(message).toContain('encrypionKey: is not an option; check its spelling');
    expect(message).toContain('randomBytes(32)');
    expect(message).not.toContain('s3cret');
    expect(message).not.toContain(KEY);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      'no key',
      { encryptionKey: undefined },
      /encryptionKey: is needed.*randomBytes\(32\).*'plain'/s,
    ],
    [
      'no key, sealed accept',
      { encryptionKey: undefined, format: 'plain', accept: ['fernet'] },
      /encryptionKey: is needed for format 'fernet'/,
    ],
    ['an empty key', { encryptionKey: '' }, /encryptionKey: must be 32 bytes/],
    ['an empty list of keys', { encryptionKey: [] }, /encryptionKey: must be 32 bytes/],
    [
      'a short second key',
      { encryptionKey: [KEY, KEY.slice(4)] },
      /encryptionKey: \(number 2 of the list\)/,
    ],
    ['equal paths', { baseClickTrackingUrl: OPTIONS.baseOpenTrackingUrl }, /must differ/],
    ['no base', { baseOpenTrackingUrl: undefined }, /baseOpenTrackingUrl: is needed, or openPath/],
    ['a root path', { baseOpenTrackingUrl: 'https://t.example.com' }, /openHost: is needed.*root/],
    [
      'a base with a query',
      { baseOpenTrackingUrl: 'https://t.example.com/o?x=' },
      /without a query/,
    ],
    [
      'an ftp base',
      { baseOpenTrackingUrl: 'ftp://t.example.com/o' },
      /baseOpenTrackingUrl: must be an absolute http/,
    ],
    ['an object that is not a codec', { format: { name: 'x' } }, /format: must be .*LinkCodec/],
    [
      'a codec with the name of a built-in format',
      { format: { ...codec, name: 'packed' } },
      /format: must be/,
    ],
    [
      'a scheme that runs code',
      { redirect: { schemes: ['https', 'JavaScript:'] } },
      /redirect\.schemes: must not name/,
    ],
    [
      'a host with a scheme',
      { redirect: { denyHosts: ['https://x.example'] } },
      /redirect\.denyHosts/,
    ],
    [
      'a check that is not a function',
      { redirect: { check: true } },
      /redirect\.check: must be a function/,
    ],
    ['redirect as a text', { redirect: 'example.com' }, /redirect: must be an object/],
    [
      'a placeholder that is no regular expression',
      { placeholders: [/:id/, ':id'] },
      /placeholders: must be a list of regular expressions/,
    ],
    ['a utm host with a scheme', { utmHosts: ['https://x.example'] }, /utmHosts: must be a list/],
    [
      'an empty name to pass on',
      { passQuery: ['gclid', ''] },
      /passQuery: must be a list of at most 50/,
    ],
    ['a line break in a name', { passQuery: ['a\r\nb'] }, /passQuery: must be a list/],
    ['half a character in a name', { passQuery: ['a\ud800'] }, /passQuery: must be a list/],
    ['a long name', { passQuery: ['x'.repeat(65)] }, /each of 1 to 64 characters/],
    [
      'many names',
      { passQuery: Array.from({ length: 51 }, (_, i) => `a${i}`) },
      /passQuery: must be a list of at most 50/,
    ],
    ['a name that is no list', { passQuery: 'gclid' }, /passQuery: must be a list/],
    ['an empty name of the id', { clickIdParam: '' }, /clickIdParam: must be the name/],
    [
      'a space in the name of the id',
      { clickIdParam: 'click id' },
      /clickIdParam: must be the name/,
    ],
    [
      'an id that anybody can pass on',
      { passQuery: ['gclid', 'Click_ID'], clickIdParam: 'click_id' },
      /passQuery: must not name clickIdParam/,
    ],
    ['an empty context', { context: '' }, /context: must be a text/],
    ['a path with a parameter', { openPath: 'open/:token' }, /openPath: must be a path/],
    [
      'a fallback that runs code',
      { fallbackUrl: 'javascript:1' },
      /fallbackUrl: must be an absolute/,
    ],
    ['metadata that is not JSON', { defaultMetadata: { a: new Date() } }, /defaultMetadata/],
    ['a budget of 0', { responseBudgetMs: 0 }, /responseBudgetMs: must be a whole number/],
    [
      'a webhook timeout of 0',
      { webhookTimeoutSeconds: 0 },
      /webhookTimeoutSeconds: must be a number of seconds above 0, up to 3600/,
    ],
    [
      'an infinite webhook timeout',
      { webhookTimeoutSeconds: Infinity },
      /webhookTimeoutSeconds: must be/,
    ],
    [
      'a webhook host with a scheme',
      { webhookAllowHosts: ['https://x.example'] },
      /webhookAllowHosts: must be a list of hosts/,
    ],
    ['an unknown webhook format', { webhookFormat: 'xml' }, /must be 'pytracking' or 'event'/],
    [
      'webhooks that are not a list',
      { webhooks: { url: HOOK } },
      /webhooks: must be a list of objects/,
    ],
    ['webhooks that are texts', { webhooks: [HOOK] }, /webhooks: must be a list of objects/],
    ['a webhook without a URL', { webhooks: [{ secret: SECRET }] }, /webhooks\.0\.url: is needed/],
    [
      'a webhook of ftp',
      { webhooks: [{ url: 'ftp://x.example/' }] },
      /webhooks\.0\.url: must be an/,
    ],
    [
      'a misspelt member',
      { webhooks: [{ url: HOOK }, { url: HOOK, event: ['open'] }] },
      /webhooks\.1\.event: is not an option; check its spelling/,
    ],
    [
      'unknown kinds of events',
      { webhooks: [{ url: HOOK, events: ['bounce'] }] },
      /0\.events: must be a/,
    ],
    [
      'an empty list of kinds',
      { webhooks: [{ url: HOOK, events: [] }] },
      /0\.events: must be a list/,
    ],
    [
      'a short secret',
      { webhookSecret: 'whsec_c2hvcnQ=' },
      /webhookSecret: must be base64 of at least/,
    ],
    ['an empty list of secrets', { webhookSecret: [] }, /webhookSecret: must be base64/],
    [
      'a broken second secret',
      { webhooks: [{ url: HOOK, secret: [SECRET, 's3cret'] }] },
      /webhooks\.0\.secret: \(number 2 of the list\)/,
    ],
    [
      'a line break in a header',
      { webhooks: [{ url: HOOK, headers: { 'X-A': 'a\r\nX-B: b' } }] },
      /webhooks\.0\.headers: X-A must be a text without line breaks/,
    ],
    [
      'a lone LF in a header',
      { webhooks: [{ url: HOOK, headers: { 'X-A': 'a\nb' } }] },
      /webhooks\.0\.headers: X-A must be/,
    ],
    [
      'a line break in the name of a header',
      { webhooks: [{ url: HOOK, headers: { 'X-A\r\nX-B': 'a' } }] },
      /webhooks\.0\.headers: \(number 1\) must have the name of a header/,
    ],
    [
      'a header of ours',
      { webhooks: [{ url: HOOK, headers: { 'Webhook-Signature': 'v1,a' } }] },
      /webhooks\.0\.headers: must not set Webhook-Signature/,
    ],
    [
      'headers that are none',
      { webhooks: [{ url: HOOK, headers: 'X: y' }] },
      /0\.headers: must be an obj/,
    ],
    [
      'batches of pytracking',
      { webhooks: [{ url: HOOK, batch: { size: 2, waitMs: 1 } }] },
      /webhooks\.0\.batch: needs format: 'event'/,
    ],
    [
      'half a batch',
      { webhookFormat: 'event', webhooks: [{ url: HOOK, batch: { size: 0 } }] },
      /batch\.size: must be a whole number.*batch\.waitMs: is needed/s,
    ],
    [
      'a batch that is none',
      { webhooks: [{ url: HOOK, batch: 7 }] },
      /0\.batch: must be an object/,
    ],
    ['autoWebhook as a text', { autoWebhook: 'no' }, /autoWebhook: must be true or false/],
  ])('%s', async (_, tracking, expected) => {
    expect(await problemsOf(tracking)).toMatch(expected);
  });

  test.each<[string, Partial<TrackingModuleOptions>, RegExp | undefined]>([
    ['http', { baseOpenTrackingUrl: 'http://t.example.com/open/' }, /baseOpenTrackingUrl.*https/],
    ['http on loopback', { baseOpenTrackingUrl: 'http://localhost:3000/open/' }, undefined],
    ['plain', { format: 'plain' }, /redirect\.allowHosts/],
    ['accepting plain', { accept: ['plain'] }, /redirect\.allowHosts/],
    [
      'plain, but bounded',
      { format: 'plain', redirect: { allowHosts: ['example.com'] } },
      undefined,
    ],
    ['a safe configuration', {}, undefined],
    ['a codec of your own', { format: codec, encryptionKey: undefined }, undefined],
  ])('warnings: %s', async (_, tracking, expected) => {
    const app = await start(tracking);
    await app.close();
    if (expected) expect(app.logs.warnings).toEqual([expect.stringMatching(expected)]);
    else expect(app.logs.warnings).toEqual([]);
  });

  test('accepts keys in either alphabet, with and without padding', () => {
    const url = serviceFor({ encryptionKey: KEY }).getOpenTrackingUrl({ a: 1 });
    for (const key of [
      KEY.replaceAll('-', '+').replaceAll('_', '/'),
      KEY.slice(0, -1),
      `${KEY}=`,
    ]) {
      expect(serviceFor({ encryptionKey: key }).getOpenTrackingResult(url).metadata).toEqual({
        a: 1,
      });
    }
  });
});

describe('overrides', () => {
  const service = serviceFor({ context: 'a', maxUrlLength: 1000 });

  test('win over the configuration, except where they are undefined', () => {
    const other = service.getOpenTrackingUrl({}, { context: 'b', encryptionKey: OTHER_KEY });
    expect(() => service.getOpenTrackingResult(other)).toThrow();
    const overrides = { context: 'b', encryptionKey: [OTHER_KEY] };
    expect(service.getOpenTrackingResult(other, null, overrides).purpose).toBe('open');
    const same = service.getOpenTrackingUrl({}, { context: undefined });
    expect(service.getOpenTrackingResult(same).purpose).toBe('open');
  });

  test.each<[Record<string, unknown>, RegExp]>([
    [{ encrypionKey: KEY }, /encrypionKey: is not an option/],
    [{ responseBudgetMs: 5 }, /responseBudgetMs: belongs to the process/],
    [{ encryptionKey: 'x' }, /encryptionKey: must be 32 bytes/],
    [{ context: 7 }, /context: must be a text/],
    [{ redirect: { schemes: 'https' } }, /redirect\.schemes/],
    [{ linkIndex: -1 }, /linkIndex must be a whole number/],
    [{ tags: 'a' }, /tags must be an array/],
    [{ messageId: 7 }, /messageId must be a string/],
    [{ part: 'amp' }, /part must be/],
    [{ sentAt: 'now' }, /sentAt must be a Date/],
  ])('%j is refused', (overrides, expected) => {
    expect(() => service.getOpenTrackingUrl({}, overrides)).toThrow(expected);
  });

  test('refuses metadata that is not a plain object of JSON', () => {
    for (const metadata of [
      [1],
      'x',
      new Date(),
      { a: 1n },
      { a: () => 1 },
      { a: Number.NaN },
      { a: new Map() },
    ]) {
      expect(() => service.getOpenTrackingUrl(metadata as never)).toThrow(
        expect.objectContaining({ code: 'INVALID_METADATA' }),
      );
    }
    const deep: unknown[] = [];
    let level = deep;
    for (let i = 0; i < 10_000; i++) level.push((level = []));
    expect(() => service.getOpenTrackingUrl({ deep } as never)).toThrow(/nested deeper/);
  });

  test('leaves out members that are undefined', () => {
    const url = service.getOpenTrackingUrl({ a: 1, b: undefined, c: { d: undefined } } as never);
    expect(service.getOpenTrackingResult(url).metadata).toStrictEqual({ a: 1, c: {} });
  });
});

describe('./config', () => {
  const keep = { ...process.env };
  const set = (variables: Record<string, string>) => {
    for (const name of Object.keys(process.env)) {
      if (name.startsWith('TRACKING_')) delete process.env[name];
    }
    Object.assign(process.env, variables);
  };
  afterEach(() => {
    set({});
    Object.assign(process.env, keep);
  });

  test('reads every kind of option', () => {
    set({
      TRACKING_BASE_OPEN_TRACKING_URL: 'https://t.example.com/open/',
      TRACKING_ENCRYPTION_KEY: `${KEY}, ${OTHER_KEY}`,
      TRACKING_ACCEPT: 'fernet,plain',
      TRACKING_DEFAULT_METADATA: '{"team":"growth"}',
      TRACKING_INCLUDE_DEFAULT_METADATA: 'true',
      TRACKING_APPEND_SLASH: '0',
      TRACKING_MAX_AGE_SECONDS: '3600',
      TRACKING_WEBHOOK_TIMEOUT_SECONDS: '2.5',
      TRACKING_WEBHOOK_ALLOW_HOSTS: 'hooks.example.com, *.example.net',
      TRACKING_WEBHOOK_ALLOW_PRIVATE_HOSTS: '1',
      TRACKING_WEBHOOK_FORMAT: 'pytracking',
      TRACKING_REDIRECT__ALLOW_HOSTS: 'example.com,*.example.com',
      TRACKING_REDIRECT__ALLOW_PRIVATE_HOSTS: 'FALSE',
      TRACKING_PIXEL: 'gif',
      TRACKING_PLACEHOLDERS: ':\\w+:, ~id~',
      TRACKING_UTM_HOSTS: 'example.com',
      TRACKING_PASS_QUERY: 'gclid, _ga',
      TRACKING_CLICK_ID_PARAM: 'click_id',
      TRACKING_FALLBACK_URL: '',
    });
    expect(trackingConfig()).toEqual({
      baseOpenTrackingUrl: 'https://t.example.com/open/',
      encryptionKey: [KEY, OTHER_KEY],
      accept: ['fernet', 'plain'],
      defaultMetadata: { team: 'growth' },
      includeDefaultMetadata: true,
      appendSlash: false,
      maxAgeSeconds: 3600,
      webhookTimeoutSeconds: 2.5,
      webhookAllowHosts: ['hooks.example.com', '*.example.net'],
      webhookAllowPrivateHosts: true,
      placeholders: [/:\w+:/, /~id~/],
      utmHosts: ['example.com'],
      passQuery: ['gclid', '_ga'],
      clickIdParam: 'click_id',
      webhookFormat: 'pytracking',
      redirect: { allowHosts: ['example.com', '*.example.com'], allowPrivateHosts: false },
      pixel: 'gif',
    });
  });

  test('combines JSON and single variables of `redirect`', () => {
    set({ TRACKING_REDIRECT: '{"schemes":["https"]}', TRACKING_REDIRECT__DENY_HOSTS: 'x.example' });
    expect(trackingConfig()).toEqual({
      redirect: { schemes: ['https'], denyHosts: ['x.example'] },
    });
  });

  test('leaves what cannot be read to the start-up error', async () => {
    set({
      TRACKING_MAX_URL_LENGTH: 'long',
      TRACKING_APPEND_SLASH: 'maybe',
      TRACKING_DEFAULT_METADATA: '{',
      TRACKING_REDIRECT: '[',
      TRACKING_PLACEHOLDERS: '(',
      TRACKING_REDIRECT__SCHEMES: 'https',
    });
    const message = await problemsOf(trackingConfig() as Record<string, unknown>);
    const options = 'maxUrlLength appendSlash defaultMetadata redirect placeholders'.split(' ');
    for (const option of options) {
      expect(message).toMatch(new RegExp(`^  - ${option}: `, 'm'));
    }
  });
});
