import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TrackingModule, type TrackingModuleOptions } from '../index.js';

/** What to print, and the exit code. */
export interface CommandOutcome {
  text: string;
  code: number;
}

export interface Command {
  help: string;
  /** @returns what to print; a text alone means that all is well */
  run(
    args: string[],
    environment: NodeJS.ProcessEnv,
  ): string | CommandOutcome | Promise<string | CommandOutcome>;
}

/** The command line cannot be understood; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Starts the module without routes, for as long as `use` takes. */
export async function withTracking<T>(
  options: TrackingModuleOptions,
  use: (app: {
    get: <Service>(type: new (...args: never[]) => Service) => Service;
  }) => T | Promise<T>,
): Promise<T> {
  @Module({ imports: [TrackingModule.forRoot({ ...options, controllers: false })] })
  class CommandLineModule {}

  const app = await NestFactory.createApplicationContext(CommandLineModule, {
    logger: false,
    abortOnError: false,
  });
  try {
    return await use(app);
  } finally {
    await app.close();
  }
}

/** Returns the keys of a variable: one, or several with commas. */
export function keysFrom(
  environment: NodeJS.ProcessEnv,
  variable = 'TRACKING_ENCRYPTION_KEY',
): string[] {
  return (environment[variable] ?? '')
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
}
