import { DEVIATIONS } from '../e2e/pytracking-deviations.js';
import { membersOf } from './declarations.js';
import { readDocument, tablesOf } from './markdown.js';

const guide = readDocument('docs/migrating-from-pytracking.md');

test('the guide shows every deviation of the routes, and no other', () => {
  const [table] = tablesOf(guide, 'What the routes do otherwise');
  expect(table!.head).toEqual(['request', 'pytracking', 'here', 'why']);
  expect(table!.rows).toEqual(
    Object.values(DEVIATIONS).map(({ request, theirs, ours, reason }) =>
      [request, theirs, ours, reason].map((cell) => cell.replaceAll('`', '')),
    ),
  );
});

test('every option of pytracking has its line', () => {
  const rows = tablesOf(guide, 'Options')[0]!.rows;
  const named = (column: number) =>
    rows.flatMap((row) => row[column]!.split(/,? /)).filter((word) => /^[a-z]\w+$/i.test(word));
  // The arguments of pytracking.Configuration in 0.2.0 to 0.3.0 and pytracking2 0.4.6.
  expect(named(0)).toEqual(
    expect.arrayContaining([
      'webhook_url',
      'webhook_timeout_seconds',
      'include_webhook_url',
      'base_open_tracking_url',
      'base_click_tracking_url',
      'default_metadata',
      'include_default_metadata',
      'encryption_bytestring_key',
      'encoding',
      'append_slash',
    ]),
  );
  const options = membersOf('lib/tracking.options.ts', 'TrackingOptions').map(({ name }) => name);
  for (const name of named(1).filter((word) => /[A-Z]/.test(word))) expect(options).toContain(name);
});
