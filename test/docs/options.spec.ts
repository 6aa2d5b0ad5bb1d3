import { PROCESS_OPTIONS } from '../../lib/tracking.options.js';
import { membersOf } from './declarations.js';
import { documents } from './documents.js';

const guide = documents.get('docs/options.md')!;

test.each([
  [0, 'TrackingOptions'],
  [1, 'RedirectOptions'],
])('table %i lists %s with types and defaults', (table, name) => {
  const { rows } = guide.tables[table]!;
  expect(rows.map(([option, type, byDefault]) => [option, type, byDefault])).toEqual(
    membersOf('lib/tracking.options.ts', name).map((member) => [
      member.name,
      member.type,
      member.byDefault,
    ]),
  );
  for (const [, , , meaning] of rows) expect(meaning).toMatch(/\S/);
});

test('the options that cannot differ from call to call are named', () => {
  const [sentence] = /All but `openPath`[^.]*\./.exec(guide.text.replaceAll('\n', ' '))!;
  expect([...sentence.matchAll(/`(\w+)`/g)].map(([, option]) => option)).toEqual([
    ...PROCESS_OPTIONS,
  ]);
});
