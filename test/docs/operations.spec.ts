import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documents } from './documents.js';
import { ROOT, tablesOf } from './markdown.js';

const guide = documents.get('docs/operations.md')!;

test('lists every context that the package logs under', () => {
  const contexts = new Set<string>();
  for (const name of readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const source = readFileSync(join(ROOT, 'lib', name), 'utf8');
    for (const [, context] of source.matchAll(/new Logger\('(\w+)'\)/g)) contexts.add(context!);
  }
  const { rows } = tablesOf(guide, 'Logs')[0]!;
  expect(rows.map(([context]) => context!).toSorted()).toEqual([...contexts].toSorted());
});
