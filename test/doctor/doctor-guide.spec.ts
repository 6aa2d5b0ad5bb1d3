import { readFileSync } from 'node:fs';
import { DOCTOR_CODES } from '../../lib/doctor/finding.js';
import { WRAPPERS } from '../../lib/doctor/wrappers.js';

const guide = readFileSync('docs/doctor.md', 'utf8');

test('docs/doctor.md has a heading for each code, which says whether it is a warning', () => {
  const found = [...guide.matchAll(/^### (\w+)\n\n(_Warning_: )?/gm)];
  const headings = found.map(([, code, warning]) => [code, warning ? 'warning' : 'failed']);
  const codes = Object.entries(DOCTOR_CODES).map(([code, { severity }]) => [code, severity]);
  expect(headings.toSorted()).toEqual(codes.toSorted());
});

test.each(WRAPPERS)('docs/doctor.md has the source and the switch of $name', (wrapper) => {
  const { name, source, side, off, verified } = wrapper;
  if (side === 'receiver') return expect(guide).toContain(`[${name}](${source})`);
  const cells = guide.split('\n').find((line) => line.startsWith(`| ${name} `))!;
  const shape = `[source](${source})${verified ? '' : ', not verified'}`;
  expect(cells.split('|').map((cell) => cell.trim())).toEqual(['', name, off, shape, '']);
});
