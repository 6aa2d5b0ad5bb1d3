import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { EspRoutes } from '../../lib/esp/esp-routes.js';
import { toEspSettings } from '../../lib/esp/esp-settings.js';
import { readForm } from '../../lib/esp/form.js';
import { jsonField } from '../../lib/esp/parse-json.js';
import { takeMessageIdTag } from '../../lib/esp/esp-event.js';
import { fromLegacyForm } from '../../lib/esp/providers/mailgun-legacy.js';

describe('a message id among the tags', () => {
  test('is found at any position, and the other tags stay', () => {
    const tag = fc.string().filter((text) => !text.startsWith('message_id:'));
    const id = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(fc.array(tag), fc.array(tag), id, (before, behind, messageId) => {
        const tags = [...before, `message_id:${messageId}`, ...behind];
        expect(takeMessageIdTag(tags, 'theirs')).toEqual({
          messageId,
          tags: [...before, ...behind],
        });
      }),
    );
  });

  test('is theirs where none is ours, whatever the tags are', () => {
    fc.assert(
      fc.property(fc.anything(), (tags) => {
        expect(takeMessageIdTag(tags, 'theirs').messageId).toBe('theirs');
      }),
    );
    expect(takeMessageIdTag(['message_id:'], 'theirs').messageId).toBe('theirs');
    expect(takeMessageIdTag('message_id:ours', 'theirs')).toEqual({ messageId: 'ours', tags: [] });
  });
});

describe('JSON in a field', () => {
  test('is read back', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/\d{16}/.test(text));
        expect(jsonField(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('keeps the digits of long ids', () => {
    expect(jsonField('{"id":12345678901234567890}')).toEqual({ id: '12345678901234567890' });
  });

  test('is nothing if there is none', () => {
    for (const value of [undefined, null, 7, {}, '', '{', 'plain', `${'['.repeat(100)}`]) {
      expect(jsonField(value)).toBeUndefined();
    }
    fc.assert(fc.property(fc.anything(), (value) => void jsonField(value)));
  });
});

test('the old form of Mailgun keeps the digits of long ids in its headers', () => {
  const variables = ['X-Mailgun-Variables', '{"id":12345678901234567890}'];
  const form = new URLSearchParams({
    event: 'delivered',
    'message-headers': JSON.stringify([variables]),
  });
  const { metadata } = fromLegacyForm(readForm(Buffer.from(form.toString()), ''), {});
  expect(metadata).toEqual({ id: '12345678901234567890' });
});

/** What takes the square of these lengths ends by the time limit of its test. */
describe('what strangers make long', () => {
  const LONG = 100_000;
  const TIME_LIMIT_MS = 5_000;

  test(
    'may be the slashes of a path',
    async () => {
      const routes = new EspRoutes(
        toEspSettings({ providers: { postmark: { basicAuth: 'a:b' } } }),
      );
      const slashes = '/'.repeat(LONG);
      expect(routes.find(`/anymail${slashes}x`)).toBeUndefined();
      const found = routes.find(`${slashes}Anymail/postmark/tracking${slashes}`);
      expect(found?.provider.key).toBe('postmark');
      await sleep(1);
    },
    TIME_LIMIT_MS,
  );

  test(
    'may be the space in an SMTP code',
    async () => {
      const read = (code: string) =>
        fromLegacyForm(readForm(Buffer.from(`event=bounced&code=${code}`), ''), {}).permanent;
      expect(['%20550%20', ' 5.1.1 x\n', '4.2.2', '605', '5.1 \nx', '250'].map(read)).toEqual([
        ...[true, true, false, true, null, null],
      ]);
      expect(read(`5.1${'+'.repeat(LONG)}%0Ax`)).toBeNull();
      await sleep(1);
    },
    TIME_LIMIT_MS,
  );
});
