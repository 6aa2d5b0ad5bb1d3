import type { INestApplication, ModuleMetadata, Provider } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { Test } from '@nestjs/testing';
import { TRACKING_CLOCK, TrackingModule, type TrackingModuleOptions } from 'nestjs-email-tracking';
import type { ScenarioClock } from 'nestjs-email-tracking/testing';
import { Logs, OPTIONS, type Platform, Recorder } from '../support/app.js';

export interface ScenarioAppOptions {
  tracking?: Partial<TrackingModuleOptions>;
  imports?: ModuleMetadata['imports'];
  providers?: Provider[];
  trustsProxy?: boolean;
}

/** An app as a user's suite would start it. */
export async function startApp(
  platform: Platform,
  clock: ScenarioClock | null,
  { tracking = {}, imports = [], providers = [], trustsProxy = true }: ScenarioAppOptions = {},
): Promise<INestApplication> {
  let testing = Test.createTestingModule({
    imports: [
      EventEmitterModule.forRoot(),
      TrackingModule.forRoot({ ...OPTIONS, ...tracking }),
      ...imports,
    ],
    providers: [Recorder, ...providers],
  });
  if (clock) testing = testing.overrideProvider(TRACKING_CLOCK).useValue(clock.now);
  const compiled = await testing.setLogger(new Logs()).compile();
  const app =
    platform === 'fastify'
      ? compiled.createNestApplication(
          new FastifyAdapter(trustsProxy ? { trustProxy: 'loopback' } : {}),
        )
      : compiled.createNestApplication<NestExpressApplication>(new ExpressAdapter());
  if (platform === 'express' && trustsProxy) {
    (app as NestExpressApplication).set('trust proxy', 'loopback');
  }
  try {
    await app.listen(0, '127.0.0.1');
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}
