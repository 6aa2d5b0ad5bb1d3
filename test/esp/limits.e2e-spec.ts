import { gzipSync } from 'node:zlib';
import { PLATFORMS, type TestApp } from '../support/app.js';
import { FORM_TYPE, JSON_TYPE, startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:ses-events';
const KB = 1024;
/** The providers whose proof is inside the body, with their limits as the guide has them. */
const INSIDE = {
  amazonSes: { path: 'amazon_ses', options: { topicArns: [TOPIC] }, bytes: 256 * KB, large: 413 },
  mailgun: { path: 'mailgun', options: { signingKey: 'key' }, bytes: 256 * KB, large: 406 },
  mandrill: { path: 'mandrill', options: { webhookKey: 'key' }, bytes: 4096 * KB, large: 413 },
  unisenderGo: { path: 'unisender_go', options: { apiKey: 'key' }, bytes: 1024 * KB, large: 413 },
} as const;

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
    async (_key, { path, bytes, large }) => {
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
