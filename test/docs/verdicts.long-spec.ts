import { CATALOGUE, type VerdictRule } from 'nestjs-email-tracking';
import { NO_EVIDENCE } from '../../lib/verdict/evidence.js';
import { NO_MESSAGE_KEY, WINDOW_UNAVAILABLE } from '../../lib/verdict/verdict-classifier.js';
import { DEFAULT_WINDOW_SECONDS, MAX_HITS_PER_KEY } from '../../lib/verdict/window-store.js';
import { table } from '../verdict/vectors.js';
import { unionOf } from './declarations.js';
import { readDocument, tablesOf } from './markdown.js';

const guide = readDocument('docs/verdicts.md');

test('lists every rule of the catalogue under its code', () => {
  const { rows } = tablesOf(guide, 'The codes')[0]!;
  const told = rows.flatMap(([code, effect, kind, certainty, ids]) =>
    ids!.split(', ').map((id) => [id, code, effect, kind, certainty]),
  );
  const certaintyOf = ({ certainty, enabled }: VerdictRule) =>
    enabled === false ? `${certainty}, off` : certainty;
  expect(told.toSorted()).toEqual(
    CATALOGUE.map((rule) => [
      rule.id,
      rule.code,
      rule.effect,
      rule.kind,
      certaintyOf(rule),
    ]).toSorted(),
  );
});

test('lists every kind and certainty', () => {
  const [kinds, certainties] = guide.tables;
  const firsts = ({ rows }: { rows: string[][] }) => rows.map(([first]) => first!).toSorted();
  expect(firsts(kinds!)).toEqual(unionOf('lib/event/verdict.ts', 'VerdictKind').toSorted());
  expect(firsts(certainties!)).toEqual(
    unionOf('lib/event/verdict.ts', 'VerdictCertainty').toSorted(),
  );
});

test('names the limits and codes that the code has', () => {
  const text = guide.text.replace(/\s+/g, ' ');
  expect(text).toContain(`the last ${MAX_HITS_PER_KEY} hits`);
  expect(text).toContain(`for ${DEFAULT_WINDOW_SECONDS / 60} minutes`);
  for (const code of [NO_EVIDENCE, NO_MESSAGE_KEY, WINDOW_UNAVAILABLE]) {
    expect(text).toContain(`\`${code}\``);
  }
});

test('the table of what is called a machine is the one that the tests print', () => {
  const { rows } = tablesOf(guide, 'Measured')[0]!;
  expect(rows).toEqual(
    table().map(({ cases, who, count, machines }) => [
      cases,
      who,
      `${count}`,
      `${machines} (${((100 * machines) / count).toFixed(1)} %)`,
    ]),
  );
});
