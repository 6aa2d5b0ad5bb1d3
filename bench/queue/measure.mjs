// One measurement of the queue in a process of its own: `node measure.mjs <redis url>`.

import 'reflect-metadata';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
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
import { toTrackingEvent } from '../../dist/event/tracking-event.js';
import { answerMessages } from '../harness.mjs';
import { KEY, PAYLOADS } from '../reference.mjs';

const url = process.argv[2];
const connection = { url };
const TRACKING = {
  baseOpenTrackingUrl: 'https://t.example.com/open/',
  baseClickTrackingUrl: 'https://t.example.com/click/',
  encryptionKey: KEY,
  // What verdicts cost has rows of its own.
  verdict: false,
  // So many at once would be given to the buffer by the usual one.
  responseBudgetMs: 5000,
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
const CONCURRENCY = 50;
/** What is in flight at a time: of our side events, of the other jobs. */
const IN_FLIGHT = 2000;
/** Jobs of one `addBulk`: more of them are no faster. */
const BULK = 500;
/** What our own jobs and workers have by default. */
const OPTIONS = { attempts: 8, backoff: { type: 'exponential', delay: 1000, jitter: 0.5 } };
const KEEP_DONE = { age: 86_400, count: 100_000 };
/** Jobs that BullMQ removes at once, and whose ids it remembers for as long. */
const REMEMBERED_MS = KEEP_DONE.age * 1000;

let made = 0;
let handled = 0;
let first;
const results = await hits();

const MEASURES = {
  // Ours: what the route calls for each hit.
  add: fill,
  // BullMQ's `addBulk` of the same jobs.
  addBulk: fillBare,
  ...{ work, workBare, bytes, bytesBare, done, doneDeduplicated },
};
const WARM_UP = 5000;

answerMessages(async ({ what, events }) => {
  if (!what) return {};
  // What is compared is a process that has been running for a while.
  await measure(what, WARM_UP);
  return measure(what, events);
});

async function measure(what, events) {
  await ask('FLUSHALL');
  return MEASURES[what](events);
}

/** Ours: a worker with a handler that counts. */
async function work(events) {
  await fill(events);
  return emptiedBy(events, () => appOf('worker'));
}

/** BullMQ's worker with a function that counts, and the same jobs. */
async function workBare(events) {
  await fillBare(events);
  return emptiedBy(events, () => bareWorker(KEEP_DONE));
}

/** Bytes of Redis for one waiting event. */
async function bytes(events) {
  const before = await usedMemory();
  await fill(events);
  return { bytes: ((await usedMemory()) - before) / events };
}

/** The same of a job that holds the event and nothing else. */
async function bytesBare(events) {
  const before = await usedMemory();
  await fillBare(events, () => undefined);
  return { bytes: ((await usedMemory()) - before) / events };
}

/** Ours: what a handled event leaves behind, and how fast all of it is done. */
async function done(events) {
  const before = await usedMemory();
  const added = await fill(events);
  const worked = await emptiedBy(events, () => appOf('worker'));
  return { bytes: ((await usedMemory()) - before) / events, ...oneAfter(added, worked) };
}

/** Jobs that BullMQ removes when they are done, and knows by `deduplication`. */
async function doneDeduplicated(events) {
  const before = await usedMemory();
  const deduplicated = (id) => ({ ...OPTIONS, deduplication: { id, ttl: REMEMBERED_MS } });
  const added = await fillBare(events, deduplicated);
  const worked = await emptiedBy(events, () => bareWorker({ count: 0 }));
  return { bytes: ((await usedMemory()) - before) / events, ...oneAfter(added, worked) };
}

/** What two steps take that are done one after the other. */
function oneAfter(one, other) {
  return {
    perSecond: 1 / (1 / one.perSecond + 1 / other.perSecond),
    cpu: one.cpu + other.cpu,
    redis: one.redis + other.redis,
  };
}

async function fill(events) {
  const app = await appOf('producer');
  try {
    return await timed(events, () => publishAll(app, events));
  } finally {
    await app.close();
  }
}

async function fillBare(events, options) {
  const queue = await openQueue();
  try {
    return await timed(events, () => addAll(queue, events, options));
  } finally {
    await queue.close();
  }
}

async function publishAll(app, events) {
  const publisher = app.get(EventPublisher);
  for (let taken = 0; taken < events; taken += IN_FLIGHT) {
    const size = Math.min(IN_FLIGHT, events - taken);
    await Promise.all(Array.from({ length: size }, () => publisher.publish(nextEvent())));
  }
  const { waiting, unaccepted, lost } = await app.get(TrackingQueueService).stats();
  if (waiting !== events || unaccepted + lost > 0) throw new Error(`${waiting} of ${events} added`);
}

async function addAll(queue, events, options = (jobId) => ({ ...OPTIONS, jobId })) {
  for (let taken = 0; taken < events; taken += IN_FLIGHT) {
    const bulks = Array.from({ length: IN_FLIGHT / BULK }, (_, i) => {
      const size = Math.max(0, Math.min(BULK, events - taken - i * BULK));
      return Array.from({ length: size }, () => {
        const event = nextEvent();
        return { name: 'event', data: { v: 1, event }, opts: options(`e-${event.eventId}`) };
      });
    });
    await Promise.all(bulks.map((jobs) => queue.addBulk(jobs)));
  }
}

/** From the first event on, on both sides: Nest and BullMQ take their time to start. */
async function emptiedBy(events, start) {
  handled = 0;
  const redis = await redisCpu();
  const worker = await start();
  try {
    while (handled < events) await sleep(2);
    const spent = since(first, events);
    const queue = await openQueue();
    while ((await queue.getActiveCount()) > 0) await sleep(2);
    await queue.close();
    return { ...spent, redis: ((await redisCpu()) - redis) / events };
  } finally {
    await worker.close();
  }
}

function count() {
  if (handled++ === 0) first = now();
}

/** The clock, and the time of the processor that this process has used. */
function now() {
  const { user, system } = process.cpuUsage();
  return { clock: performance.now(), cpu: user + system };
}

/** @returns events by the second of the clock, and microseconds of the processor for each */
function since({ clock, cpu }, events) {
  const end = now();
  return { perSecond: (events * 1000) / (end.clock - clock), cpu: (end.cpu - cpu) / events };
}

async function openQueue() {
  const queue = new Queue('hits', { connection, prefix: '{email-tracking:hits}' });
  await queue.waitUntilReady();
  return queue;
}

function bareWorker(removeOnComplete) {
  return new Worker('hits', async () => count(), {
    connection,
    prefix: '{email-tracking:hits}',
    concurrency: CONCURRENCY,
    removeOnComplete,
  });
}

async function appOf(role) {
  class Listener {
    onEvent() {
      count();
    }
  }
  const method = Object.getOwnPropertyDescriptor(Listener.prototype, 'onEvent');
  OnTrackingEvent()(Listener.prototype, 'onEvent', method);
  class App {}
  Module({
    imports: [
      EventEmitterModule.forRoot(),
      TrackingModule.forRoot({ ...TRACKING, controllers: false }),
      TrackingQueueModule.forRoot({ connection, role, concurrency: CONCURRENCY }),
    ],
    providers: [Listener],
  })(App);
  return NestFactory.createApplicationContext(App, { logger: ['error'] });
}

/** The event of one more click: the same reading for both sides, and an id of its own. */
function nextEvent() {
  return toTrackingEvent(results[made++ % results.length]);
}

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

async function timed(events, run) {
  const redis = await redisCpu();
  const started = now();
  await run();
  return { ...since(started, events), redis: ((await redisCpu()) - redis) / events };
}

async function ask(...command) {
  const queue = new Queue('admin', { connection, skipMetasUpdate: true });
  try {
    return await (await queue.getBackend().client).call(...command);
  } finally {
    await queue.close();
  }
}

/** Microseconds of the processor that Redis has used. */
async function redisCpu() {
  const info = await ask('INFO', 'cpu');
  const seconds = (name) => Number(new RegExp(`used_cpu_${name}:([\\d.]+)`).exec(info)[1]);
  return (seconds('user') + seconds('sys')) * 1e6;
}

async function usedMemory() {
  return Number(/used_memory:(\d+)/.exec(await ask('INFO', 'memory'))[1]);
}
