import fc from 'fast-check';
import { fromIso, fromUnixSeconds, onlyAddress } from 'nestjs-email-tracking/esp';
import { readForm } from '../../lib/util/form.js';
import { parseJson } from '../../lib/esp/parse-json.js';

describe('parseJson', () => {
  test('reads whatever JSON.parse does, as it does', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        fc.pre(!/\d{16}/.test(text));
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('keeps the digits of integers beyond 2^53 at every place', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.string(), (integer, string) => {
        const text = `${string}!`;
        const expected = Number.isSafeInteger(Number(integer)) ? Number(integer) : String(integer);
        const body = `{"a": ${integer}, "b":[${integer},{"c":${integer}}], ${JSON.stringify(text)}: ${JSON.stringify(`${text}: ${integer}`)}}`;
        const value = parseJson(body) as Record<string, unknown>;
        expect(value).toMatchObject({ a: expected, b: [expected, { c: expected }] });
        expect(Object.values(value).at(-1)).toBe(`${text}: ${integer}`);
      }),
    );
  });

  test('leaves numbers alone that have a fraction or an exponent', () => {
    const text = '[0.1234567890123456789, 12345678901234567890.5, 1234567890123456789e2]';
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  test.each(['', '{', 'NaN', '{"a":NaN}', '\ufeff{}', "{'a':1}"])('refuses %j', (text) => {
    expect(() => parseJson(text)).toThrow('not JSON');
  });

  test('refuses a body that is nested too deeply, and ignores brackets in strings', () => {
    expect(() => parseJson('['.repeat(1e5) + ']'.repeat(1e5))).toThrow('nested deeper');
    expect(parseJson(JSON.stringify({ a: '['.repeat(1e5) }))).toEqual({ a: '['.repeat(1e5) });
  });

  test('leaves integers to JSON.parse that start with a zero, and refuses them with it', () => {
    expect(() => parseJson(`[0${'9'.repeat(20)}]`)).toThrow('not JSON');
    expect(() => parseJson(`[${'0'.repeat(20)}1]`)).toThrow('not JSON');
  });

  test('reads long digits, which would take minutes if it were not linear', () => {
    for (const digits of ['9'.repeat(2e6), `${'9'.repeat(2e6)}.5`, `-${'9'.repeat(2e6)}e5`]) {
      expect(parseJson(`[${digits}]`)).toHaveLength(1);
    }
  });

  test('ends strings where JSON.parse ends them, whatever is escaped', () => {
    for (const text of ['"\\\\",[', 'a\\\\\\"', '\\"\\\\"']) {
      const body = JSON.stringify({ a: text, b: 12 });
      expect(parseJson(body, 3)).toEqual(JSON.parse(body));
    }
    expect(parseJson('{"a":"\\\\","b":12345678901234567890}')).toEqual({
      a: '\\',
      b: '12345678901234567890',
    });
  });
});

test('members are counted outside of strings only, and real bodies have few', () => {
  const commas = ','.repeat(50_000);
  expect(parseJson(JSON.stringify({ a: commas, b: '[{"\\' }), 3)).toEqual({
    a: commas,
    b: '[{"\\',
  });
  expect(() => parseJson('[1,2,3]', 2)).toThrow('too many members');
  const event = {
    email: 'reader@example.com',
    event: 'open',
    timestamp: 1763620000,
    sg_event_id: 'x',
  };
  const batch = JSON.stringify(Array.from({ length: 5_000 }, () => event));
  expect(parseJson(batch)).toHaveLength(5_000);
  expect(() => parseJson(`[${'[],'.repeat(5_000)}0]`)).toThrow('too many members');
});

const utf8 = (value: string) => Buffer.from(value).toString();

describe('readForm', () => {
  test('reads broken escapes as URLSearchParams reads them', () => {
    for (const text of ['a=1&&b', '=x', 'a=%zz+%41&a=%e2%82', '+a+=+b', 'a==b']) {
      const expected = [...new URLSearchParams(text)];
      const form = readForm(Buffer.from(text), '');
      expect([...form].flatMap(([name, values]) => values.map((value) => [name, value]))).toEqual(
        expected,
      );
    }
  });

  test('reads what a browser would send', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (fields) => {
        const sent = fields.map(([name, value]): [string, string] => [utf8(name), utf8(value)]);
        const form = readForm(Buffer.from(new URLSearchParams(sent).toString()), '');
        const read = [...form].flatMap(([name, values]) => values.map((value) => [name, value]));
        expect(read.sort()).toEqual([...sent].sort());
      }),
    );
  });

  test('reads multipart bodies, with boundaries in quotes, files apart', () => {
    const body = [
      '--b b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n2',
      '--b b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\nfile',
      '--b b\r\nContent-Disposition: form-data; name="a"\r\n\r\n',
      '--b b--\r\n',
    ].join('\r\n');
    const form = readForm(Buffer.from(body), 'multipart/form-data; boundary="b b"');
    expect([...form]).toEqual([['a', ['1\r\n2', '']]]);
  });

  test('refuses a form without end', () => {
    const form = () => readForm(Buffer.from('a=1&'.repeat(2_000)), '');
    expect(form).toThrow('1000 fields');
  });
});

test.each([
  ['2026-11-20T08:00:00.1234567-04:00', '2026-11-20T12:00:00.123Z'],
  ['2026-11-20T08:00:00Z', '2026-11-20T08:00:00.000Z'],
  ['2026-11-20 08:00:00', '2026-11-20T08:00:00.000Z'],
  ['2026-11-20T08:00:00+0530', '2026-11-20T02:30:00.000Z'],
  ['2026-11-20T08:00:00+05', '2026-11-20T03:00:00.000Z'],
  ['2026-11-20', '2026-11-20T00:00:00.000Z'],
  ['2026-13-20T08:00:00Z', undefined],
  ['yesterday', undefined],
  [null, undefined],
])('the time %j is %s', (text, expected) => {
  expect(fromIso(text)?.toISOString()).toBe(expected);
});

test.each([
  [1763620000, '2025-11-20T06:26:40.000Z'],
  ['1763620000.25', '2025-11-20T06:26:40.250Z'],
  [1.001, '1970-01-01T00:00:01.001Z'],
  ['soon', undefined],
  [1e300, undefined],
  [NaN, undefined],
  [{}, undefined],
])('the seconds %j are %s', (seconds, expected) => {
  expect(fromUnixSeconds(seconds)?.toISOString()).toBe(expected);
});

test.each([
  ['a@example.com', 'a@example.com'],
  ['Reader <a@example.com>', 'a@example.com'],
  ['"Reader, the" <a@example.com>', 'a@example.com'],
  ['a@example.com, b@example.com', null],
  ['Reader', null],
  [null, null],
])('the one address of %j is %j', (header, expected) => {
  expect(onlyAddress(header)).toBe(expected);
});
