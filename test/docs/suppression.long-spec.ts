import { SuppressionService, TrackingSuppressionModule } from 'nestjs-email-tracking/suppression';
import { toSuppressionSettings } from '../../lib/suppression/suppression-options.js';
import { membersOf } from './declarations.js';
import { readDocument, tablesOf } from './markdown.js';

const guide = readDocument('docs/suppression.md');

test('lists every option with its type and default', () => {
  const { rows } = tablesOf(guide, 'Start')[0]!;
  expect(rows.map(([option, type, byDefault]) => [option, type, byDefault])).toEqual(
    membersOf('lib/suppression/suppression-options.ts', 'TrackingSuppressionOptions').map(
      (member) => [member.name, member.type, member.byDefault ?? '-'],
    ),
  );
  const settings: object = toSuppressionSettings({});
  for (const [option, , byDefault] of rows.slice(1)) {
    const value = String((settings as Record<string, unknown>)[option!]);
    expect([option, value]).toEqual([option, byDefault!.replaceAll("'", '')]);
  }
  expect(TrackingSuppressionModule.forRoot().module).toBe(TrackingSuppressionModule);
});

test('lists every method', () => {
  const { rows } = tablesOf(guide, 'Asking before you send')[0]!;
  const named = rows.flatMap(([cell]) => [...cell!.matchAll(/(\w+)\(/g)].map(([, name]) => name!));
  const hidden = ['constructor', 'onModuleInit'];
  const internal = [
    'canWrite',
    'exportAs',
    'suppressed',
    'change',
    'keysIn',
    'ask',
    'connect',
    'findPublisher',
  ];
  const methods = Object.getOwnPropertyNames(SuppressionService.prototype);
  expect(named.toSorted()).toEqual(
    methods.filter((name) => ![...hidden, ...internal].includes(name)).toSorted(),
  );
});
