import config from './jest.config.mjs';

/**
 * Tests that need a server, a browser, Python or a full disk of the machine. Where one is missing,
 * its tests are skipped with a line that says so; with `CI=true` that is a failure.
 *
 * @type {import('jest').Config}
 */
export default {
  ...config,
  testMatch: ['<rootDir>/test/**/*.services-spec.ts'],
  testSequencer: './test/support/slow-first.mjs',
};
