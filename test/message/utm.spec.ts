import fc from 'fast-check';
import type { UtmParameters } from 'nestjs-email-tracking';
import { attribute, decode, tracking } from './readable-links.js';

const utm = { utm_source: 'a b', utm_medium: 'e&=?#' } as const;
const ADDED = 'utm_source=a%20b&utm_medium=e%26%3D%3F%23';

/** What the report says of a link in a mail that is adapted with these parameters. */
function reportOf(url: string, utm: UtmParameters, label = '') {
  const html = `<a href="${attribute(url)}" data-track-label="${attribute(label)}">x</a>`;
  return tracking.adaptMessage({ html, utm }).report.links[0]!;
}

/** Where this link leads. */
function addUtm(url: string, utm: UtmParameters, label?: string): string {
  return decode(reportOf(url, utm, label).trackingUrl!).url!;
}

describe('utm parameters', () => {
  it.each([
    ['https://e.com', `https://e.com?${ADDED}`],
    ['https://e.com/x', `https://e.com/x?${ADDED}`],
    ['https://e.com/?', `https://e.com/?${ADDED}`],
    ['https://e.com/?a=1', `https://e.com/?a=1&${ADDED}`],
    ['https://e.com/??', `https://e.com/??&${ADDED}`],
    ['https://e.com/?a=1&', `https://e.com/?a=1&${ADDED}`],
    ['https://e.com/#x?y', `https://e.com/?${ADDED}#x?y`],
    ['https://e.com/?a#', `https://e.com/?a&${ADDED}#`],
    ['https://é.com/é?é=%20 x', `https://é.com/é?é=%20 x&${ADDED}`],
    ['https://e.com/?utm_source=1', 'https://e.com/?utm_source=1&utm_medium=e%26%3D%3F%23'],
    ['https://e.com/?UTM_Source', 'https://e.com/?UTM_Source&utm_medium=e%26%3D%3F%23'],
    ['https://e.com/?utm%5Fsource=1&utm_medium=', 'https://e.com/?utm%5Fsource=1&utm_medium='],
  ])('%s', (url, expected) => expect(addUtm(url, utm)).toBe(expected));

  it('changes nothing that a server reads, whatever the URL', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        // Such a link is not tracked.
        fc.pre(reportOf(url, utm).reason !== 'placeholder');
        const before = new URL(url);
        const after = new URL(addUtm(url, utm));
        expect([...after.searchParams].slice(0, [...before.searchParams].length)).toEqual([
          ...before.searchParams,
        ]);
        expect(after.searchParams.get('utm_medium')).toBe(utm.utm_medium);
        for (const part of ['origin', 'pathname', 'hash'] as const) {
          expect(after[part]).toBe(before[part]);
        }
        expect(addUtm(addUtm(url, utm), utm)).toBe(addUtm(url, utm));
      }),
    );
  });

  it.each([
    'https://e.com/?Signature=x',
    'https://e.com/f.pdf?Policy=a&Signature=b&Key-Pair-Id=c',
    'https://e.com/?X-Amz-Signature=abc#x',
    'https://e.com/?x-goog-signature=abc',
    'https://e.com/?q-signature=abc',
    'https://e.com/?oauth_signature=abc',
    'https://e.com/?sv=2020&sig=abc%3D',
    'https://e.com/?HMAC=abc&shop=x',
    'https://e.com/?expires=1&hmacSha256=abc',
    'https://e.com/?_hash=abc',
    'https://e.com/?hdnts=exp=1',
    'https://e.com/?s=0123456789abcdef0123456789abcdef',
    'https://e.com/?md5=o0jbxNW3qO9M4sYQn1&expires=1',
    'https://e.com/?a=1&x_sign=A1b2C3d4E5f6G7h8',
  ])('leaves %s alone, whose query is signed', (url) => expect(addUtm(url, utm)).toBe(url));

  it.each([
    'https://e.com/?s=search+for+cheese+and+bread',
    'https://e.com/?design=1&assignment=2&sign=leo&hash=top',
    'https://e.com/?a=1#signature=x',
    'https://e.com/signature?a=1',
  ])('does not take %s for signed', (url) => expect(addUtm(url, utm)).toContain('utm_medium='));

  it('fills in the label of a link, and leaves out what asks for a label that is not there', () => {
    const given = { utm_source: 'a', utm_content: 'link-{label}' };
    expect(addUtm('https://e.com/', given, 'top & $&')).toBe(
      'https://e.com/?utm_source=a&utm_content=link-top%20%26%20%24%26',
    );
    expect(addUtm('https://e.com/', given)).toBe('https://e.com/?utm_source=a');
    expect(addUtm('https://e.com/?utm_content=x', given, 'b')).not.toContain('link-');
  });
});
