// Apps of two builds in one process, `node side-by-side.mjs <Fastify or Express> <build> <build>`, of which one may
// be `<build>+metrics`: two processes of one build differ by more than is looked for here. Requests come without
// a socket.

import 'reflect-metadata';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { appOf } from '../against/build.mjs';
import { answerMessages } from '../harness.mjs';
import { KEY, URL_80 } from '../reference.mjs';

const [platform, ...builds] = process.argv.slice(2);
const inject = createRequire(import.meta.resolve('fastify'))('light-my-request');
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const WARM_UP = 5_000;
const BLOCK = 250;

const clicks = [];
for (const build of builds) clicks.push(await start(build));
for (let i = 0; i < WARM_UP; i += BLOCK) for (const click of clicks) await time(click);

/** Answers with the times of one hit, in microseconds, of each build, in turns that change. */
answerMessages(async ({ rounds }) => {
  const times = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) times[i].push(await time(clicks[i]));
  }
  return { times };
});

async function metrics({ TrackingOtelModule }) {
  const { MeterProvider } = await import('@opentelemetry/sdk-metrics');
  const { PrometheusExporter } = await import('@opentelemetry/exporter-prometheus');
  const readers = [new PrometheusExporter({ preventServerStart: true })];
  return TrackingOtelModule.forRoot({ meter: new MeterProvider({ readers }).getMeter('bench') });
}

async function time(click) {
  const before = process.cpuUsage();
  for (let i = 0; i < BLOCK; i++) await click();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / BLOCK;
}

async function start(wanted) {
  const [build, extra] = wanted.split('+');
  const load = (file) => createRequire(import.meta.url)(join(build, file));
  const index = load('index.js');
  const others = extra === 'metrics' ? [await metrics(load('otel/index.js'))] : [];
  const App = appOf(
    { Module, EventEmitterModule, ...index },
    { encryptionKey: KEY, verdict: false },
    others,
  );
  const adapter = platform === 'Fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(App, adapter, { logger: ['error', 'fatal'] });
  await app.init();
  const server = adapter.getInstance();
  await server.ready?.();
  const request = {
    url: new URL(app.get(index.TrackingService).getClickTrackingUrl(URL_80)).pathname,
    headers: { 'user-agent': AGENT },
  };
  const click = () => (server.inject ? server.inject(request) : inject(server, request));
  const { statusCode } = await click();
  if (statusCode !== 302) throw new Error(`a click is answered ${statusCode}`);
  return click;
}
