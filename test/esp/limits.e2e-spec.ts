import { gzipSync } from 'node:zlib';
import { PLATFORMS, type TestApp } from '../support/app.js';
import { parseJson } from '../../lib/esp/parse-json.js';
import { readForm } from '../../lib/esp/form.js';
import { PROVIDERS } from '../../lib/esp/providers/index.js';
import { startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:ses-events';
/** The providers whose proof is inside the body, with the statuses of refused and of too large bodies. */
const INSIDE = {
  amazonSes: { path: 'amazon_ses', options: { topicArns: [TOPIC] }, large: 413 },
  mailgun: { path: 'mailgun', options: { signingKey: 'key' }, large: 406 },
  mandrill: { path: 'mandrill', options: { webhookKey: 'key' }, large: 413 },
  unisenderGo: { path: 'unisender_go', options: { apiKey: 'key' }, large: 413 },
} as const;

test('every provider whose proof is inside the body has limits of its own', () => {
  const limited = Object.values(PROVIDERS).filter((provider) => 'limits' in provider);
  expect(limited.map(({ key }) => key).sort()).toEqual(Object.keys(INSIDE));
});

describe.each(PLATFORMS)('bodies of strangers on %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    const providers = Object.entries(INSIDE).map(([key, { options }]) => [key, options]);
    app = await startEsp(platform, Object.fromEntries(providers) as object);
  });
  beforeEach(() => resetEsp(app));
  afterAll(() => app.close());

  const post = async (path: string, body: string | Buffer, headers: Record<string, string>) => {
    const url = `/anymail/${path}/tracking`;
    const answer = await app.get(url, { method: 'POST', body, headers });
    return [answer.status, answer.body.toString()] as const;
  };
  const JSON_TYPE = { 'Content-Type': 'application/json' };
  const FORM_TYPE = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const packed = (text: string) => ({
    body: gzipSync(text),
    headers: { 'Content-Encoding': 'gzip' },
  });

  test.each(Object.entries(INSIDE))(
    '%s: refuses what unpacks to many times its size',
    async (_key, { path, large }) => {
      for (const [text, type] of [
        ['['.repeat(1e6), JSON_TYPE],
        ['a&'.repeat(1e6), FORM_TYPE],
      ] as const) {
        const { body, headers } = packed(text);
        expect(body.length).toBeLessThan(10_240);
        const [status, said] = await post(path, body, { ...headers, ...type });
        expect([status, said]).toEqual([
          large,
          expect.stringContaining('times its compressed size'),
        ]);
      }
    },
  );

  test.each(Object.entries(INSIDE))(
    '%s: refuses a body larger than the provider sends',
    async (key, { path, large }) => {
      const { bytes } = PROVIDERS[key as keyof typeof INSIDE].limits!;
      const [status] = await post(path, ' '.repeat(bytes + 1), JSON_TYPE);
      expect(status).toBe(large);
    },
  );

  test.each([
    ['amazon_ses', '"",', 400],
    ['mailgun', '[],', 406],
    ['unisender_go', '{},', 400],
  ])('%s: refuses too many members before it parses them', async (path, unit, status) => {
    const answer = await post(path, `[${unit.repeat(20_000)}0]`, {
      ...JSON_TYPE,
      'x-amz-sns-message-type': 'Notification',
    });
    expect(answer).toEqual([status, expect.stringContaining('too many members')]);
  });

  test.each([
    ['fields', FORM_TYPE, 'a&'.repeat(1_500)],
    [
      'unnamed parts',
      { 'Content-Type': 'multipart/form-data; boundary=b' },
      `${'--b\r\n\r\n\r\n\r\n'.repeat(1_500)}--b--`,
    ],
  ])('mailgun and mandrill: refuse too many %s', async (_what, type, body) => {
    const headers = { ...type, 'X-Mandrill-Signature': 'x' };
    const refusal = expect.stringContaining('1000 fields') as string;
    expect(await post('mandrill', body, headers)).toEqual([400, refusal]);
    expect(await post('mailgun', body, headers)).toEqual([406, refusal]);
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

test('a form is read as URLSearchParams reads it, also where its escapes are broken', () => {
  for (const text of ['a=1&&b', '=x', 'a=%zz+%41&a=%e2%82', '+a+=+b', 'a==b']) {
    const expected = [...new URLSearchParams(text)];
    const form = readForm(Buffer.from(text), '');
    expect([...form].flatMap(([name, values]) => values.map((value) => [name, value]))).toEqual(
      expected,
    );
  }
});
