import config from './jest.config.mjs';

/**
 * Tests that need nothing but take long: fuzzing, cases of other projects, checks of the documents.
 *
 * @type {import('jest').Config}
 */
export default { ...config, testMatch: ['<rootDir>/test/**/*.long-spec.ts'] };
