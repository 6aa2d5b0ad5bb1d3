// One way to post events: `ours` and `batches` by the queue of the package, `axios` by hand.

import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import axios from 'axios';
import { validateOptions } from '../../dist/options/validate.js';
import { ConfiguredTargets } from '../../dist/webhook/configured-targets.js';
import { CONCURRENCY } from '../../dist/webhook/target-queue.js';
import { eventBody } from '../../dist/webhook/webhook-request.js';
import { WebhookQueue } from '../../dist/webhook/webhook-queue.js';
import { OptionalAxios } from '../../dist/webhook/optional-axios.js';
import { WebhookSender } from '../../dist/webhook/webhook-sender.js';
import { answerMessages } from '../harness.mjs';
import { PAYLOADS } from '../reference.mjs';

const kinds = {
  ours: () => queued(),
  batches: () => queued({ size: 100, waitMs: 1000 }),
  axios: byHand,
};

/** An event of a click as the routes make it, with an id of its own. */
function eventOf(i) {
  const { url, metadata } = PAYLOADS[i % PAYLOADS.length];
  const userAgent =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36';
  const timestamp = new Date();
  return {
    eventType: 'clicked',
    source: 'link',
    eventId: randomUUID(),
    timestamp,
    messageId: metadata.message_id,
    recipient: 'ann@example.com',
    recipientCertain: true,
    metadata,
    tags: ['newsletter'],
    rejectReason: null,
    permanent: null,
    description: null,
    mtaResponse: null,
    userAgent,
    userIp: '192.0.2.7',
    clickUrl: url,
    espName: null,
    espEvent: null,
    verdict: null,
    sentAt: timestamp,
    linkIndex: 3,
    linkCount: 12,
    linkLabel: null,
    part: 'html',
    result: {
      webhookUrl: null,
      format: 'packed',
      keyId: '07',
      requestData: { userAgent, userIp: '192.0.2.7', method: 'GET', headers: { accept: '*/*' } },
    },
  };
}

/** From `accept` on: each event is made into JSON, queued, and posted with what the queue costs. */
function queued(batch) {
  const sender = new WebhookSender(new OptionalAxios());
  return (port) => {
    const webhook = {
      url: `http://127.0.0.1:${port}/`,
      format: 'event',
      allowPrivate: true,
      batch,
    };
    const targets = new ConfiguredTargets(
      validateOptions({ format: 'plain', webhooks: [webhook] }),
      sender,
    );
    const queue = new WebhookQueue(targets, { size: 1_000_000, shutdownMs: 0 });
    return (count) => {
      // What the route has made before anything is delivered.
      const events = Array.from({ length: count }, (_, i) => eventOf(i));
      return async () => {
        for (const event of events) queue.accept(event);
        while (queue.counts.waiting > 0) await setTimeout(2);
        if (queue.counts.givenUp > 0) throw new Error(`${queue.counts.givenUp} were given up`);
      };
    };
  };
}

/** The least that anyone does who posts with axios: a text that is ready, and connections kept. */
function byHand() {
  const options = {
    httpAgent: new Agent({ keepAlive: true }),
    headers: { 'Content-Type': 'application/json' },
    proxy: false,
    maxRedirects: 0,
  };
  const body = eventBody(eventOf(0));
  return (port) => (events) => async () => {
    let posted = 0;
    const post = async () => {
      while (posted < events) {
        posted++;
        await axios.post(`http://127.0.0.1:${port}/`, body, options);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, post));
  };
}

const connect = kinds[process.argv[2]]();
let send;

answerMessages(async ({ port, events }) => {
  send ??= connect(port);
  const run = send(events);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run();
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: (events / (performance.now() - start)) * 1000,
    micros: (user + system) / events,
  };
});
