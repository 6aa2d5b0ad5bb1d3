import { serviceFor } from '../support/service.js';

/** Whether a link of a mail is taken for one of our own. */
function owns(url: string, baseClickTrackingUrl = 'https://t.example.com/click/'): boolean {
  const service = serviceFor({
    baseClickTrackingUrl,
    baseOpenTrackingUrl: 'https://t.example.com/open',
  });
  const { report } = service.adaptMessage({ html: `<a href="${url}">x</a>` });
  return report.links[0]!.reason === 'already-tracked';
}

describe('a link that is one of our own', () => {
  it.each([
    'https://t.example.com/click/abc',
    'https://t.example.com/open/abc',
    'HTTPS://T.Example.COM/click/abc',
    'https://t.example.com:443/click/abc',
    'https://t%2eexample.com/click/abc',
    'https://ｔ.example.com/click/abc',
    'https://t.example.com/x/../click/abc?utm_source=x',
    'https:\\\\t.example.com\\click\\abc',
    'https://user@t.example.com/click/abc',
  ])('%s', (url) => expect(owns(url)).toBe(true));

  it.each([
    'https://t.example.com/click/',
    'https://t.example.com/clicks',
    'https://t.example.com/',
    'http://t.example.com/click/abc',
    'https://t.example.com:8443/click/abc',
    'https://t.example.com.evil.example/click/abc',
    'https://evil.example/?https://t.example.com/click/abc',
    'https://evil.example#@t.example.com/click/abc',
    'https://example.com/click/abc',
    'not a URL',
    '',
  ])('not %s', (url) => expect(owns(url)).toBe(false));

  it('knows a host in whatever spelling', () => {
    const base = 'https://münchen.example/c/';
    expect(owns('https://xn--mnchen-3ya.example/c/abc', base)).toBe(true);
    expect(owns('https://MÜNCHEN.example/c/abc', base)).toBe(true);
    expect(owns('https://munchen.example/c/abc', base)).toBe(false);
  });
});
