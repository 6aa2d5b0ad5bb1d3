import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import {
  type MailSuppression,
  tracked,
  type TrackingOutcome,
  trackingPlugin,
  type TrackingPluginDefaults,
} from 'nestjs-email-tracking/nodemailer';
import { serviceFor } from '../support/service.js';
import { linksIn, MailServer } from './mail-server.js';
import { NODEMAILERS } from './nodemailers.js';

const HTML = '<p><a href="https://www.example.com/sale">Sale</a></p>';
const MAIL = { from: 'shop@example.com', to: 'ann@example.com', subject: 'Hi', html: HTML };
const NEWS = { unsubscribe: { list: 'news' } };

/** A transport that only composes: the server waits a moment before it greets. */
const COMPOSED = { streamTransport: true, buffer: true };

/** Suppresses some addresses, and remembers what it was asked. */
class Suppressed implements MailSuppression {
  readonly asked: { addresses: string[]; list: string | undefined }[] = [];
  private readonly addresses: string[];

  constructor(...addresses: string[]) {
    this.addresses = addresses;
  }

  filter<T>(items: readonly T[], addressOf: (item: T) => string, options: { list?: string } = {}) {
    this.asked.push({ addresses: items.map(addressOf), list: options.list });
    return Promise.resolve(items.filter((item) => !this.addresses.includes(addressOf(item))));
  }
}

describe.each(NODEMAILERS)('suppressed recipients, Nodemailer %s', (_version, createTransport) => {
  const tracking = serviceFor({ baseUnsubscribeUrl: 'https://t.example.com/leave/' });
  const outcomes: TrackingOutcome[] = [];
  const logged: string[] = [];
  let server: MailServer;
  beforeAll(async () => {
    server = await MailServer.start();
  });
  beforeEach(() => {
    outcomes.length = 0;
    logged.length = 0;
    jest.spyOn(Logger.prototype, 'error').mockImplementation((line) => void logged.push(`${line}`));
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => server.close());

  function transporterFor(
    service: MailSuppression,
    onSuppressed?: 'skip' | 'throw',
    options: object = server.transport,
  ) {
    const transporter = createTransport(options);
    const defaults: TrackingPluginDefaults = {
      suppression: { service, ...(onSuppressed && { onSuppressed }) },
      onOutcome: (outcome) => void outcomes.push(outcome),
    };
    transporter.use('compile', trackingPlugin(tracking, defaults));
    return transporter;
  }

  test('are neither in the envelope nor in the header; whoever is left is the recipient', async () => {
    const service = new Suppressed('bob@example.com', 'cid@example.com', 'dan@example.com');
    const mail = {
      ...MAIL,
      to: 'Bob <bob@example.com>, "Ann, the boss" <ann@example.com>',
      cc: [{ name: 'Cid', address: 'cid@example.com' }],
      bcc: ['dan@example.com'],
    };
    const before = structuredClone(mail);
    await transporterFor(service).sendMail(tracked(mail, NEWS));
    const { to, raw, parsed } = server.take();
    expect(to).toEqual(['ann@example.com']);
    expect(parsed.to).toMatchObject({ text: '"Ann, the boss" <ann@example.com>' });
    expect(raw.toString()).not.toMatch(/(?:bob|cid|dan)@/i);
    const [url] = linksIn(parsed.html).clicks;
    expect(tracking.getClickTrackingResult(url!).recipient).toBe('ann@example.com');
    expect(outcomes).toMatchObject([{ tracked: true, suppressed: 3 }]);
    const addresses = ['bob', 'ann', 'cid', 'dan'].map((name) => `${name}@example.com`);
    expect(service.asked).toEqual([{ addresses, list: 'news' }]);
    expect(mail).toEqual(before);
  });

  test('are taken off an envelope; a field that names somebody else stays', async () => {
    const service = new Suppressed('bob@example.com');
    const envelope = { from: 'b@example.com', to: ['bob@example.com', 'ann@example.com'] };
    const mail = { ...MAIL, envelope, to: 'List <list@example.com>', cc: 'Bob <bob@example.com>' };
    const before = structuredClone(mail);
    await transporterFor(service).sendMail(mail);
    const { to, from, parsed } = server.take();
    expect([from, to]).toEqual(['b@example.com', ['ann@example.com']]);
    expect([parsed.to, parsed.cc]).toMatchObject([
      { text: '"List" <list@example.com>' },
      undefined,
    ]);
    expect(service.asked).toEqual([{ addresses: envelope.to, list: undefined }]);
    expect(mail).toEqual(before);
  });

  test.each<[string, object, string[]]>([
    ['a group', { to: 'Team: bob@example.com, ann@example.com;' }, ['ann@example.com']],
    [
      'a field among the headers',
      { to: undefined, headers: { To: ['bob@example.com', 'ann@example.com'] } },
      ['ann@example.com'],
    ],
    [
      'an object among the headers',
      {
        to: undefined,
        headers: [{ key: 'TO', value: { name: 'Bob', address: 'bob@example.com' } }],
        bcc: 'ann@example.com',
      },
      ['ann@example.com'],
    ],
    ['the same twice', { to: 'bob@example.com', cc: 'bob@example.com, a@b.com' }, ['a@b.com']],
    ['a raw mail', { raw: 'To: x@y.com\r\n\r\nHi', to: 'bob@example.com, a@b.com' }, ['a@b.com']],
    [
      'a mail that is not tracked',
      { headers: { 'X-Track': 'none' }, cc: 'bob@example.com' },
      [MAIL.to],
    ],
  ])('are found in %s', async (_, fields, left) => {
    const transporter = transporterFor(new Suppressed('bob@example.com'), 'skip', COMPOSED);
    const { envelope, message } = await transporter.sendMail({ ...MAIL, ...fields });
    expect(envelope.to).toEqual(left);
    expect(String(message)).not.toContain('bob@example.com');
  });

  test.each([
    'Ann+News@EXAMPLE.com',
    'ann@müller.example',
    "o'brien@example.com",
    '"ann boss"@example.com',
    '<"a,b"@example.com>',
    'Ann <"a\\"b"@example.com>',
    'ann@example.com (bob@example.com)',
    '"bob@evil.example"@example.com',
    `${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`,
  ])('are asked for as the server is: %s', async (to) => {
    const service = new Suppressed();
    await transporterFor(service, 'skip', { jsonTransport: true }).sendMail({ ...MAIL, to });
    const bare = createTransport({ jsonTransport: true });
    const { envelope } = await bare.sendMail({ ...MAIL, to });
    expect(service.asked[0]!.addresses).toEqual(envelope.to);
    expect(envelope.to).toHaveLength(1);
  });

  test.each([
    ['Bob@example.com', 'bob@example.com'],
    ['bob@xn--mller-kva.example', 'bob@müller.example'],
    ['bob@example.com', 'customer 7'],
  ])('%s, named for the links as %s, is not in them if taken off', async (bob, recipient) => {
    const mail = { ...MAIL, to: [bob, 'ann@example.com'] };
    const service = new Suppressed(bob, 'bob@müller.example');
    await transporterFor(service).sendMail(tracked(mail, { ...NEWS, recipient }));
    const { raw, parsed } = server.take();
    const [url] = linksIn(parsed.html).clicks;
    expect(tracking.getClickTrackingResult(url!).recipient).toBe('ann@example.com');
    const [, leave] = /^List-Unsubscribe:\s+<(\S+)>/m.exec(raw.toString())!;
    expect(tracking.getUnsubscribeResult(leave!).recipient).toBe('ann@example.com');
  });

  test('a recipient that was named for the links stays in them if not taken off', async () => {
    const mail = { ...MAIL, to: 'Bob@example.com, Ann@example.com' };
    const options = { recipient: 'ann@example.com' };
    await transporterFor(new Suppressed('Bob@example.com')).sendMail(tracked(mail, options));
    const [url] = linksIn(server.take().parsed.html).clicks;
    expect(tracking.getClickTrackingResult(url!).recipient).toBe('ann@example.com');
  });

  test('a mail is refused when nobody is left, or when one must not be skipped', async () => {
    const service = new Suppressed('ann@example.com');
    const refused = { name: 'TrackingError', code: 'ALL_SUPPRESSED' };
    const raw = { ...MAIL, raw: 'Hi' };
    for (const mail of [tracked(MAIL, NEWS), MAIL, raw]) {
      await expect(transporterFor(service).sendMail(mail)).rejects.toMatchObject(refused);
    }
    const two = { ...MAIL, cc: 'bob@example.com' };
    const strict = transporterFor(service, 'throw');
    await expect(strict.sendMail(two)).rejects.toMatchObject(refused);
    await expect(strict.sendMail(two)).rejects.not.toThrow(/@/);
    await strict.sendMail({ ...MAIL, to: 'bob@example.com' });
    expect(server.take().to).toEqual(['bob@example.com']);
    expect(outcomes).toMatchObject([{ suppressed: 0 }]);
  });

  describe('a store that is down', () => {
    const failing: [string, MailSuppression['filter']][] = [
      ['rejects', () => Promise.reject(new Error('no route to ann@example.com'))],
      [
        'throws',
        () => {
          throw new TypeError('ann@example.com');
        },
      ],
      ['answers nonsense', () => Promise.resolve({} as never)],
    ];

    test.each(failing)('%s: a mail of a list is refused, others go out', async (_, filter) => {
      const transporter = transporterFor({ filter });
      const refusal = transporter.sendMail(tracked(MAIL, NEWS));
      await expect(refusal).rejects.toMatchObject({ code: 'SUPPRESSION_UNKNOWN' });
      await expect(refusal).rejects.not.toThrow(/@/);
      expect(logged).toEqual([]);

      await transporter.sendMail(MAIL);
      expect(server.take().to).toEqual(['ann@example.com']);
      expect(logged).toEqual([
        expect.stringMatching(
          /^\[SUPPRESSION_NOT_CHECKED\] A mail that names no list is sent: who/,
        ),
      ]);
      expect(logged.join()).not.toContain('@');
    });

    test('does not answer: the mail waits for 5 seconds', async () => {
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
      try {
        let hang: () => Promise<never>;
        const isAsked = new Promise<void>((asked) => {
          hang = () => {
            asked();
            return new Promise(() => undefined);
          };
        });
        const hanging = { filter: () => hang() };
        const transporter = transporterFor(hanging, 'skip', COMPOSED);
        const refusals: unknown[] = [];
        void transporter
          .sendMail(tracked(MAIL, NEWS))
          .catch((error: unknown) => void refusals.push(error));
        await isAsked;
        await jest.advanceTimersByTimeAsync(4_999);
        expect(refusals).toEqual([]);
        await jest.advanceTimersByTimeAsync(1);
        expect(refusals).toMatchObject([{ code: 'SUPPRESSION_UNKNOWN' }]);
      } finally {
        jest.useRealTimers();
      }
    });

    test('is not asked for recipients that cannot be read, and the remedy says so', async () => {
      const service = new Suppressed();
      const plugin = trackingPlugin(tracking, { suppression: { service } });
      const submit = (mail: object) =>
        new Promise((resolve) => plugin({ data: { ...mail } }, (error) => resolve(error ?? null)));
      // Only Nodemailer itself reads groups.
      const mail = { ...MAIL, to: 'Team: ann@example.com;' };
      const message = expect.stringMatching(/recipients cannot be read\. Write plain addresses\.$/);
      expect(await submit(tracked(mail, NEWS))).toMatchObject({
        code: 'SUPPRESSION_UNKNOWN',
        message,
      });
      expect(await submit(mail)).toBeNull();
      expect(logged).toEqual([expect.stringMatching(/is sent: .* recipients cannot be read\.$/)]);
      expect(service.asked).toEqual([]);
    });

    test('writes at most 10 lines a minute', async () => {
      const filter = failing[0]![1];
      const transporter = transporterFor({ filter }, 'skip', COMPOSED);
      for (let count = 0; count < 12; count++) await transporter.sendMail(MAIL);
      expect(logged).toHaveLength(10);
    });
  });
});
