import { type DynamicModule, Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { type TrackingEvent } from 'nestjs-email-tracking';
import { TrackingQueueService } from 'nestjs-email-tracking/bullmq';
import { TrackingOtelModule } from 'nestjs-email-tracking/otel';
import { PrivacyService, TrackingPrivacyModule } from 'nestjs-email-tracking/privacy';
import { emptied, freshForEach, startQueueApp } from '../bullmq/queue-app.js';
import { TestApp } from '../support/app.js';
import { describeRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { Receiver } from '../webhook/receiver.js';
import { ChannelMessages } from './channel-messages.js';
import { idOf, linkedTo, Telemetry } from './telemetry.js';

const BROWSER = { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0' } };

@Injectable()
class Handlers {
  left = 0;

  @OnEvent('tracking.click')
  async onClick() {
    await Promise.resolve();
    trace.getTracer('db').startSpan('query').end();
  }

  @OnEvent('tracking.open')
  onOpen({ recipient }: TrackingEvent) {
    if (this.left-- > 0) throw new Error(`failed for ${recipient}`);
  }
}

describeRedis('the queue with OpenTelemetry', () => {
  const fresh = freshForEach();
  let telemetry: Telemetry;
  let receiver: Receiver;
  let app: TestApp;
  beforeEach(async () => {
    telemetry = Telemetry.start();
    receiver = await Receiver.start();
  });
  afterEach(async () => {
    await receiver.close();
    await telemetry.stop();
  });

  const start = async (options: object = {}, modules: DynamicModule[] = []) => {
    app = await startQueueApp(
      'fastify',
      { connection: { url: fresh.redis.url }, ...options },
      {
        tracking: { webhooks: [{ url: receiver.url(), allowPrivate: true }] },
        metadata: { imports: [TrackingOtelModule.forRoot(), ...modules], providers: [Handlers] },
        before: (nest) => telemetry.instrument(nest),
      },
    );
    fresh.open.push(app);
    return app.app.get(TrackingQueueService);
  };
  const to = { recipient: 'ann@example.com' };
  const click = (privacy = {}) =>
    app.tracking.with({ privacy }).getClickTrackingUrl('https://shop.example.com/', {}, to);

  test('handlers and webhooks of a worker are linked to the hit, and database calls nest in handlers', async () => {
    const queue = await start();
    await app.get(click(), BROWSER);
    await emptied(queue);
    const [server] = await telemetry.named('server');
    const [webhook] = await telemetry.named('email_tracking.webhook');
    const handlers = await telemetry.named('email_tracking.handler', 2);
    const [query] = await telemetry.named('query');
    const handler = handlers.find(
      ({ attributes }) => attributes['email_tracking.handler'] === 'Handlers.onClick',
    )!;
    expect(handler.kind).toBe(SpanKind.CONSUMER);
    expect(handler.parentSpanContext).toBeUndefined();
    expect([handler, webhook!].map(linkedTo)).toEqual([[idOf(server!)], [idOf(server!)]]);
    expect(query!.parentSpanContext!.spanId).toBe(handler.spanContext().spanId);
    expect(handler.status).toEqual({ code: SpanStatusCode.UNSET });
  });

  test('a handler that fails has the status ERROR, and no text', async () => {
    const queue = await start({ attempts: 2 });
    app.app.get(Handlers).left = 2;
    await app.get(app.tracking.getOpenTrackingUrl({}, to), BROWSER);
    await until(async () => (await queue.stats()).parked === 1);
    const handlers = await telemetry.named('email_tracking.handler', 3);
    const failed = handlers.filter(({ status }) => status.code === SpanStatusCode.ERROR);
    expect(failed.map(({ status, events }) => [status, events])).toEqual(
      Array(2).fill([{ code: SpanStatusCode.ERROR }, []]),
    );
    expect(await telemetry.numbers('queue.jobs')).toEqual({
      'queue.jobs{state=waiting}': 0,
      'queue.jobs{state=active}': 0,
      'queue.jobs{state=delayed}': 0,
      'queue.jobs{state=parked}': 1,
      'queue.jobs.processed{outcome=retried}': 1,
      'queue.jobs.processed{outcome=parked}': 1,
    });
  });

  test('a job carries the span of its hit, except where it names nobody', async () => {
    const queue = await start({ role: 'producer' });
    await app.get(click(), BROWSER);
    await app.get(click({ clicks: 'anonymous' }), BROWSER);
    const jobs = await queue.queue.getJobs(['waiting']);
    const [named, anonymous] = ['identified', 'anonymous'].map((mode) =>
      jobs.find(
        ({ data }: { data: { event: TrackingEvent } }) =>
          (data.event.mode ?? 'identified') === mode,
      ),
    );
    const servers = await telemetry.named('server', 2);
    const { traceparent } = named!.data as { traceparent: string };
    expect(servers.map((span) => idOf(span).split(' ').join('-'))).toContain(
      traceparent.slice(3, -3),
    );
    expect(anonymous!.data).not.toHaveProperty('traceparent');
  });

  test('a job whose reader is erased while it waits loses the span of its hit', async () => {
    const queue = await start({ role: 'producer' }, [TrackingPrivacyModule.forRoot()]);
    await app.get(click(), BROWSER);
    const dataOf = async () => JSON.stringify((await queue.queue.getJobs(['waiting']))[0]!.data);
    expect(await dataOf()).toMatch(/"traceparent":"00-/);
    await app.app.get(PrivacyService).erase(to.recipient);
    expect(await dataOf()).not.toMatch(/traceparent|ann@/);
  });

  test('counts what is written, and what waits while Redis is away', async () => {
    const queue = await start();
    const messages = new ChannelMessages();
    await app.get(click(), BROWSER);
    await emptied(queue);
    expect(await telemetry.numbers('queue')).toMatchObject({
      'queue.writes{outcome=written}': 1,
      'queue.write.duration': 1,
      'queue.jobs.processed{outcome=done}': 1,
      'queue.job.duration': 1,
      'queue.jobs{state=parked}': 0,
      'queue.buffered': 0,
      'queue.spool.size': 0,
    });
    await fresh.redis.kill();
    await app.get(click(), BROWSER);
    await until(async () => (await telemetry.numbers('queue'))['queue.buffered'] === 1);
    expect(await telemetry.numbers()).toMatchObject({
      'queue.writes{outcome=buffered}': 1,
      'hit.duration{purpose=click}': 2,
    });
    messages.stop();
    expect(messages.text).not.toMatch(/ann@|http|[\w-]{30}/);
    await fresh.redis.restart();
    await until(async () => (await telemetry.numbers('queue'))['queue.buffered'] === 0);
  });
});
