import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithPrograms } from '../support/needs.js';

const BINARY = 'promtool';

/** A `describe` that needs Debian's `promtool`. */
export const describePromtool = describeWithPrograms([BINARY]);

/** Has queries parsed. @returns what promtool says of those that it refuses; empty if it takes all */
export function faultsOf(queries: readonly string[]): string {
  const rules = queries.map((expr, i) => ({ record: `query_${i}`, expr }));
  const folder = mkdtempSync(join(tmpdir(), 'tracking-rules-'));
  const file = join(folder, 'rules.yml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
  const { status, stdout, stderr } = spawnSync(BINARY, ['check', 'rules', file], {
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  const found = /SUCCESS: (\d+) rules found/.exec(stdout)?.[1];
  return status === 0 && Number(found) === queries.length ? '' : `${stdout}${stderr}`;
}

/** What a query names. */
export interface Named {
  /** Each as the names that it may have: with a unit, or without. */
  metrics: string[][];
  labels: string[];
  /** Labels with a value that is asked for, such as `outcome=lost`. */
  values: string[];
}

export function namesIn(query: string): Named {
  const metrics = [...query.matchAll(/\bemail_tracking_\w+(?:\(_\w+\)\?\w*)?/g)].map(([name]) => {
    const optional = /\((_\w+)\)\?/.exec(name);
    return optional
      ? [name.replace(optional[0], ''), name.replace(optional[0], optional[1]!)]
      : [name];
  });
  const matchers = [...query.matchAll(/\b(\w+)(?:!?=~?)"([^"]*)"/g)].filter(
    ([, label]) => label !== '__name__',
  );
  const groups = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) =>
    list!.split(',').map((label) => label.trim()),
  );
  return {
    metrics,
    labels: [...groups, ...matchers.map(([, label]) => label!)],
    values: matchers.map(([, label, value]) => `${label}=${value}`),
  };
}

/** The labels of each metric of a scrape, by its name; every line is read, or is an error. */
export function readScrape(text: string): Map<string, Map<string, Set<string>>> {
  const metrics = new Map<string, Map<string, Set<string>>>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const parts = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (?:[-+]?[\d.]+(?:e[-+]?\d+)?|\+Inf|NaN)$/.exec(
      line,
    );
    if (!parts) throw new Error(`This is no line of a scrape: ${line}`);
    const labels = metrics.get(parts[1]!) ?? new Map<string, Set<string>>();
    metrics.set(parts[1]!, labels);
    for (const [, label, value] of (parts[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      labels.set(label!, (labels.get(label!) ?? new Set()).add(value!));
    }
  }
  return metrics;
}
