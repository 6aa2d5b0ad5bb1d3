import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { PROCESS_OPTIONS } from '../../lib/options/tracking.options.js';
import { trackingConfig } from 'nestjs-email-tracking/config';
import { membersOf } from './declarations.js';

const page = readFileSync('docs/options.md', 'utf8');

/** Option by option: the heading, and what follows it. */
const sections = new Map(
  page
    .split(/^#{2,4} /m)
    .slice(1)
    .map((section): [string, string] => [section.split('\n', 1)[0]!.replaceAll('`', ''), section]),
);

const check = (file: string) =>
  spawnSync(process.execPath, ['scripts/options.mjs', '--check', file], { encoding: 'utf8' });

test('the page says what the doc comments say (otherwise: npm run docs:options)', () => {
  const { status, stderr } = check('docs/options.md');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('a page that says something else is reported as stale', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracking-options-'));
  try {
    const stale = join(folder, 'options.md');
    writeFileSync(stale, page.replace('Default: `2000`', 'Default: `1000`'));
    const { status, stderr } = check(stale);
    expect(status).toBe(1);
    expect(stderr).toContain('npm run docs:options');
    expect(readFileSync(stale, 'utf8')).toContain('Default: `1000`');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ['lib/options/tracking.options.ts', 'TrackingOptions', ''],
  ['lib/options/redirect.options.ts', 'RedirectOptions', 'redirect.'],
  ['lib/options/webhook.options.ts', 'WebhookOptions', 'webhooks[].'],
  ['lib/options/webhook.options.ts', 'WebhookBatchOptions', 'webhooks[].batch.'],
  ['lib/options/verdict.options.ts', 'VerdictOptions', 'verdict.'],
  ['lib/options/unsubscribe.options.ts', 'UnsubscribeOptions', 'unsubscribe.'],
  ['lib/tracking.module-definition.ts', 'TrackingModuleExtras', ''],
  ['lib/esp/esp.options.ts', 'EspTrackingOptions', 'EspTrackingModule: '],
  ['lib/bullmq/queue-options.ts', 'TrackingQueueOptions', 'TrackingQueueModule: '],
  ['lib/stats/stats-options.ts', 'TrackingStatsOptions', 'TrackingStatsModule: '],
])('%s: each option of %s has its type and its default', (file, name, prefix) => {
  for (const member of membersOf(file, name)) {
    const section = sections.get(prefix + member.name);
    expect(section).toMatch(/^- Type: `.+`$/m);
    if (member.byDefault) expect(section!.replaceAll('`', '')).toContain(member.byDefault);
    else expect(section).toMatch(/^- (?:Required|Default: none)$/m);
  }
});

test('the options that cannot differ from call to call are marked', () => {
  const marked = [...sections].filter(([, text]) => text.includes('Holds for the whole process'));
  expect(marked.map(([option]) => option).sort()).toEqual([...PROCESS_OPTIONS].sort());
});

test('each environment variable is one that trackingConfig reads', () => {
  const variables = [...page.matchAll(/^- Environment: `(\w+)`/gm)].map(([, name]) => name!);
  expect(variables).toContain('TRACKING_REDIRECT__ALLOW_HOSTS');
  const before = process.env;
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    // Not the suite's own, such as TRACKING_VECTORS: they are no options, and a warning says so.
    process.env = Object.fromEntries(variables.map((name) => [name, '{}']));
    const options = trackingConfig();
    const nested = Object.values(options)
      .filter((value) => typeof value === 'object' && !Array.isArray(value))
      .flatMap((object) => Object.keys(object as object));
    expect([...Object.keys(options), ...nested]).toHaveLength(variables.length);
    expect(write).not.toHaveBeenCalled();
  } finally {
    process.env = before;
    write.mockRestore();
  }
});

test('no two headings have the same anchor', () => {
  const headings = [...page.matchAll(/^#{1,4} (.*)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\w\s-]/g, ''),
  );
  expect(new Set(headings).size).toBe(headings.length);
});
