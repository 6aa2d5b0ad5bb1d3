/** What runs sources as they are: TypeScript with decorators, and packages that are ES modules only. */
const swc = (parser) => ({
  swcrc: false,
  module: { type: 'commonjs' },
  jsc: {
    target: 'es2022',
    parser,
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  sourceMaps: 'inline',
});

// Nest 12 ships ES modules only, and Jest before Node 24.9 cannot `require()` them, so the
// packages listed here are compiled to CommonJS together with our own TypeScript. So are
// @react-email/render and PGlite: they are CommonJS with an `import()`, which Jest cannot run there
// either.
const compiled = [
  '@nestjs',
  'file-type',
  'load-esm',
  'parse5',
  'entities',
  '@noble/ciphers',
  '@react-email/render',
  '@electric-sql',
  'htmlparser2',
  'domhandler',
  'domelementtype',
  'domutils',
  'dom-serializer',
].join('|');

/** @type {import('jest').Config} */
export default {
  rootDir: import.meta.dirname,
  // One cache of compiled files for all suites, and for copies of this folder.
  id: 'nestjs-email-tracking',
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
    '^nestjs-email-tracking/otel$': '<rootDir>/lib/otel/index.ts',
    '^nestjs-email-tracking/privacy$': '<rootDir>/lib/consent/index.ts',
    '^nestjs-email-tracking/stats$': '<rootDir>/lib/stats/index.ts',
    '^nestjs-email-tracking/suppression$': '<rootDir>/lib/suppression/index.ts',
    '^nestjs-email-tracking/testing$': '<rootDir>/lib/testing/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '\\.ts$': ['@swc/jest', swc({ syntax: 'typescript', decorators: true })],
    '\\.c?js$': ['@swc/jest', swc({ syntax: 'ecmascript' })],
  },
  collectCoverageFrom: ['lib/**/*.ts'],
  transformIgnorePatterns: [`/node_modules/(?!(?:${compiled})/)`],
};
