// A build of the package in a folder of its own, with the Nest that is installed beside it.

import 'reflect-metadata';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('../..', import.meta.url));

/** Where each side is: `ours` twice, so that its spread against itself shows. */
export const SIDES = { ours: HERE, again: HERE, other: process.env.BENCH_AGAINST };

/** The package and the frameworks as an app in that folder gets them. */
export function packagesOf(side) {
  const load = createRequire(join(SIDES[side], 'package.json'));
  return {
    ...load('nestjs-email-tracking'),
    ...load('@nestjs/common'),
    ...load('@nestjs/core'),
    ...load('@nestjs/event-emitter'),
    adapters: {
      fastify: () => new (load('@nestjs/platform-fastify').FastifyAdapter)(),
      express: () => new (load('@nestjs/platform-express').ExpressAdapter)(),
    },
  };
}

/** The module of an app as the README has it, with a handler that does nothing, and other modules beside. */
export function appOf(
  { Module, EventEmitterModule, OnTrackingEvent, TrackingModule },
  options,
  others = [],
) {
  class Handler {
    handle() {}
  }
  const handle = Object.getOwnPropertyDescriptor(Handler.prototype, 'handle');
  OnTrackingEvent()(Handler.prototype, 'handle', handle);
  class App {}
  Module({
    imports: [
      EventEmitterModule.forRoot(),
      TrackingModule.forRoot({
        baseOpenTrackingUrl: 'https://t.example.com/open/',
        baseClickTrackingUrl: 'https://t.example.com/click/',
        ...options,
      }),
      ...others,
    ],
    providers: [Handler],
  })(App);
  return App;
}
