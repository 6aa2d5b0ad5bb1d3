// One server in a process of its own: `node server.mjs <kind> [<folder of a build>]`, asked by the groups.

import 'reflect-metadata';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { memoryUsage } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Controller, Get, Module, Redirect, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { PIXELS } from '../../dist/link/pixel.js';
import { answerMessages } from '../harness.mjs';
import { KEY, URL_80 } from '../reference.mjs';
import { answerClick, answerOpen, emitter } from './by-hand.mjs';

/** What is measured: this build, or a copy of it. */
const DIST = pathToFileURL(
  `${process.argv[3] ?? fileURLToPath(new URL('../../dist', import.meta.url))}/`,
);
const load = (file) => import(new URL(file, DIST));
const { OnTrackingEvent, TRACKING_CONSENT, TrackingModule } = await load('index.js');

const PIXEL = PIXELS.png;

/** What the listeners saw: how much, and what last. */
let count = 0;
let last = null;
function listen(event) {
  count++;
  last = event;
}

const PASS = { passQuery: ['gclid', 'fbclid', '_ga'] };
const JOIN = { ...PASS, clickIdParam: 'click_id' };

const KINDS = {
  node() {
    listenByHand();
    const server = createServer((request, response) => {
      const ip = request.socket.remoteAddress ?? null;
      if (request.url.startsWith('/click/')) answerClick(request, response, ip);
      else if (request.url.startsWith('/open/')) answerOpen(request, response, ip);
      else response.writeHead(404).end();
    });
    return listening(server);
  },

  express() {
    listenByHand();
    // The very Express that Nest runs on.
    const express = createRequire(import.meta.resolve('@nestjs/platform-express'))('express');
    const app = express();
    app.get('/click/*token', (request, response) => answerClick(request, response, request.ip));
    app.get('/open/*token', (request, response) => answerOpen(request, response, request.ip));
    return listening(createServer(app));
  },

  // Without verdicts, because the other side makes none; what they cost has a row of its own.
  nestFastify: () => nest(trackingApp({ verdict: false }), new FastifyAdapter()),
  nestExpress: () => nest(trackingApp({ verdict: false }), new ExpressAdapter()),
  judgedFastify: () => nest(trackingApp(), new FastifyAdapter()),
  judgedExpress: () => nest(trackingApp(), new ExpressAdapter()),
  consentFastify: () => nest(consentApp(), new FastifyAdapter()),
  consentExpress: () => nest(consentApp(), new ExpressAdapter()),
  passFastify: () => nest(trackingApp({ verdict: false, ...PASS }), new FastifyAdapter()),
  joinFastify: () => nest(trackingApp({ verdict: false, ...JOIN }), new FastifyAdapter()),
  queueFastify: async () => nest(await queueApp(), new FastifyAdapter()),
  queueExpress: async () => nest(await queueApp(), new ExpressAdapter()),
  onlyFastify: () => nest(plainApp('*'), new FastifyAdapter()),
  onlyExpress: () => nest(plainApp('*token'), new ExpressAdapter()),
};

const port = await KINDS[process.argv[2]]();
answerMessages(({ want }) => (want === 'memory' ? memory() : { port, count, last, cpu: cpu() }));

function listenByHand() {
  emitter.on('tracking.click', listen);
  emitter.on('tracking.open', listen);
}

function listening(server) {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

async function nest(root, adapter) {
  const app = await NestFactory.create(root, adapter, { logger: ['error', 'fatal'] });
  await app.listen(0, '127.0.0.1');
  return app.getHttpServer().address().port;
}

/** The same app with a resolver that asks a database, and so answers later. */
function consentApp() {
  const resolver = { resolve: async () => 'identified' };
  const module = moduleOf({
    providers: [{ provide: TRACKING_CONSENT, useValue: resolver }],
    exports: [TRACKING_CONSENT],
  });
  return trackingApp({ verdict: false }, [module]);
}

/** The same app as a producer of the queue. */
async function queueApp() {
  const { TrackingQueueModule } = await load('bullmq/index.js');
  const connection = { url: process.env.BENCH_REDIS_URL };
  return trackingApp({ verdict: false }, [
    TrackingQueueModule.forRoot({ connection, role: 'producer' }),
  ]);
}

/** An app as the README has it. */
function trackingApp(options = {}, more = []) {
  class Listener {
    onEvent(event) {
      listen(event);
    }
  }
  decorate(OnTrackingEvent(), Listener, 'onEvent');
  const tracking = TrackingModule.forRoot({
    baseOpenTrackingUrl: 'https://t.example.com/open/',
    baseClickTrackingUrl: 'https://t.example.com/click/',
    encryptionKey: KEY,
    ...options,
  });
  return moduleOf({
    imports: [EventEmitterModule.forRoot(), tracking, ...more],
    providers: [Listener],
  });
}

const PIXEL_HEADERS = {
  'Content-Type': PIXEL.mimeType,
  'Content-Length': PIXEL.content.length,
};

/** The least that Nest can do: a redirect to one address, and the bytes of the pixel. */
function plainApp(wildcard) {
  class Plain {
    click() {
      return { url: URL_80 };
    }
    open(response) {
      if (response.raw) response.headers(PIXEL_HEADERS).send(PIXEL.content);
      else response.writeHead(200, PIXEL_HEADERS).end(PIXEL.content);
    }
  }
  decorate(Get(`click/${wildcard}`), Plain, 'click');
  decorate(Redirect(), Plain, 'click');
  decorate(Get(`open/${wildcard}`), Plain, 'open');
  Res()(Plain.prototype, 'open', 0);
  Controller()(Plain);
  return moduleOf({ controllers: [Plain] });
}

function decorate(decorator, target, name) {
  decorator(target.prototype, name, Object.getOwnPropertyDescriptor(target.prototype, name));
}

function moduleOf(metadata) {
  class App {}
  Module(metadata)(App);
  return App;
}

/** Milliseconds of processor time since the start. */
function cpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What is left when everything that can go is gone. */
async function memory() {
  for (let i = 0; i < 5; i++) {
    globalThis.gc();
    await setImmediate();
  }
  const { rss, heapUsed } = memoryUsage();
  return { rss, heapUsed, count };
}
