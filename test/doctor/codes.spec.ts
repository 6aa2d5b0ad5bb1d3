import { readFileSync } from 'node:fs';
import { DOCTOR_CODES } from '../../lib/doctor/finding.js';

describe('docs/doctor.md', () => {
  const document = readFileSync('docs/doctor.md', 'utf8');
  const headings = [...document.matchAll(/^### (\w+)$/gm)].map(([, code]) => code!);

  test('has one heading for each code, and no other', () => {
    expect(headings.toSorted()).toEqual(Object.keys(DOCTOR_CODES).toSorted());
  });
});
