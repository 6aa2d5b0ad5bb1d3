import { hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrackingError } from 'nestjs-email-tracking';
import { readPacked } from '../../lib/link/codecs/packed-reader.js';
import {
  COMPACT_ALPHABET,
  FIELD,
  SHIFT,
  TAG,
  URL_STARTS,
  WORDS,
} from '../../lib/link/codecs/packed-tables.js';
import { PackedWriter } from '../../lib/link/codecs/packed-writer.js';
import { associatedData, PackedCodec, sealPacked } from '../../lib/link/codecs/packed.codec.js';
import { KeyRing, type SealPurpose } from '../../lib/link/key-ring.js';
import type { JsonValue, LinkPayload, LinkPurpose } from '../../lib/link/link-payload.js';
import { readDocument, ROOT, tablesOf } from '../docs/markdown.js';

interface Sealed {
  name: string;
  key: string;
  context: string;
  purpose: Exclude<SealPurpose, 'probe'>;
  token: string;
}
interface Written extends Sealed {
  sentAt: number;
  nonce: string;
  body: string;
  payload: LinkPayload;
}
interface Vectors {
  keyIds: { key: string; id: string }[];
  valid: Written[];
  lenient: Written[];
  invalid: (Sealed & { error: string; body?: string })[];
}

const vectors = JSON.parse(
  readFileSync(join(ROOT, 'docs/link-format.vectors.json'), 'utf8'),
) as Vectors;
const document = readDocument('docs/link-format.md');

const byName = <T extends { name: string }>(list: T[]) =>
  list.map((vector): [string, T] => [vector.name, vector]);
const codecOf = ({ key, context }: Sealed) => new PackedCodec(new KeyRing([key]), context);
const read = (vector: Sealed) => codecOf(vector).open(vector.token, routeOf(vector));
const routeOf = ({ purpose }: Sealed): LinkPurpose => (purpose === 'seen' ? 'open' : purpose);
const seal = ({ key, context, purpose, sentAt, nonce, body }: Omit<Written, 'token'>) =>
  sealPacked(
    new KeyRing([key]).writer,
    purpose,
    associatedData(purpose, context),
    Buffer.from(body, 'hex'),
    sentAt,
    Buffer.from(nonce, 'hex'),
  );

describe('the test vectors of docs/link-format.md', () => {
  test.each(vectors.keyIds)('key id $id', ({ key, id }) => {
    expect(new KeyRing([key]).writer.name).toBe(id);
  });

  describe.each(byName(vectors.valid))('%s', (_, vector) => {
    test('is written', () => {
      expect(new PackedWriter().write(vector.payload).toString('hex')).toBe(vector.body);
      expect(seal(vector).toString('base64url')).toBe(vector.token);
    });

    test('is read', () => {
      const { payload, keyId } = read(vector);
      const { sentAt, ...rest } = payload;
      const expected = {
        ...vector.payload,
        ...(vector.purpose === 'seen' && { mode: 'deliverability' }),
      };
      expect(rest).toStrictEqual(expected);
      expect(Object.keys(rest.metadata ?? {})).toEqual(Object.keys(vector.payload.metadata ?? {}));
      expect(sentAt).toEqual(new Date(vector.sentAt * 1000));
      expect(keyId).toBe(new KeyRing([vector.key]).writer.name);
    });
  });

  const anonymous = vectors.valid.filter(({ payload }) => payload.mode === 'anonymous');
  test.each(byName(anonymous))('its nonce is made of its content: %s', (_, vector) => {
    const { payload, purpose, sentAt, token } = vector;
    for (const second of [0, 1, 86_399]) {
      const written = { ...payload, sentAt: new Date((sentAt + second) * 1000) };
      expect(codecOf(vector).encode(written, routeOf({ ...vector, purpose }))).toBe(token);
    }
  });

  test.each(byName(vectors.lenient))('is read, but never written: %s', (_, vector) => {
    expect(seal(vector).toString('base64url')).toBe(vector.token);
    const { sentAt: _sentAt, ...payload } = read(vector).payload;
    expect(payload).toStrictEqual(vector.payload);
    expect(new PackedWriter().write(vector.payload).toString('hex')).not.toBe(vector.body);
  });

  test.each(byName(vectors.invalid))('is refused: %s', (_, vector) => {
    expect(() => read(vector)).toThrow(TrackingError);
    expect(() => read(vector)).toThrow(expect.objectContaining({ code: vector.error }));
  });

  test('every key with the id of the token is tried', () => {
    const [one, other] = vectors.keyIds;
    expect(one!.id).toBe(other!.id);
    const ring = new KeyRing([one!.key, other!.key]);
    for (const vector of vectors.valid) {
      const { context, token } = vector;
      const codec = new PackedCodec(ring, context);
      expect(() => codec.decode(token, routeOf(vector))).not.toThrow();
    }
  });

  test('arrays and objects lie inside at most 128 others', () => {
    const nested = (levels: number): JsonValue => (levels === 0 ? [] : [nested(levels - 1)]);
    const deepest: LinkPayload = { metadata: { a: nested(127) } };
    expect(readPacked(new PackedWriter().write(deepest))).toEqual(deepest);
    expect(() => new PackedWriter().write({ metadata: { a: nested(128) } })).toThrow(TrackingError);
  });

  test('they cover every field, tag, word size and URL start', () => {
    const bodies = vectors.valid.map(({ body }) => Buffer.from(body, 'hex'));
    const fields = new Set(vectors.valid.flatMap(({ payload }) => Object.keys(payload)));
    expect([...fields].sort()).toEqual(
      Object.keys(FIELD)
        .filter((name) => name !== 'urlWithStart')
        .sort(),
    );
    const first = new Set(bodies.map((body) => body[0]));
    for (const start of [1, 2, 3, 4]) expect(first).toContain(FIELD.urlWithStart + start);
    const bytes = new Set(bodies.flatMap((body) => [...body]));
    for (const tag of Object.values(TAG)) expect(bytes).toContain(tag);
  });
});

describe('the tables of docs/link-format.md', () => {
  const hex = (number: number) => number.toString(16).padStart(2, '0');
  const rowsOf = (section: string, table = 0) => tablesOf(document, section)[table]!.rows;

  test('fields', () => {
    expect(rowsOf('The payload').map(([number, name]) => [number, name])).toEqual(
      Object.entries(FIELD).map(([name, number]) => [hex(number), name]),
    );
  });

  test('starts of URLs', () => {
    expect(rowsOf('The payload', 1)).toEqual(
      URL_STARTS.map((start, i) => [hex(FIELD.urlWithStart + i), start || '(nothing)']),
    );
  });

  test('tags', () => {
    expect(rowsOf('Values').map(([tag, name]) => [tag!.slice(0, 2), name])).toEqual(
      Object.entries(TAG).map(([name, tag]) => [hex(tag), name]),
    );
  });

  test('units of compact text', () => {
    const units = rowsOf('Compact text').flatMap(([, ...row]) => row);
    expect(units).toHaveLength(64);
    expect(units.slice(0, 62).map((unit) => (unit === 'space' ? ' ' : unit))).toEqual([
      ...COMPACT_ALPHABET,
    ]);
    expect(units.slice(62)).toEqual(['(none)', 'shift']);
    expect(SHIFT).toBe(63);
  });

  test('words', () => {
    const cells = rowsOf('Words').flat();
    expect(cells.filter((_, i) => i % 2 === 1)).toEqual([...WORDS]);
    expect(cells.filter((_, i) => i % 2 === 0)).toEqual(WORDS.map((_, i) => hex(TAG.word + i)));
  });
});

describe('the example of docs/link-format.md', () => {
  const example = vectors.valid[0]!;
  const section = 'A token, byte by byte';
  const [inputs, body, steps] = tablesOf(document, section).map(({ rows }) => rows);
  const blocks = document.blocks.filter((block) => block.section === section);
  const digits = (text: string) => text.replace(/[^0-9a-f]/g, '');
  const bytes = Buffer.from(example.token, 'base64url');

  test('starts from the first vector', () => {
    expect(Object.fromEntries(inputs!)).toMatchObject({
      key: expect.stringContaining(example.key),
      context: example.context,
      purpose: example.purpose,
      'sent-at': `${example.sentAt}, which is ${bytes.toString('hex', 2, 6)}`,
      nonce: example.nonce,
    });
    expect(JSON.parse(blocks[0]!.code)).toEqual(example.payload);
    expect(blocks[1]!.code.trim()).toBe(example.token);
  });

  test('takes the body apart', () => {
    expect(digits(body!.map(([hex]) => hex).join(''))).toBe(example.body);
    expect(document.text).toContain(`The body has ${example.body.length / 2} bytes`);
  });

  test('seals it', () => {
    const epoch = Math.floor(example.sentAt / 16384);
    const info = `packed/1/click/${epoch}`;
    const subkey = hkdfSync('sha256', Buffer.from(example.key, 'base64'), '', info, 32);
    const result = Object.fromEntries(steps!) as Record<string, string>;
    expect(result['key id']).toBe(bytes.toString('hex', 1, 2));
    expect(result.epoch).toContain(String(epoch));
    expect(result['info of the subkey']).toBe(info);
    expect(result.subkey).toBe(Buffer.from(subkey).toString('hex'));
    const additional = [bytes.subarray(0, 6), Buffer.from('click\0acme')];
    expect(digits(result['additional data']!)).toBe(Buffer.concat(additional).toString('hex'));
    expect(result['encrypted body']).toBe(bytes.toString('hex', 18, bytes.length - 16));
    expect(result.tag).toBe(bytes.toString('hex', bytes.length - 16));
  });
});
