/**
 * What both Jest configurations share: TypeScript with decorators through swc, and the package's
 * own name pointing at its sources, so that the suite needs no build.
 */

/** @type {(type: 'commonjs' | 'es6', parser: import('@swc/core').ParserConfig) => import('@swc/core').Options} */
export const swc = (type, parser) => ({
  swcrc: false,
  module: { type },
  jsc: {
    target: 'es2022',
    parser,
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  sourceMaps: 'inline',
});

export const typescript = { syntax: 'typescript', decorators: true };

export const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  // Jest would leave one core idle, which is half of a small machine.
  maxWorkers: '100%',
  // Real servers on a busy machine: a limit for what hangs, not for what is slow.
  testTimeout: 60_000,
  testMatch: ['<rootDir>/test/**/*.spec.ts', '<rootDir>/test/**/*.e2e-spec.ts'],
  moduleNameMapper: {
    '^nestjs-email-tracking$': '<rootDir>/lib/index.ts',
    '^nestjs-email-tracking/config$': '<rootDir>/lib/options/tracking.config.ts',
    '^nestjs-email-tracking/nodemailer$': '<rootDir>/lib/nodemailer/index.ts',
    '^nestjs-email-tracking/ptrack$': '<rootDir>/lib/ptrack/index.ts',
    '^nestjs-email-tracking/bullmq$': '<rootDir>/lib/bullmq/index.ts',
    '^nestjs-email-tracking/esp$': '<rootDir>/lib/esp/index.ts',
    '^nestjs-email-tracking/stats$': '<rootDir>/lib/stats/index.ts',
    '^nestjs-email-tracking/testing$': '<rootDir>/lib/testing/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
};
