import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { Compiled } from '../support/compiled.js';

const FOLDER = 'test/otel/processes';
const installed = readdirSync('node_modules/@opentelemetry').map(
  (name) => `@opentelemetry/${name}`,
);

test('where OpenTelemetry is not installed, nothing asks for it but ./otel, and nothing is told unasked', () => {
  const compiled = Compiled.make([FOLDER], { without: installed });
  try {
    const file = compiled.pathOf(`${FOLDER}/without-otel.ts`);
    const { stdout, stderr } = spawnSync('node', [file], { encoding: 'utf8', timeout: 60_000 });
    if (stdout === '') throw new Error(stderr);
    expect(JSON.parse(stdout)).toEqual({
      isSilent: true,
      status: 302,
      outcomes: ['recorded'],
      asked: [],
      otel: 'MODULE_NOT_FOUND',
    });
  } finally {
    compiled.remove();
  }
});
