import { spawnSync } from 'node:child_process';
import { hasPython, PYTHON } from '../support/python.js';
import { describeIf } from '../support/vectors.js';
import { openPglite } from './databases.js';
import { eventOf, NOON } from './events.js';
import { TestStore } from './store.js';

/** Reads a CSV as its users do, and prints its cells. */
const SCRIPT = `import csv, io, json, sys
text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='')
print(json.dumps(list(csv.reader(text, strict=True))))`;

const LONG = 'x,"\r\n'.repeat(1600);
/** Texts, and what a cell says of them if it is something else: formulas get a `'`. */
const TEXTS: [text: string | null, cell?: string][] = [
  ...['a "quoted" word', '"', '""', ',', ';', '\\', '\\"', "it's", 'two\nlines', 'old\rline'].map(
    (text): [string] => [text],
  ),
  ...[
    'win\r\nline',
    ' leading',
    'trailing ',
    ' ',
    'né à 東京 👩‍👩‍👧 \u202e',
    '1.50',
    "'quoted'",
    LONG,
  ].map((text): [string] => [text]),
  ['', ''],
  [null, ''],
  ...['=1+1', '+1', '-1', '@x', '\tx', '\rx', '\nx', ' =1', '＝1', '＋1', '－1', '＠x', "'=1"].map(
    (text): [string, string] => [text, `'${text}`],
  ),
  ['=HYPERLINK("https://e.com","a,b")\n', '\'=HYPERLINK("https://e.com","a,b")\n'],
];

describeIf(hasPython('CSV in Python'))('a CSV of events, read by the csv module of Python', () => {
  test('has every text as it was, but for a sign before what a spreadsheet would run', async () => {
    const opened = await openPglite();
    const store = await TestStore.start(opened.client);
    await store.add(
      ...TEXTS.map(([text], i) => eventOf({ description: text, timestamp: new Date(NOON + i) })),
    );
    const read = async (columns: string[]) => {
      let input = '';
      for await (const part of store.stats.export('events', {}, { columns })) input += part;
      const { stdout, stderr } = spawnSync(PYTHON, ['-c', SCRIPT], { input, encoding: 'utf8' });
      expect(stderr).toBe('');
      return { input, cells: JSON.parse(stdout) as string[][] };
    };
    const cells = TEXTS.map(([text, cell = text]) => cell);
    const three = await read(['eventType', 'description', 'source']);
    expect(three.cells).toEqual([
      ['eventType', 'description', 'source'],
      ...cells.map((cell) => ['clicked', cell, 'link']),
    ]);
    // Whoever can tells a missing value from an empty one.
    expect(three.input).toContain('\r\nclicked,"",link\r\nclicked,,link\r\n');
    expect((await read(['description'])).cells).toEqual([
      ['description'],
      ...cells.map((cell) => [cell]),
    ]);
    await opened.close();
  });
});
