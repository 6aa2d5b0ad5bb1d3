import { blocksIn } from './documents.js';
import { typeCheck } from './type-check.js';

test('every TypeScript block of the documents compiles against the package', () => {
  const code = blocksIn('ts', 'tsx').map(([, block]) => block);
  expect(code.length).toBeGreaterThan(60);
  expect(typeCheck(code)).toEqual([]);
});
