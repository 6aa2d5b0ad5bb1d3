import { base, swc, typescript } from './jest.swc.mjs';

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
  ...base,
  transform: {
    '\\.ts$': ['@swc/jest', swc('commonjs', typescript)],
    '\\.c?js$': ['@swc/jest', swc('commonjs', { syntax: 'ecmascript' })],
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:${compiled})/)`],
};
