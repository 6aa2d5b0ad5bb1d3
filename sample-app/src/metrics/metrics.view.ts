import type { Attributes } from '@opentelemetry/api';
import type { Histogram, MetricData } from '@opentelemetry/sdk-metrics';
import { number, text } from '../dashboard/format.js';
import { renderFrame } from '../dashboard/frame.view.js';
import { renderTable, type Column } from '../dashboard/table.view.js';

const PREFIX = 'email_tracking.';

/** The groups of metrics, each with how the names of its metrics begin. */
const GROUPS: readonly [id: string, title: string, names: readonly string[]][] = [
  ['hits', 'Hits and verdicts', ['hit', 'links.', 'events', 'verdict.', 'consent.']],
  ['rewriting', 'Mails', ['rewrite']],
  ['webhooks', 'Webhooks', ['webhook.']],
  ['providers', 'Providers', ['esp.']],
  ['queue', 'Queue', ['queue.']],
  ['store', 'Store', ['stats.']],
  ['unsubscribes', 'Unsubscribes', ['unsubscribes']],
];

const COLUMNS: Column[] = [
  { title: 'Metric' },
  { title: 'Of' },
  { title: 'Number', isNumber: true },
];

const duration = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** What this process counts, by group; groups that this app does not use are left out. */
export function renderMetrics(metrics: readonly MetricData[]): string {
  return renderFrame(
    'Metrics',
    `<div class="page-head"><div><p class="crumbs"><a href="/dashboard">Dashboard</a> / Metrics</p>
    <h1>Metrics</h1>
    <p class="hint">What this process has counted since it started. Prometheus reads the same at
      <a href="/metrics">/metrics</a>.</p></div></div>
  ${GROUPS.map(([id, title, names]) => {
    const own = metrics.filter(({ descriptor: { name } }) =>
      names.some((start) => name.startsWith(PREFIX + start)),
    );
    return own.length === 0 ? '' : renderGroup(id, title, own);
  }).join('')}`,
  );
}

function renderGroup(id: string, title: string, metrics: readonly MetricData[]): string {
  const rows = metrics.flatMap(({ descriptor, dataPoints }) =>
    dataPoints.map(({ attributes, value }) => [
      `<span title="${text(descriptor.name)}">${text(descriptor.description.replace(/\.$/, ''))}</span>`,
      wordsOf(attributes),
      valueOf(value),
    ]),
  );
  return `<section class="panel measured" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
    <div id="${id}" data-live>${renderTable(title, COLUMNS, rows)}</div></section>`;
}

/** In one element: the cells of cards lay out what they hold side by side. */
const wordsOf = (attributes: Attributes): string => {
  const words = Object.entries(attributes).map(
    ([name, value]) => `${text(name)} <b>${text(String(value))}</b>`,
  );
  return words.length === 0 ? '' : `<span>${words.join(', ')}</span>`;
};

/** A count, or how long something took on average. */
function valueOf(value: number | Partial<Histogram>): string {
  if (typeof value === 'number') return `<b>${number(value)}</b>`;
  const { count = 0, sum = 0 } = value;
  const average = count === 0 ? 0 : (sum / count) * 1000;
  return `<span><b>${number(count)}</b> at ${duration.format(average)} ms</span>`;
}
