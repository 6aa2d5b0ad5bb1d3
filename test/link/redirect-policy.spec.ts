import { isPrivateHost } from '../../lib/util/private-host.js';
import { RedirectPolicy, type RedirectRules } from '../../lib/link/redirect-policy.js';

const judge = (url: string, rules: RedirectRules = {}, sealed = true) =>
  new RedirectPolicy(rules).decide(url, sealed, null);

describe('the redirect policy', () => {
  test.each([
    ['https://example.com', 'https://example.com/'],
    ['http://example.com:8080/a?b#c', 'http://example.com:8080/a?b#c'],
    ['  https://example.com/a b', 'https://example.com/a%20b'],
    ['https:example.com', 'https://example.com/'],
    ['https:\\\\example.com', 'https://example.com/'],
    ['https://ｅxample.com/', 'https://example.com/'],
    ['http://10.1/', 'http://10.0.0.1/'],
  ])('redirects to the URL that it checked: %j', (url, href) => {
    expect(judge(url).href).toBe(href);
  });

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
    expect(judge(url).refusal).toBeDefined();
  });

  test('schemes: named ones, with or without a colon; never those that run code', () => {
    expect(judge('myapp://open/1', { schemes: ['https', 'MyApp:'] }).href).toBe('myapp://open/1');
    expect(judge('http://example.com/', { schemes: ['https'] }).refusal).toMatch(/scheme/);
    expect(judge('javascript:alert(1)', { schemes: ['javascript'] }).refusal).toMatch(/scheme/);
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
    expect(judge(url, rules).href !== undefined).toBe(allowed);
  });

  test('denyHosts beats allowHosts', () => {
    const rules = { allowHosts: ['*.example.com'], denyHosts: ['bad.example.com'] };
    expect(judge('https://bad.example.com/', rules).refusal).toMatch(/denyHosts/);
    expect(judge('https://good.example.com/', rules).href).toBeDefined();
  });

  test('a host is the same with any number of trailing dots', () => {
    expect(judge('https://bad.example..', { denyHosts: ['bad.example'] }).refusal).toMatch(/deny/);
    expect(judge('http://localhost../', {}, false).refusal).toMatch(/private/);
    expect(judge('http://[::ffff:0:7f00:1]/', {}, false).refusal).toMatch(/private/);
  });

  test('an allow list refuses what has no host', () => {
    const rules = { schemes: ['mailto', 'https'], allowHosts: ['example.com'] };
    expect(judge('mailto:a@example.com', rules).refusal).toMatch(/allowHosts/);
  });

  test('private hosts: allowed from sealed links, not from others, unless said', () => {
    const url = 'http://192.168.0.1/';
    expect(judge(url).href).toBe(url);
    expect(judge(url, {}, false).refusal).toMatch(/private/);
    expect(judge(url, { allowPrivateHosts: true }, false).href).toBe(url);
    expect(judge(url, { allowPrivateHosts: false }).refusal).toMatch(/private/);
  });

  test('check: only true is a yes, and it gets a copy', () => {
    const url = 'https://example.com/a';
    expect(judge(url, { check: () => true }).href).toBe(url);
    expect(judge(url, { check: () => false }).refusal).toMatch(/check/);
    expect(
      judge(url, {
        check: () => {
          throw new Error('x');
        },
      }).refusal,
    ).toMatch(/check/);
    const promising = (() => Promise.resolve(true)) as never;
    expect(judge(url, { check: promising }).refusal).toMatch(/check/);
    const changing = {
      check: (copy: URL) => {
        copy.hostname = 'evil.example';
        return true;
      },
    };
    expect(judge(url, changing).href).toBe(url);
  });
});

test.each([
  ['localhost', true],
  ['app.localhost', true],
  ['printer.local', true],
  ['db.internal', true],
  ['intranet', true],
  ['127.0.0.1', true],
  ['10.0.0.1', true],
  ['172.16.0.1', true],
  ['169.254.169.254', true],
  ['100.64.0.1', true],
  ['0.0.0.0', true],
  ['224.0.0.1', true],
  ['[::1]', true],
  ['[::]', true],
  ['[fe80::1]', true],
  ['[fd00::1]', true],
  ['[::ffff:127.0.0.1]', true],
  ['[64:ff9b::7f00:1]', true],
  ['[2002:7f00:1::]', true],
  ['8.8.8.8', false],
  ['172.32.0.1', false],
  ['[2606:4700::1]', false],
  ['example.com', false],
  ['local.example.com', false],
  ['mylocal', true],
  ['LOCALHOST', true],
  ['localhost.', true],
  ['localhost..', true],
  ['127.0.0.1...', true],
  ['example.com.', false],
  ['example.com..', true],
  ['[::127.0.0.1]', true],
  ['[::ffff:0:7f00:1]', true],
  ['[::ffff:0:127.0.0.1]', true],
  ['[::ffff:0:808:808]', true],
  ['[64:ff9b::808:808]', true],
  ['[64:ff9b:1::7f00:1]', true],
  ['[2001:0:7f00:1::]', true],
  ['[2606:4700::5efe:10.0.0.1]', true],
  ['[2606:4700::200:5efe:10.0.0.1]', true],
  ['[2606:4700::5eff:808:808]', false],
  ['notlocal.com', false],
])('isPrivateHost(%s) is %s', (host, expected) => {
  expect(isPrivateHost(host)).toBe(expected);
});
