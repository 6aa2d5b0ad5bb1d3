import { base, swc, typescript } from './jest.swc.mjs';

/** @type {import('jest').Config} */
export default {
  ...base,
  // @nestjs-modules/mailer is CommonJS and requires Nest, which ships ES modules only: Jest cannot
  // do that before Node 24.9. `npm test` runs this file. Not in `testPathIgnorePatterns`, which an
  // argument of the command line replaces.
  testMatch: [...base.testMatch, '!**/test/nodemailer/mailer-module.e2e-spec.ts'],
  collectCoverageFrom: ['lib/**/*.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc('es6', typescript)] },
};
