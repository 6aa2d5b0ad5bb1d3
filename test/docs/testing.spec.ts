import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { membersOf } from './declarations.js';
import { fileNameOf, readDocument, ROOT, tablesOf } from './markdown.js';

const guide = readDocument('docs/testing.md');

test('the suite of the guide is one that runs here', () => {
  const named = guide.blocks.flatMap((block) => {
    const name = fileNameOf(block);
    return name ? [{ name, code: block.code }] : [];
  });
  expect(named.map(({ name }) => name)).toEqual([
    'audience.ts',
    'app.module.ts',
    'audience.e2e-spec.ts',
    'delayed.ts',
  ]);
  for (const { name, code } of named) {
    expect(code).toBe(readFileSync(join(ROOT, 'test/testing/example', name), 'utf8'));
  }
});

test('lists every option with its type and default', () => {
  const { rows } = tablesOf(guide, 'What the app needs')[0]!;
  expect(rows.map(([option, type, byDefault]) => [option, type, byDefault || undefined])).toEqual(
    membersOf('lib/testing/tracking-scenarios.ts', 'TrackingScenariosOptions').map((member) => [
      member.name,
      member.type,
      member.byDefault,
    ]),
  );
});
