import fc from 'fast-check';
import { retryAfterMs } from '../../lib/webhook/webhook-target.js';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);
const DAY = 24 * 60 * 60 * 1000;

test.each<[string | string[] | undefined, number | undefined]>([
  ['0', 0],
  ['120', 120_000],
  [' 5 ', 5000],
  ['99999999999999999999999999', DAY],
  ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
  ['Saturday, 21-Nov-26 12:00:30 GMT', 30_000],
  ['Sat Nov 21 12:00:30 2026', 30_000],
  ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
  ['Sat, 21 Nov 2096 12:00:00 GMT', DAY],
  [undefined, undefined],
  ['', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
  ['soon', undefined],
  ['2026-11-21T12:00:30Z', undefined],
  ['Sat, 99 Nov 2026 12:00:30 GMT', undefined],
  [['1', '2'], undefined],
])('%j', (header, expected) => {
  expect(retryAfterMs(header, NOW)).toBe(expected);
});

test('seconds are milliseconds, up to a day', () => {
  fc.assert(
    fc.property(fc.nat(200_000), (seconds) => {
      expect(retryAfterMs(String(seconds), NOW)).toBe(Math.min(seconds * 1000, DAY));
    }),
  );
});

test('dates are what is left until then', () => {
  fc.assert(
    fc.property(fc.integer({ min: -200_000, max: 200_000 }), (seconds) => {
      const date = new Date(NOW + seconds * 1000).toUTCString();
      expect(retryAfterMs(date, NOW)).toBe(Math.min(Math.max(0, seconds * 1000), DAY));
    }),
  );
});

test('whatever a target writes, the answer is a bounded wait or none', () => {
  const digitsAndMore = fc.string({ unit: fc.constantFrom(...'0123456789 ,:-GMTSatNov') });
  fc.assert(
    fc.property(fc.oneof(fc.string(), digitsAndMore), (header) => {
      const wait = retryAfterMs(header, NOW);
      if (wait === undefined) return;
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(DAY);
    }),
  );
});
