import fc from 'fast-check';
import { headerValues, withoutHeader } from '../../lib/nodemailer/mail-headers.js';

const otherName = fc.stringMatching(/^[A-Za-z][A-Za-z-]{0,12}$/).filter((name) => !isOurs(name));
const ourName = fc.constantFrom('x-track', 'X-Track', 'X-TRACK', ' x-Track ');
const text = fc.stringMatching(/^[\w /<>.-]{1,20}$/);
const value = fc.oneof(
  text,
  fc.array(text),
  text.map((inner) => ({ prepared: true, value: inner })),
);
const entries = fc.array(fc.tuple(fc.oneof(otherName, ourName), value));

describe('headers in every form', () => {
  test('values are found, and what is taken off leaves the others as they were', () => {
    fc.assert(
      fc.property(entries, fc.boolean(), (list, isArray) => {
        const headers = isArray
          ? list.map(([key, content]) => ({ key, value: content }))
          : Object.fromEntries(list);
        const before = structuredClone(headers);
        const kept: [string, unknown][] = isArray ? list : Object.entries(headers);
        const expected = kept
          .filter(([key]) => isOurs(key))
          .flatMap(([, content]) => flat(content));
        expect(headerValues(headers, 'x-track')).toEqual(expected);

        const rest = withoutHeader(headers, 'x-track');
        expect(headerValues(rest, 'x-track')).toEqual([]);
        const others = kept.filter(([key]) => !isOurs(key));
        expect(rest).toEqual(
          isArray
            ? others.map(([key, content]) => ({ key, value: content }))
            : Object.fromEntries(others),
        );
        expect(headers).toEqual(before);
      }),
    );
  });

  test.each([undefined, null, '', 'X-Track: none', 7, [null, 'x', 5], { 'x-other': null }])(
    '%j: nothing to find',
    (headers) => {
      expect(headerValues(headers, 'x-track')).toEqual([]);
      expect(withoutHeader(headers, 'x-track')).toBe(headers);
    },
  );
});

function isOurs(name: string): boolean {
  return name.trim().toLowerCase() === 'x-track';
}

function flat(content: unknown): unknown[] {
  if (Array.isArray(content)) return content;
  return [typeof content === 'object' ? (content as { value: unknown }).value : content];
}
