import { play, saysMachine, sequences, table } from './vectors.js';

const rows = table();

/** As docs/verdicts.md has it. */
function lines(): string[] {
  return rows.map(
    ({ cases, who, count, machines }) =>
      `${cases.padEnd(30)} ${who.padEnd(8)} ${`${count}`.padStart(5)}  called a machine: ` +
      `${machines} (${((100 * machines) / count).toFixed(1)} %)`,
  );
}

afterAll(() => {
  process.stdout.write(
    `\nWho is called a machine (more than possible):\n${lines().join('\n')}\n\n`,
  );
});

it.each(rows.filter(({ who }) => who === 'person'))(
  'calls nobody of $cases a machine',
  ({ wrong }) => {
    expect(wrong).toEqual([]);
  },
);

it.each(rows.filter(({ who }) => who === 'machine'))(
  'sees at least 85 % of $cases',
  ({ count, machines }) => {
    expect(machines / count).toBeGreaterThanOrEqual(0.85);
  },
);

it('has at least 40 sequences with names of their own, half of them of people', () => {
  expect(sequences.length).toBeGreaterThanOrEqual(40);
  expect(new Set(sequences.map(({ name }) => name)).size).toBe(sequences.length);
  const people = sequences.filter(({ who }) => who === 'person');
  expect(people.length * 2).toBeGreaterThanOrEqual(sequences.length);
});

it.each(sequences.map((sequence) => [sequence.name, sequence] as const))('%s', (_, sequence) => {
  const verdicts = play(sequence);
  const told = verdicts.map((verdict, i) => ({
    who: sequence.hits[i]!.who ?? sequence.who,
    isMachine: saysMachine(verdict),
    reasons: verdict.reasons,
  }));
  expect(told.filter(({ who, isMachine }) => who === 'person' && isMachine)).toEqual([]);
  const unseen = told.filter(({ who, isMachine }) => who === 'machine' && !isMachine);
  expect(unseen.length > 0).toBe(sequence.missed === true);
});
