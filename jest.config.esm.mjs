import { base, swc, typescript } from './jest.swc.mjs';

/** @type {import('jest').Config} */
export default {
  ...base,
  collectCoverageFrom: ['lib/**/*.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc('es6', typescript)] },
};
