import { Links } from '../../lib/link/links.js';
import { KeyRing } from '../../lib/link/key-ring.js';
import { validateOptions } from '../../lib/options/validate.js';
import { KEY } from '../support/app.js';

function owns(url: string, base = 'https://t.example.com/click/'): boolean {
  const options = validateOptions({
    baseClickTrackingUrl: base,
    baseOpenTrackingUrl: 'https://t.example.com/open',
    encryptionKey: KEY,
  });
  return new Links(options, new KeyRing([KEY])).writer.owns(url);
}

describe('LinkWriter.owns', () => {
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
