import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PtrackCodec } from 'nestjs-email-tracking/ptrack';
import { run } from '../../lib/cli/run.js';
import { KEY, OTHER_KEY } from '../support/app.js';
import { serviceFor } from '../support/service.js';

/** One call, as a shell would see it. */
async function cli(args: string[], environment: Record<string, string> = {}) {
  let out = '';
  let err = '';
  const code = await run(args, {
    environment,
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { code, out, err };
}

const KEYS = { TRACKING_ENCRYPTION_KEY: `${OTHER_KEY}, ${KEY}` };
const service = serviceFor();
const link = (overrides = {}) =>
  service.getClickTrackingUrl(
    'https://www.example.com/sale',
    { customer_id: 7 },
    { messageId: '<m@x>', recipient: 'ann@example.com', tags: ['a', 'b'], ...overrides },
  );

describe('key', () => {
  test('makes a key that works, another one each time', async () => {
    const { code, out } = await cli(['key']);
    expect(code).toBe(0);
    expect(serviceFor({ encryptionKey: out.trim() }).getOpenTrackingUrl()).toContain('/open/p');
    expect((await cli(['key'])).out).not.toBe(out);
  });
});

describe('inspect', () => {
  test('says in words what a link carries', async () => {
    const sentAt = new Date('2026-11-20T12:00:00Z');
    const url = link({ sentAt, linkIndex: 2, linkCount: 9, linkLabel: 'cta', part: 'html' });
    const { code, out, err } = await cli(['inspect', url], KEYS);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(
      [
        'Made for   clicks',
        'Leads to   https://www.example.com/sale',
        'Message    <m@x>',
        'Recipient  ann@example.com',
        'Tags       a, b',
        'Link       number 3 of 9',
        'Label      cta',
        'Part       html',
        'Sealed at  2026-11-20T12:00:00.000Z',
        'Format     packed',
        expect.stringMatching(/^Key {8}[0-9a-f]{2}$/),
        'Metadata   {"customer_id":7}',
        '',
      ]
        .map((line) => (typeof line === 'string' ? line : out.split('\n')[10]))
        .join('\n'),
    );
  });

  test.each(['packed', 'fernet', 'plain'] as const)('--json, of a %s link', async (format) => {
    const { code, out } = await cli(['inspect', link({ format }), '--json'], KEYS);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      purpose: 'click',
      trackedUrl: 'https://www.example.com/sale',
      messageId: '<m@x>',
      recipient: 'ann@example.com',
      tags: ['a', 'b'],
      format,
    });
  });

  test.each(['packed', 'fernet', 'plain'] as const)('an open link, %s', async (format) => {
    const { out } = await cli(['inspect', service.getOpenTrackingUrl({ a: 1 }, { format })], KEYS);
    expect(out).toMatch(/^Made for {3}opens/);
    expect(out).toContain('{"a":1}');
  });

  test('a link that says less', async () => {
    const sentAt = new Date('2026-11-20T12:00:00Z');
    const anonymous = link({ sentAt, privacy: { clicks: 'anonymous' } });
    const { out } = await cli(['inspect', anonymous], KEYS);
    expect(out).toMatch(/^Mode {7}anonymous\nSealed on {2}2026-11-20$/m);
    expect(out).not.toMatch(/ann@|Recipient|Message|Sealed at/);
    const privacy = { opens: 'deliverability' } as const;
    const pixel = service.getOpenTrackingUrl({}, { recipient: 'ann@example.com', privacy });
    const { out: seen } = await cli(['inspect', pixel], KEYS);
    expect(seen).toMatch(/^Recipient {2}ann@example\.com\nMode {7}deliverability$/m);
  });

  test('a webhook that the link names', async () => {
    const webhookUrl = 'https://hooks.example.com/mail';
    const url = link({ format: 'plain', webhookUrl, includeWebhookUrl: true });
    expect((await cli(['inspect', url])).out).toMatch(/^Webhook {4}https:\/\/hooks\.example/m);
    expect((await cli(['inspect', link({ format: 'plain' })])).out).not.toMatch(/Webhook/);
  });

  test('a bare token, and a context', async () => {
    const token = link({ context: 'acme' }).split('/').pop()!;
    expect((await cli(['inspect', token, '--context', 'acme'], KEYS)).code).toBe(0);
    const without = await cli(['inspect', token], KEYS);
    expect(without).toMatchObject({ code: 1, out: '' });
    expect(without.err).toMatch(/^INVALID_TOKEN: .*context/);
  });

  test('shows where a hostile link would lead, without obeying its control characters', async () => {
    const json = '{"url":"javascript:alert(1)\\u001b[2J\\u202e"}';
    const { code, out } = await cli(['inspect', Buffer.from(json).toString('base64url')]);
    expect(code).toBe(0);
    expect(out).toContain('javascript:alert(1)\\u001b[2J\\u{202e}');
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  });

  test('says what to do without the key, and with another', async () => {
    expect(await cli(['inspect', link()])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/TRACKING_ENCRYPTION_KEY is not set/),
    });
    const other = await cli(['inspect', link()], { TRACKING_ENCRYPTION_KEY: OTHER_KEY });
    expect(other).toMatchObject({ code: 1, err: expect.stringMatching(/^UNKNOWN_KEY: /) });
    const broken = await cli(['inspect', link()], { TRACKING_ENCRYPTION_KEY: 'secret' });
    expect(broken).toMatchObject({ code: 1, err: expect.stringMatching(/encryptionKey: must be/) });
    expect(broken.err).not.toContain("'secret'");
  });
});

describe('inspect, of an unsubscribe link', () => {
  const options = {
    baseUnsubscribeUrl: 'https://t.example.com/unsubscribe/',
    unsubscribe: { mailto: 'leave@example.com' },
  };
  const subject = {
    recipient: 'ann@example.com',
    list: 'news',
    messageId: '<m@x>',
    sentAt: new Date('2026-11-20T12:00:00Z'),
  };
  const url = serviceFor(options).getUnsubscribeUrl(subject);
  const header = serviceFor(options).getListHeaders(subject)['List-Unsubscribe'];
  const mailto = /<(mailto:.*)>/.exec(header)![1]!;
  const token = url.split('/').pop()!;

  test('says in words what it carries', async () => {
    const { code, out, err } = await cli(['inspect', url], KEYS);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.replace(/^Key .*/m, 'Key')).toBe(
      [
        'Made for   unsubscribing',
        'Message    <m@x>',
        'Recipient  ann@example.com',
        'List       news',
        'Sealed at  2026-11-20T12:00:00.000Z',
        'Format     packed',
        'Key',
        '',
      ].join('\n'),
    );
    expect(out).toMatch(/^Key {8}[0-9a-f]{2}$/m);
  });

  test.each([
    ['a path', `/unsubscribe/${token}`],
    ['a token', token],
    ['a mailto: URL', mailto],
    ['a List-Unsubscribe header', header],
    ['a subject', `Re: unsubscribe ${token}`],
    ['a subject in encoded words', `=?utf-8?Q?unsubscribe_${token.replaceAll('_', '=5F')}?=`],
  ])('reads %s', async (_, text) => {
    const { code, out } = await cli(['inspect', text, '--json'], KEYS);
    expect(code).toBe(0);
    const json = JSON.parse(out) as object;
    expect(json).toMatchObject({
      ...{ purpose: 'unsubscribe', recipient: 'ann@example.com', list: 'news' },
      ...{ messageId: '<m@x>', sentAt: '2026-11-20T12:00:00.000Z' },
    });
    expect(Object.keys(json).filter((name) => name.startsWith('is'))).toEqual([]);
  });

  test('reads it with a retired key, which reads no other link', async () => {
    for (const key of [undefined, OTHER_KEY]) {
      const environment = {
        ...(key !== undefined && { TRACKING_ENCRYPTION_KEY: key }),
        TRACKING_RETIRED_KEYS: KEY,
      };
      expect((await cli(['inspect', url], environment)).out).toContain('List       news');
      expect((await cli(['inspect', link()], environment)).code).toBe(1);
    }
  });

  test('says what is wrong with one that cannot be read', async () => {
    const other = { TRACKING_ENCRYPTION_KEY: OTHER_KEY };
    expect((await cli(['inspect', url], other)).err).toMatch(/^UNKNOWN_KEY: /);
    expect((await cli(['inspect', url])).err).toMatch(/TRACKING_ENCRYPTION_KEY is not set/);
    const none = await cli(['inspect', 'Re: please stop'], KEYS);
    expect(none).toMatchObject({ code: 1, err: expect.stringMatching(/no unsubscribe token/) });
  });
});

describe('inspect, with --ptrack-secret-env', () => {
  const secrets = { PTRACK_SECRET: 'testptracksecret' };
  const flag = ['--ptrack-secret-env', 'PTRACK_SECRET'];
  const url = serviceFor({ format: new PtrackCodec(secrets.PTRACK_SECRET) }).getOpenTrackingUrl({
    args: ['welcome'],
    kwargs: { user_id: 7 },
  });

  test('says what a link of django-ptrack carries, with and without keys of ours', async () => {
    for (const environment of [secrets, { ...secrets, ...KEYS }]) {
      expect(await cli(['inspect', url, ...flag], environment)).toEqual({
        code: 0,
        err: '',
        out:
          'Made for   opens (a pixel)\n' +
          'Format     ptrack\n' +
          'Metadata   {"args":["welcome"],"kwargs":{"user_id":7}}\n',
      });
      const json = await cli(['inspect', url, '--json', ...flag], environment);
      expect(JSON.parse(json.out)).toMatchObject({ format: 'ptrack', purpose: 'open' });
    }
  });

  test('still reads the other formats', async () => {
    const { out } = await cli(['inspect', link(), ...flag], { ...secrets, ...KEYS });
    expect(out).toContain('Format     packed');
  });

  test('prints the problem, and no secret', async () => {
    expect(await cli(['inspect', url, ...flag])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/name an environment variable that is set/),
    });
    const long = await cli(['inspect', url, ...flag], { PTRACK_SECRET: 'x'.repeat(40) });
    expect(long).toMatchObject({ code: 1, err: expect.stringMatching(/^INVALID_OPTIONS: Ptrack/) });
    expect(long.err).not.toContain('xxx');
    const other = await cli(['inspect', url, ...flag], { PTRACK_SECRET: 'other' });
    expect(other).toMatchObject({ code: 1, err: expect.stringMatching(/^INVALID_TOKEN: /) });
  });
});

describe('link', () => {
  const base = ['--base', 'https://t.example.com/click/'];

  test('makes a link with everything it can carry', async () => {
    const { code, out } = await cli(
      [
        ...['link', 'https://example.com/', ...base, '--metadata', '{"a":1}', '--message-id', 'm'],
        ...['--recipient', 'ann@example.com', '--tag', 'x', '--tag', 'y', '--label', 'cta'],
      ],
      { TRACKING_ENCRYPTION_KEY: KEY },
    );
    expect(code).toBe(0);
    expect(service.getClickTrackingResult(out.trim())).toMatchObject({
      trackedUrl: 'https://example.com/',
      metadata: { a: 1 },
      messageId: 'm',
      recipient: 'ann@example.com',
      tags: ['x', 'y'],
      linkLabel: 'cta',
    });
  });

  test('makes a pixel’s URL, with the base from the environment', async () => {
    const environment = {
      TRACKING_ENCRYPTION_KEY: KEY,
      TRACKING_BASE_OPEN_TRACKING_URL: 'https://t.example.com/open',
    };
    const { out } = await cli(['link', '--open'], environment);
    expect(out).toMatch(/^https:\/\/t\.example\.com\/open\/p/);
    expect(service.getOpenTrackingResult(out.trim()).isOpenTracking).toBe(true);
  });

  test('plain needs no key', async () => {
    const { out } = await cli(['link', 'https://example.com/', ...base, '--format', 'plain']);
    expect(out).toMatch(/\/click\/eyJ/);
  });

  test('refuses destinations that the app refuses', async () => {
    const refused = await cli(['link', 'javascript:1', ...base], { TRACKING_ENCRYPTION_KEY: KEY });
    expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/^UNSAFE_URL: /) });
  });
});

describe('usage', () => {
  test.each<[string[], RegExp]>([
    [[], /Usage: nestjs-email-tracking <command>/],
    [['nonsense'], /Unknown command 'nonsense'/],
    [['__proto__'], /Unknown command/],
    [['inspect'], /takes one URL[^]*Usage: .* inspect/],
    [['inspect', 'a', 'b'], /takes one URL/],
    [['inspect', 'a', '--jsno'], /--jsno[^]*Usage: .* inspect/],
    [['key', 'extra'], /extra[^]*Usage: .* key/],
    [['link'], /one URL, or --open/],
    [['link', 'https://example.com/'], /--base, or TRACKING_BASE_CLICK_TRACKING_URL/],
    [['link', 'https://e.com/', '--base', 'https://t.e/c', '--metadata', '{'], /must be JSON/],
  ])('%j: 2', async (args, expected) => {
    expect(await cli(args)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(expected),
    });
  });

  test.each([['--help'], ['help'], ['key', '--help'], ['inspect', '-h'], ['link', '--help']])(
    '%s %s: 0',
    async (...args) => {
      const { code, out, err } = await cli(args.filter((arg) => arg !== undefined));
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^Usage: nestjs-email-tracking/);
    },
  );

  test.each(['--version', '-v'])('%s prints the version of the package', async (flag) => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await cli([flag])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });
});

describe('doctor', () => {
  const environment = {
    TRACKING_ENCRYPTION_KEY: KEY,
    TRACKING_BASE_OPEN_TRACKING_URL: 'https://t.example.com/open/',
    TRACKING_BASE_CLICK_TRACKING_URL: 'https://t.example.com/click/',
  };
  const folder = mkdtempSync(join(tmpdir(), 'tracking-eml-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function write(html: string): string {
    const path = join(folder, 'mail.eml');
    writeFileSync(path, `Content-Type: text/html\r\n\r\n${html}\r\n`);
    return path;
  }

  test('--eml says what is wrong with a mail, without its tokens', async () => {
    const { html } = serviceFor().adaptMessage({ html: '<a href="https://example.com/">a</a>' });
    const only = ['--only', 'LINKS_UNREADABLE'];
    expect(await cli(['doctor', '--eml', write(html!), ...only], environment)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^All is well/),
    });
    const other = { ...environment, TRACKING_ENCRYPTION_KEY: OTHER_KEY };
    const { code, out } = await cli(['doctor', '--eml', write(html!), ...only, '--json'], other);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ findings: [{ code: 'LINKS_UNREADABLE' }] });
    expect(out).not.toMatch(/[\w-]{40,}/);
  });

  test('--eml knows all options of the app that its environment has', async () => {
    const html = '<a href="https://shop.example.com/">a</a>';
    const mail = write(serviceFor({ format: 'fernet' }).adaptMessage({ html }).html!);
    const examine = (more: Record<string, string>) =>
      cli(['doctor', '--eml', mail, '--only', 'LINKS_UNREADABLE'], { ...environment, ...more });
    const fernet = { TRACKING_FORMAT: 'fernet' };
    expect(await examine(fernet)).toMatchObject({ code: 0 });
    expect(await examine({ TRACKING_ACCEPT: 'fernet' })).toMatchObject({ code: 0 });
    expect(await examine({})).toMatchObject({ code: 1 });
    const elsewhere = { ...fernet, TRACKING_REDIRECT__ALLOW_HOSTS: 'example.org' };
    expect(await examine(elsewhere)).toMatchObject({ code: 1 });
  });

  test.each<[string[], RegExp]>([
    [['--eml', '/nowhere/mail.eml'], /cannot be read \(ENOENT\)/],
    [['--only', 'NONSENSE'], /--only takes codes/],
    [['--only', 'DKIM_MISSING'], /are looked for with --eml/],
    [['--eml', 'mail.eml', '--only', 'CACHED'], /are looked for with --eml/],
    [['--eml', 'mail.eml', '--allow-private'], /takes no --allow-private/],
    [['--client-address', 'me'], /takes an IP address/],
  ])('%j is wrong usage', async (args, expected) => {
    expect(await cli(['doctor', ...args], environment)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(expected),
    });
  });
});
