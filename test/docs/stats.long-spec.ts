import { pgliteClient, StatsQuestions } from 'nestjs-email-tracking/stats';
import { READER_CLASSES } from '../../lib/stats/sql/reader.js';
import { tablesIn } from '../../lib/stats/sql/tables.js';
import { toStatsSettings } from '../../lib/stats/stats-options.js';
import { TrackingStatsService } from '../../lib/stats/tracking-stats.service.js';
import { membersOf } from './declarations.js';
import { readDocument, tablesOf } from './markdown.js';

const guide = readDocument('docs/stats.md');
const firstCells = (section: string) => tablesOf(guide, section)[0]!.rows.map(([cell]) => cell!);

test('lists every option with its type and default', () => {
  const { rows } = tablesOf(guide, 'Start')[0]!;
  expect(rows.map(([option, type, byDefault]) => [option, type, byDefault])).toEqual(
    membersOf('lib/stats/stats-options.ts', 'TrackingStatsOptions').map((member) => [
      member.name,
      member.type,
      member.byDefault === '' ? '-' : (member.byDefault ?? '-'),
    ]),
  );
  const settings: object = toStatsSettings({ client: pgliteClient({} as never) });
  for (const [option, , byDefault] of rows.slice(1)) {
    const value = (settings as Record<string, unknown>)[option!];
    const text = JSON.stringify(value).replaceAll('"', '');
    expect([option, text]).toEqual([option, byDefault!.replaceAll(/[' ]/g, '')]);
  }
});

test('lists every method', () => {
  const named = [
    ...firstCells('Asking')
      .join(' ')
      .matchAll(/(\w+)\b(?:\(|,|$| )/g),
  ].map(([, name]) => name!);
  const hidden = [
    'constructor',
    'onModuleInit',
    'onApplicationShutdown',
    'connect',
    'ask',
    'suppression',
    'findPublisher',
  ];
  const methods = [TrackingStatsService.prototype, StatsQuestions.prototype].flatMap((of) =>
    Object.getOwnPropertyNames(of),
  );
  for (const method of methods.filter((name) => !hidden.includes(name))) {
    expect(named).toContain(method);
  }
});

test('lists every class of readers and every table', () => {
  expect(firstCells('What the numbers mean')).toEqual([...READER_CLASSES, 'atMost']);
  const { schema: _, ...tables } = tablesIn('public');
  expect(new Set(firstCells('The tables').map((name) => `"public".${name}`))).toEqual(
    new Set(Object.values(tables)),
  );
});
