// One measurement of the queue in a process of its own: `node measure.mjs <redis url>`.

import 'reflect-metadata';
import { performance } from 'node:perf_hooks';
import { memoryUsage } from 'node:process';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { Queue, Worker } from 'bullmq';
import {
  EventPublisher,
  OnTrackingEvent,
  TrackingModule,
  TrackingService,
} from '../../dist/index.js';
import { TrackingQueueModule, TrackingQueueService } from '../../dist/bullmq/index.js';
import { toQueueSettings } from '../../dist/bullmq/queue-options.js';
import { QueueSink } from '../../dist/bullmq/queue-sink.js';
import { toTrackingEvent } from '../../dist/event/tracking-event.js';
import { answerMessages } from '../harness.mjs';
import { KEY, PAYLOADS } from '../reference.mjs';

const url = process.argv[2];
const TRACKING = {
  baseOpenTrackingUrl: 'https://t.example.com/open/',
  baseClickTrackingUrl: 'https://t.example.com/click/',
  encryptionKey: KEY,
};
const REQUEST = {
  userAgent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  userIp: '203.0.113.7',
  method: 'GET',
  headers: {
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
    'accept-language': 'en-GB,en;q=0.9',
    'sec-fetch-dest': 'document',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-site': 'cross-site',
  },
};
/** Of our side at a time, so that batches fill up; the other side has what the row says. */
const TAKEN_AT_A_TIME = 2000;
const IN_FLIGHT = 100;

let count = 0;
const results = await hits();
let last = 0;
/** The event of one more click: the same reading for both sides, and an id of its own. */
const event = () => toTrackingEvent(results[last++ % results.length]);

const MEASURES = { enqueue, add, work, workOneByOne, bytes, bytesOneByOne, buffer };
const WARM_UP = 5000;
answerMessages(async ({ what, events }) => {
  if (!what) return {};
  // What is compared is a process that has been running for a while.
  if (!what.startsWith('b')) await MEASURES[what](WARM_UP);
  return MEASURES[what](events);
});

async function hits() {
  class Nothing {}
  Module({ imports: [TrackingModule.forRoot({ ...TRACKING, controllers: false })] })(Nothing);
  const context = await NestFactory.createApplicationContext(Nothing, { logger: false });
  const tracking = context.get(TrackingService);
  return PAYLOADS.map(({ url: to, metadata }, i) => {
    const link = tracking.getClickTrackingUrl(to, metadata, {
      messageId: metadata.message_id,
      linkIndex: i % 8,
      linkCount: 8,
      part: 'html',
    });
    return tracking.getClickTrackingResult(link, REQUEST);
  });
}

/** Ours: what the route calls for each hit. @returns events by the second */
async function enqueue(events) {
  const app = await appOf('producer');
  try {
    const publisher = app.get(EventPublisher);
    return await perSecond(events, async () => {
      for (let taken = 0; taken < events; taken += TAKEN_AT_A_TIME) {
        const size = Math.min(TAKEN_AT_A_TIME, events - taken);
        await Promise.all(Array.from({ length: size }, () => publisher.publish(event())));
      }
      const { accepted, lost } = await app.get(TrackingQueueService).stats();
      if (accepted !== events || lost > 0) throw new Error(`${accepted} of ${events} accepted`);
    });
  } finally {
    await app.close();
    await wipe();
  }
}

/** BullMQ's `add`, one event each, 100 of them in flight. */
async function add(events) {
  const queue = new Queue('plain', { connection: { url } });
  try {
    await queue.waitUntilReady();
    return await perSecond(events, () => addAll(queue, events));
  } finally {
    await queue.close();
    await wipe();
  }
}

async function addAll(queue, events) {
  let left = events;
  const lane = async () => {
    while (left-- > 0) await queue.add('event', event());
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

/** Ours: a worker with a handler that counts. */
async function work(events) {
  await fill(events);
  count = 0;
  const app = await appOf('worker');
  try {
    while (count < events) await sleep(2);
    // From the first event on, on both sides: Nest and BullMQ take their time to start.
    return { perSecond: events / ((performance.now() - firstAt) / 1000) };
  } finally {
    await app.close();
    await wipe();
  }
}

/** BullMQ with one job for each event, and as many at a time. */
async function workOneByOne(events) {
  const queue = new Queue('plain', { connection: { url } });
  await queue.waitUntilReady();
  await addAll(queue, events);
  await queue.close();
  count = 0;
  const worker = new Worker('plain', (job) => listen(job.data), {
    connection: { url },
    concurrency: 50,
    removeOnComplete: { count: 1000 },
  });
  try {
    while (count < events) await sleep(2);
    return { perSecond: events / ((performance.now() - firstAt) / 1000) };
  } finally {
    await worker.close();
    await wipe();
  }
}

/** Bytes of Redis for one waiting event. */
async function bytes(events) {
  const before = await usedMemory();
  await fill(events);
  const after = await usedMemory();
  await wipe();
  return { bytes: (after - before) / events };
}

async function bytesOneByOne(events) {
  const queue = new Queue('plain', { connection: { url } });
  await queue.waitUntilReady();
  const before = await usedMemory();
  await addAll(queue, events);
  const after = await usedMemory();
  await queue.close();
  await wipe();
  return { bytes: (after - before) / events };
}

/** What hits that wait in the buffer take of this process. */
async function buffer(events) {
  const away = { add: () => Promise.reject(new Error('away')) };
  const silent = { log() {}, warn() {}, error() {} };
  const settings = toQueueSettings({ connection: { url }, bufferSize: events });
  const before = await settled();
  const sink = new QueueSink(away, settings, 250, silent);
  let json = 0;
  for (let taken = 0; taken < events; taken++) {
    const one = event();
    json += JSON.stringify(one).length;
    void sink.take(one);
    if (taken % 100 === 99) await setImmediate();
  }
  while (sink.counts.buffered < events) await sleep(5);
  const after = await settled();
  return { mebibytes: (after - before) / 2 ** 20, json: json / 2 ** 20 };
}

async function fill(events) {
  const app = await appOf('producer');
  const publisher = app.get(EventPublisher);
  for (let taken = 0; taken < events; taken += TAKEN_AT_A_TIME) {
    const size = Math.min(TAKEN_AT_A_TIME, events - taken);
    await Promise.all(Array.from({ length: size }, () => publisher.publish(event())));
  }
  await app.close();
}

let firstAt = 0;
function listen(event) {
  if (count++ === 0) firstAt = performance.now();
  return void event;
}

async function appOf(role) {
  class Listener {
    onEvent(event) {
      listen(event);
    }
  }
  const method = Object.getOwnPropertyDescriptor(Listener.prototype, 'onEvent');
  OnTrackingEvent()(Listener.prototype, 'onEvent', method);
  class App {}
  Module({
    imports: [
      EventEmitterModule.forRoot(),
      TrackingModule.forRoot({ ...TRACKING, controllers: false }),
      TrackingQueueModule.forRoot({ connection: { url }, role }),
    ],
    providers: [Listener],
  })(App);
  return NestFactory.createApplicationContext(App, { logger: ['error'] });
}

async function perSecond(events, run) {
  const started = performance.now();
  await run();
  return { perSecond: events / ((performance.now() - started) / 1000) };
}

async function withClient(use) {
  const queue = new Queue('admin', { connection: { url }, skipMetasUpdate: true });
  try {
    return await use(await queue.getBackend().client);
  } finally {
    await queue.close();
  }
}

function wipe() {
  return withClient((client) => client.call('FLUSHALL'));
}

function usedMemory() {
  return withClient(async (client) => Number(/used_memory:(\d+)/.exec(await client.info())[1]));
}

async function settled() {
  for (let i = 0; i < 5; i++) {
    globalThis.gc();
    await setImmediate();
  }
  const { heapUsed, external } = memoryUsage();
  return heapUsed + external;
}
