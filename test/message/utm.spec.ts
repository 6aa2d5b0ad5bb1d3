import fc from 'fast-check';
import { addUtm } from '../../lib/message/utm.js';

const utm = { utm_source: 'a b', utm_medium: 'e&=?#' } as const;
const ADDED = 'utm_source=a%20b&utm_medium=e%26%3D%3F%23';

describe('addUtm', () => {
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
});
