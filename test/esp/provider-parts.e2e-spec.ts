import fc from 'fast-check';
import type { TrackingEvent } from 'nestjs-email-tracking';
import type { TestApp } from '../support/app.js';
import { FORM_TYPE, JSON_TYPE, startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

let app: TestApp;
beforeAll(async () => {
  const open = { insecure: true };
  app = await startEsp('express', { brevo: open, mailersend: open, mailgun: open, postal: open });
});
afterAll(() => app.close());

/** The one event of a request. */
async function eventOf(
  provider: string,
  body: string,
  headers: Record<string, string>,
): Promise<TrackingEvent> {
  resetEsp(app);
  const path = `/anymail/${provider}/tracking`;
  expect((await app.get(path, { method: 'POST', body, headers })).status).toBe(200);
  expect(app.recorder.events).toHaveLength(1);
  return app.recorder.events[0]!;
}

describe('a message id among the tags', () => {
  const fromMailerSend = (tags: unknown) => {
    const payload = { type: 'activity.sent', data: { id: '1', message_id: 'theirs', tags } };
    return eventOf('mailersend', JSON.stringify(payload), JSON_TYPE);
  };

  test('is found at any position, and the other tags stay', async () => {
    const tag = fc.string({ minLength: 1 }).filter((text) => !text.startsWith('message_id:'));
    const id = fc.string({ minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(tag), fc.array(tag), id, async (before, behind, messageId) => {
        const tags = [...before, `message_id:${messageId}`, ...behind];
        expect(await fromMailerSend(tags)).toMatchObject({
          messageId,
          tags: [...before, ...behind],
        });
      }),
    );
  });

  test("uses the provider's message id when no tag has ours", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (tags) => {
        expect((await fromMailerSend(tags)).messageId).toBe('theirs');
      }),
    );
    expect((await fromMailerSend(['message_id:'])).messageId).toBe('theirs');
  });

  test('is found where there is one tag', async () => {
    const message = { id: 'theirs', tag: 'message_id:ours' };
    const body = JSON.stringify({ event: 'MessageSent', payload: { status: 'Sent', message } });
    expect(await eventOf('postal', body, JSON_TYPE)).toMatchObject({ messageId: 'ours', tags: [] });
  });
});

describe('JSON in a field', () => {
  const metadataOf = async (field: unknown) => {
    const payload = { event: 'delivered', 'X-Mailin-custom': field };
    return (await eventOf('brevo', JSON.stringify(payload), JSON_TYPE)).metadata;
  };

  test('is read back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), async (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/\d{16}/.test(text));
        expect(await metadataOf(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('keeps the digits of long ids', async () => {
    expect(await metadataOf('{"id":12345678901234567890}')).toEqual({ id: '12345678901234567890' });
    const variables = ['X-Mailgun-Variables', '{"id":12345678901234567890}'];
    const form = { event: 'delivered', 'message-headers': JSON.stringify([variables]) };
    const { metadata } = await eventOf('mailgun', new URLSearchParams(form).toString(), FORM_TYPE);
    expect(metadata).toEqual({ id: '12345678901234567890' });
  });

  test('ignores a field without JSON, or keeps its text', async () => {
    for (const field of [undefined, null, 7, [], {}, '']) {
      expect(await metadataOf(field)).toEqual({});
    }
    expect(await metadataOf('['.repeat(100))).toEqual({ 'X-Mailin-custom': '['.repeat(100) });
  });
});

/** Work that is quadratic in these lengths would exceed the time limit of the test. */
describe('long input from strangers', () => {
  const TIME_LIMIT_MS = 5_000;

  test(
    'answers 404 for a path of 15 000 slashes',
    async () => {
      const slashes = '/'.repeat(15_000);
      const { status } = await app.get(`/anymail${slashes}x`, { method: 'POST', body: '{}' });
      expect(status).toBe(404);
    },
    TIME_LIMIT_MS,
  );

  test(
    'reads an SMTP code with 100 000 spaces in it',
    async () => {
      const read = async (code: string) =>
        (await eventOf('mailgun', `event=bounced&code=${code}`, FORM_TYPE)).permanent;
      const codes = ['%20550%20', ' 5.1.1 x\n', '4.2.2', '605', '5.1 \nx', '250'];
      const permanent = [true, true, false, true, null, null];
      for (const [index, code] of codes.entries()) {
        expect([code, await read(code)]).toEqual([code, permanent[index]]);
      }
      expect(await read(`5.1${'+'.repeat(100_000)}%0Ax`)).toBeNull();
    },
    TIME_LIMIT_MS,
  );
});
