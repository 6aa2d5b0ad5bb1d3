import { readFileSync } from 'node:fs';
import { MAIL_CODES } from '../../lib/doctor/mail-codes.js';
import { WRAPPERS } from '../../lib/doctor/wrappers.js';

const guide = readFileSync('docs/doctor.md', 'utf8');

test('docs/doctor.md has a heading for each code of a mail', () => {
  const headings = [...guide.matchAll(/^### (\w+)$/gm)].map(([, code]) => code);
  expect(headings).toEqual(expect.arrayContaining(Object.keys(MAIL_CODES)));
});

test.each(WRAPPERS)('docs/doctor.md has the source and the switch of $name', (wrapper) => {
  const { name, source, side, off, verified } = wrapper;
  if (side === 'receiver') return expect(guide).toContain(`[${name}](${source})`);
  const cells = guide.split('\n').find((line) => line.startsWith(`| ${name} `))!;
  const shape = `[source](${source})${verified ? '' : ', not verified'}`;
  expect(cells.split('|').map((cell) => cell.trim())).toEqual(['', name, off, shape, '']);
});
