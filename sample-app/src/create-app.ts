import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ValidationPipe, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import type { Settings } from './settings.js';
import { BlankPipe } from './web/blank.pipe.js';
import { hostGate } from './web/host-gate.js';
import { NestingPipe } from './web/nesting.pipe.js';
import { securityHeaders } from './web/security-headers.js';

/** Room for the largest mail that SendMailDto admits, in UTF-8 and as JSON. */
const BODY_LIMIT = '1mb';

/**
 * Builds the app without starting it: call `listen(settings.port, settings.host)`. It keeps no
 * global state, so that tests run several apps in one process.
 */
export async function createApp(
  settings: Settings,
  options: NestApplicationOptions = {},
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(settings), {
    abortOnError: false,
    // Browsers open connections ahead of need; Node waits a minute for the first request of each.
    forceCloseConnections: true,
    ...options,
  });
  app.disable('x-powered-by');
  // First of all, before anything reads a body.
  app.use(hostGate(settings), securityHeaders);
  app.useBodyParser('json', { limit: BODY_LIMIT });
  app.useStaticAssets(join(settings.assets, 'public'), { prefix: '/assets/', index: false });
  // From node_modules, as npm installed it: no page asks another host.
  const findPackage = createRequire(join(settings.assets, 'index.js'));
  app.useStaticAssets(dirname(findPackage.resolve('uplot')), {
    prefix: '/vendor/uplot/',
    index: false,
  });
  app.useGlobalPipes(
    new NestingPipe(),
    new BlankPipe(),
    new ValidationPipe({
      whitelist: true,
      forbidNonWhitelisted: true,
      // The message names the field; echoing what was sent helps nobody.
      validationError: { target: false, value: false },
    }),
  );
  return app;
}
