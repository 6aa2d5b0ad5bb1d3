import { isTrackingError, type TrackingOverrides } from 'nestjs-email-tracking';
import { TestApp } from '../support/app.js';
import { serviceFor } from '../support/service.js';

type Rules = NonNullable<TrackingOverrides['redirect']>;

/** Why a link to a URL is refused; `undefined` if it is not. */
function refusalOf(url: string, redirect: Rules = {}, isSealed = true): string | undefined {
  const service = serviceFor({ redirect, format: isSealed ? 'packed' : 'plain' });
  try {
    service.getClickTrackingUrl(url);
    return undefined;
  } catch (error) {
    if (isTrackingError(error) && error.code === 'UNSAFE_URL') return error.message;
    throw error;
  }
}

describe('the redirect policy', () => {
  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://example.com/x',
    'mailto:a@b.c',
    'tel:1',
    'ftp://example.com/',
    '//example.com',
    '/local',
    'rel/x',
    '',
    '#a',
    'https://',
    'http://[::1',
    'https://user@example.com/',
    'https://user:pw@example.com/',
    'https://:pw@example.com/',
    'https://trusted.example@evil.example/',
    'https://example.com/a\r\nSet-Cookie: x=1',
    'https://example.com/\0',
    'https://exa\nmple.com/',
    'https://example.com/\u007f',
  ])('refuses %j', (url) => {
    expect(refusalOf(url)).toBeDefined();
  });

  test('schemes: named ones, with or without a colon; never those that run code', () => {
    expect(refusalOf('myapp://open/1', { schemes: ['https', 'MyApp:'] })).toBeUndefined();
    expect(refusalOf('http://example.com/', { schemes: ['https'] })).toMatch(/scheme/);
    expect(() => serviceFor({ redirect: { schemes: ['javascript'] } })).toThrow(
      /redirect\.schemes/,
    );
  });

  test.each([
    ['https://example.com/', true],
    ['https://EXAMPLE.com./', true],
    ['https://www.example.com/', false],
    ['https://shop.example.org/', true],
    ['https://a.b.example.org/', true],
    ['https://example.org/', false],
    ['https://evilexample.org/', false],
    ['https://example.com.evil.example/', false],
    ['https://xn--mnchen-3ya.example/', true],
    ['https://münchen.example/', true],
    ['https://example.com@evil.example/', false],
  ])('allowHosts: %s %s', (url, allowed) => {
    const rules = { allowHosts: ['example.com', '*.example.org', 'MÜNCHEN.example'] };
    expect(refusalOf(url, rules) === undefined).toBe(allowed);
  });

  test('denyHosts beats allowHosts', () => {
    const rules = { allowHosts: ['*.example.com'], denyHosts: ['bad.example.com'] };
    expect(refusalOf('https://bad.example.com/', rules)).toMatch(/denyHosts/);
    expect(refusalOf('https://good.example.com/', rules)).toBeUndefined();
  });

  test('a host is the same with any number of trailing dots', () => {
    expect(refusalOf('https://bad.example..', { denyHosts: ['bad.example'] })).toMatch(/deny/);
    expect(refusalOf('http://localhost../', {}, false)).toMatch(/private/);
    expect(refusalOf('http://[::ffff:0:7f00:1]/', {}, false)).toMatch(/private/);
  });

  test('an allow list refuses what has no host', () => {
    const rules = { schemes: ['mailto', 'https'], allowHosts: ['example.com'] };
    expect(refusalOf('mailto:a@example.com', rules)).toMatch(/allowHosts/);
  });

  test('private hosts: allowed from sealed links, not from others, unless said', () => {
    const url = 'http://192.168.0.1/';
    expect(refusalOf(url)).toBeUndefined();
    expect(refusalOf(url, {}, false)).toMatch(/private/);
    expect(refusalOf(url, { allowPrivateHosts: true }, false)).toBeUndefined();
    expect(refusalOf(url, { allowPrivateHosts: false })).toMatch(/private/);
  });

  test('check: only true is a yes', () => {
    const url = 'https://example.com/a';
    expect(refusalOf(url, { check: () => true })).toBeUndefined();
    expect(refusalOf(url, { check: () => false })).toMatch(/check/);
    expect(
      refusalOf(url, {
        check: () => {
          throw new Error('x');
        },
      }),
    ).toMatch(/check/);
    const promising = (() => Promise.resolve(true)) as never;
    expect(refusalOf(url, { check: promising })).toMatch(/check/);
  });
});

describe('a click', () => {
  let app: TestApp;
  beforeAll(async () => {
    const check = (copy: URL) => {
      copy.hostname = 'evil.example';
      return true;
    };
    app = await TestApp.start('fastify', { tracking: { redirect: { check } } });
  });
  afterAll(() => app.close());

  test.each([
    ['https://example.com', 'https://example.com/'],
    ['http://example.com:8080/a?b#c', 'http://example.com:8080/a?b#c'],
    ['  https://example.com/a b', 'https://example.com/a%20b'],
    ['https:example.com', 'https://example.com/'],
    ['https:\\\\example.com', 'https://example.com/'],
    ['https://ｅxample.com/', 'https://example.com/'],
    ['http://10.1/', 'http://10.0.0.1/'],
  ])('is redirected to the URL that was checked: %j', async (url, href) => {
    const { headers } = await app.get(app.tracking.getClickTrackingUrl(url));
    expect(headers.location).toBe(href);
  });
});
