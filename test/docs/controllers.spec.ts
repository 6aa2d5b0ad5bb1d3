import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documents } from './documents.js';
import { ROOT, tablesOf } from './markdown.js';

const guide = documents.get('docs/controllers.md')!;

test('every step that can be overridden has a row', () => {
  const source = readFileSync(join(ROOT, 'lib/hit/tracking.controller.ts'), 'utf8');
  const steps = [...source.matchAll(/^ {2}protected (\w+)\(/gm)].map(([, name]) => name!);
  const { rows } = tablesOf(guide, 'Steps to override')[0]!;
  expect(rows.map(([step]) => step!.split('(')[0]).toSorted()).toEqual(steps.toSorted());
});
