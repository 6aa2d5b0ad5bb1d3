import { Logger } from '@nestjs/common';
import {
  TrackingError,
  type TrackingOptions,
  WebhookQueue,
  type TrackingEvent,
  type WebhookFailedEvent,
  type WebhookOptions,
} from 'nestjs-email-tracking';
import { Webhook } from 'standardwebhooks';
import { validateOptions } from '../../lib/options/validate.js';
import type { ResolveAll } from '../../lib/util/resolve-all.js';
import { SYSTEM_CLOCK, type Clock } from '../../lib/util/clock.js';
import { ConfiguredTargets } from '../../lib/webhook/configured-targets.js';
import { OutgoingEvent } from '../../lib/webhook/webhook-request.js';
import { OptionalAxios, type Axios } from '../../lib/webhook/optional-axios.js';
import { WebhookSender } from '../../lib/webhook/webhook-sender.js';
import { eventWith } from '../support/event.js';
import { Receiver } from './receiver.js';
import { resultWith } from './result.js';
import { until } from '../support/until.js';

const SECRETS = [1, 2, 3].map((byte) => Buffer.alloc(32, byte).toString('base64'));

/** Waits a hundredth of the time. */
const HURRIED: Clock = {
  ...SYSTEM_CLOCK,
  after: (milliseconds, task) => SYSTEM_CLOCK.after(milliseconds / 100, task),
};

let receiver: Receiver;
const queues: { queue: WebhookQueue; sender: WebhookSender }[] = [];
beforeEach(async () => {
  receiver = await Receiver.start();
  Logger.overrideLogger(false);
});
afterEach(async () => {
  for (const { queue, sender } of queues.splice(0)) {
    await queue.onApplicationShutdown();
    sender.abort();
  }
  await receiver.close();
  Logger.overrideLogger(true);
});

const target = (more: Partial<WebhookOptions> = {}): WebhookOptions => ({
  url: receiver.url(),
  allowPrivate: true,
  format: 'event',
  ...more,
});

function start(
  given: TrackingOptions,
  {
    clock = HURRIED,
    resolve,
    axios = new OptionalAxios(),
  }: { clock?: Clock; resolve?: ResolveAll; axios?: Axios } = {},
) {
  const options = validateOptions({ format: 'plain', ...given });
  const sender = new WebhookSender(axios, resolve);
  const targets = new ConfiguredTargets(options, sender);
  const queue = new WebhookQueue(targets, {
    clock,
    shutdownMs: 0,
    abort: () => sender.abort(),
  });
  const failures: WebhookFailedEvent[] = [];
  queue.connect((failure) => failures.push(failure));
  queues.push({ queue, sender });
  const accept = (...ids: string[]) =>
    ids.forEach((eventId) => queue.accept(eventWith({ eventId })));
  return { queue, targets, failures, accept };
}

describe('what an answer means', () => {
  test.each([200, 201, 204, 299])('%i is success', async (status) => {
    receiver.reset((_, response) => response.writeHead(status).end());
    const { queue, accept } = start({ webhooks: [target()] });
    accept('e');
    await until(() => queue.counts.delivered === 1);
  });

  test.each([408, 425, 429, 500, 502, 503, 599])(
    '%i is tried again, with the same id',
    async (status) => {
      let first = true;
      receiver.reset((_, response) => {
        response.writeHead(first ? status : 200).end();
        first = false;
      });
      const { queue, accept } = start({ webhooks: [target()], webhookSecret: SECRETS[0] });
      accept('e');
      await until(() => queue.counts.delivered === 1);
      expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(['e', 'e']);
      expect(receiver.received[0]!.body).toBe(receiver.received[1]!.body);
    },
  );

  test.each([301, 308, 304, 400, 401, 404, 410, 413, 422])('%i is final', async (status) => {
    receiver.reset((_, response) => response.writeHead(status, { location: '/b' }).end());
    const { failures, accept } = start({ webhooks: [target()] });
    accept('e');
    await until(() => failures.length === 1);
    expect(receiver.received).toHaveLength(1);
    expect(failures).toMatchObject([
      { attempts: 1, error: { message: expect.stringContaining(`answered ${status}`) } },
    ]);
  });

  test('Retry-After of 429 and 503, in seconds and as a date', async () => {
    const answers: [number, string][] = [
      [429, '2'],
      [503, new Date(Date.now() + 30_000).toUTCString()],
    ];
    receiver.reset((_, response) =>
      response.writeHead(answers[0]![0], { 'retry-after': answers.shift()![1] }).end(),
    );
    const { targets } = start({ webhooks: [target()] });
    const event = eventWith();
    const outgoing = new OutgoingEvent(event);
    const [hook] = targets.for(event);
    expect(await hook!.attempt([outgoing])).toMatchObject({
      kind: 'retry',
      afterMs: 2000,
    });
    const outcome = await hook!.attempt([outgoing]);
    expect(outcome).toMatchObject({ kind: 'retry', error: { code: 'WEBHOOK_FAILED' } });
    const { afterMs } = outcome as { afterMs: number };
    expect(afterMs).toBeGreaterThan(25_000);
    expect(afterMs).toBeLessThanOrEqual(30_000);
  });

  test('a reset and a hang are tried again', async () => {
    const answers = [
      (socket: { resetAndDestroy(): unknown }) => socket.resetAndDestroy(),
      () => undefined,
    ];
    receiver.reset((request, response) => {
      const answer = answers.shift();
      if (answer) answer(request.socket);
      else response.end();
    });
    const { queue, accept } = start({ webhooks: [target({ timeoutSeconds: 0.1 })] });
    accept('e');
    await until(() => queue.counts.delivered === 1);
    expect(receiver.received).toHaveLength(3);
  });

  test('a status arrives although its body is endless, broken or slow', async () => {
    const answers = [
      () => undefined,
      (response: { write(text: string): unknown }) => response.write('half'),
      (response: { write(text: Buffer): unknown }) => response.write(Buffer.alloc(200_000, 'x')),
    ];
    receiver.reset((_, response) => {
      response.writeHead(200, { 'content-length': 1_000_000 });
      response.flushHeaders();
      answers.shift()!(response);
    });
    const { queue, accept } = start({ webhooks: [target({ timeoutSeconds: 1 })] });
    accept('a', 'b', 'c');
    await until(() => queue.counts.delivered === 3);
  });
});

test('connections are kept', async () => {
  const { queue, accept } = start({ webhooks: [target()] });
  for (let i = 0; i < 20; i++) {
    accept(`${i}`);
    await until(() => queue.counts.delivered === i + 1);
  }
  expect(receiver.connections).toBe(1);
});

test('one dead target does not starve another', async () => {
  const nobody = await Receiver.start();
  const dead = nobody.url();
  await nobody.close();
  receiver.reset((request, response) => {
    if (request.url === '/good') response.end();
  });
  const { queue, failures, accept } = start(
    {
      webhooks: [
        target({ url: dead }),
        target({ url: receiver.url('/hangs'), timeoutSeconds: 60 }),
        target({ url: receiver.url('/good') }),
      ],
    },
    { clock: SYSTEM_CLOCK },
  );
  accept(...Array.from({ length: 500 }, (_, i) => `${i}`));
  // Long before the target that hangs has used up its time once.
  await until(() => queue.counts.delivered === 500, 'all delivered', 30_000);
  expect(receiver.received.filter(({ path }) => path === '/hangs')).toHaveLength(16);
  expect(failures).toEqual([]);
  expect(queue.counts).toMatchObject({ waiting: 1000, delivered: 500 });
});

test('names are checked by every address, when a connection is made', async () => {
  const asked: string[] = [];
  const resolve: ResolveAll = (host, _, callback) => {
    asked.push(host);
    callback(null, [
      { address: '93.184.216.34', family: 4 },
      {
        address: host.startsWith('six') ? '::ffff:127.0.0.1' : '127.0.0.1',
        family: host.startsWith('six') ? 6 : 4,
      },
    ]);
  };
  const url = (host: string) => receiver.url('/hook', host);
  const { failures, accept } = start(
    {
      webhooks: [
        target({ url: url('hooks.example.com'), allowPrivate: false }),
        target({ url: url('six.example.com'), allowPrivate: undefined }),
        target({ url: url('[::ffff:127.0.0.1]'), allowPrivate: false }),
        target({ url: url('[64:ff9b::7f00:1]'), allowPrivate: false }),
        target({ url: url('[2002:7f00:1::]'), allowPrivate: false }),
        target({ url: url('169.254.169.254'), allowPrivate: false }),
      ],
    },
    { resolve },
  );
  accept('e');
  await until(() => failures.length === 6);
  expect(failures.map(({ error }) => error.code)).toEqual(Array(6).fill('WEBHOOK_REFUSED'));
  expect(asked.sort()).toEqual(['hooks.example.com', 'six.example.com']);
  expect(receiver.received).toEqual([]);
});

test('a secret is rotated under load, without one failed verification', async () => {
  const [first, second, third] = SECRETS as [string, string, string];
  // What senders sign with, deploy by deploy, and what the receiver knows at that time.
  const deploys: [string | string[], string][] = [
    [first, first],
    [[first, second], first],
    [[first, second], second],
    [second, second],
    [[second, third], second],
    [[third, second], third],
    [third, third],
  ];
  let known: string[] = [];
  let verified = 0;
  const rejected: unknown[] = [];
  receiver.reset((_, response) => {
    const { body, headers } = receiver.received.at(-1)!;
    for (const secret of known) {
      try {
        new Webhook(secret).verify(body, headers as Record<string, string>);
        verified++;
      } catch (error) {
        rejected.push(error);
      }
    }
    response.writeHead(Math.random() < 0.1 ? 500 : 200).end();
  });
  let events = 0;
  for (const [webhookSecret, receivers] of deploys) {
    known = [receivers];
    // Two processes at a time, one of which batches.
    const single = start({ webhooks: [target()], webhookSecret });
    const batching = start({
      webhooks: [target({ batch: { size: 10, waitMs: 100 } })],
      webhookSecret,
    });
    const ids = Array.from({ length: 60 }, () => `e${events++}`);
    single.accept(...ids);
    batching.accept(...ids);
    const waiting = () => single.queue.counts.waiting + batching.queue.counts.waiting;
    await until(() => waiting() === 0, 'nothing waits', 20_000);
  }
  expect(rejected).toEqual([]);
  expect(verified).toBe(receiver.received.length);
  expect(verified).toBeGreaterThan(7 * 60);
});

test('a batch keeps its id when it is tried again, and another has another', async () => {
  let fails = 2;
  receiver.reset((_, response) => response.writeHead(fails-- > 0 ? 500 : 200).end());
  const { queue, accept } = start({
    webhooks: [target({ batch: { size: 2, waitMs: 0 } })],
    webhookSecret: SECRETS,
  });
  accept('a', 'b', 'c', 'd');
  await until(() => queue.counts.delivered === 4);
  const idsByBody = new Map<string, Set<unknown>>();
  for (const { body, headers } of receiver.received) {
    const ids = idsByBody.get(body) ?? new Set();
    idsByBody.set(body, ids.add(headers['webhook-id']));
  }
  expect(idsByBody.size).toBe(2);
  expect([...idsByBody.values()].map((ids) => ids.size)).toEqual([1, 1]);
  expect(new Set([...idsByBody.values()].flatMap((ids) => [...ids])).size).toBe(2);
});

test('an event is made into JSON once per format, for all targets and attempts', async () => {
  let made = 0;
  const event: TrackingEvent = eventWith();
  Object.defineProperty(event, 'metadata', { get: () => (made++, {}), enumerable: true });
  receiver.reset((_, response) =>
    response.writeHead(receiver.received.length < 6 ? 500 : 200).end(),
  );
  const { queue } = start({
    webhooks: [
      target(),
      target(),
      target({ format: 'pytracking' }),
      target({ format: 'pytracking' }),
    ],
  });
  queue.accept(event);
  await until(() => queue.counts.delivered === 4);
  expect(receiver.received.length).toBeGreaterThan(6);
  expect(made).toBe(2);
});

test('an event that is not JSON is given up without a request', async () => {
  const { queue, failures } = start({ webhooks: [target(), target({ format: 'pytracking' })] });
  queue.accept(eventWith({ metadata: { a: 1n } as never }));
  await until(() => failures.length === 2);
  expect(failures.map(({ error }) => error.message)).toEqual(
    Array(2).fill(expect.stringContaining('JSON')),
  );
  expect(receiver.received).toEqual([]);
});

test('an event is given up at once when axios cannot be loaded', async () => {
  const missing = new TrackingError('INVALID_OPTIONS', 'not installed');
  const axios = { request: () => Promise.reject(missing) };
  const { queue, failures } = start({ webhooks: [target()] }, { axios });
  queue.accept(eventWith());
  await until(() => failures.length === 1);
  expect(failures).toMatchObject([{ attempts: 1, error: missing }]);
});

test('the webhook of a link may hold no user name or password, a configured one may', async () => {
  const webhookUrl = receiver.url().replace('//', '//ann:s3cret@');
  const event = eventWith({ result: resultWith({ webhookUrl }) });
  const links = { webhookAllowHosts: ['127.0.0.1'], webhookAllowPrivateHosts: true };
  const { queue, failures } = start({ includeWebhookUrl: true, ...links });
  queue.accept(event);
  await until(() => failures.length === 1);
  expect(failures).toMatchObject([{ target: receiver.url(), error: { code: 'WEBHOOK_REFUSED' } }]);
  expect(receiver.received).toEqual([]);
  const configured = start({ webhookUrl });
  configured.queue.accept(event);
  await until(() => configured.queue.counts.delivered === 1);
});

test('the webhook of a link has the time that the link asks for, and is gone by itself', async () => {
  const webhookUrl = receiver.url('/gone?k=1');
  receiver.reset((_, response) => response.writeHead(410).end());
  const { queue, targets, failures } = start({ webhookUrl, webhooks: [target()] });
  const event = eventWith({ result: resultWith({ webhookUrl, webhookTimeoutSeconds: 1 }) });
  expect(targets.for(event).map(({ name }) => name)).toEqual([
    `webhookUrl 127.0.0.1:${receiver.port}`,
    `webhooks.0 127.0.0.1:${receiver.port}`,
  ]);
  queue.accept(event);
  await until(() => failures.length === 2);
  expect(targets.for(event).map(({ isSwitchedOff }) => isSwitchedOff)).toEqual([true, true]);
  queue.accept(event);
  expect(queue.counts).toMatchObject({ accepted: 4, givenUp: 2, switchedOff: 2 });
  expect(receiver.received).toHaveLength(2);
  const other = eventWith({ result: resultWith({ webhookUrl: 'https://hooks.example.com/?k=2' }) });
  expect(targets.for(other)[0]).toMatchObject({
    url: 'https://hooks.example.com/',
    isSwitchedOff: false,
  });
});
