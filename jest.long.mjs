import config from './jest.config.mjs';

/**
 * Tests that need nothing but take long: fuzzing, cases of other projects, checks of the documents. With the
 * folder of those cases, also what `npm test` could not run without it.
 *
 * @type {import('jest').Config}
 */
export default {
  ...config,
  testMatch: [
    '<rootDir>/test/**/*.long-spec.ts',
    ...(process.env.TRACKING_VECTORS ? ['<rootDir>/test/esp/recorded.e2e-spec.ts'] : []),
  ],
};
