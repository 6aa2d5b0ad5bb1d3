import type { HitNumbers, StatsPoint } from 'nestjs-email-tracking/stats';
import { PERIODS } from '../web/params.dto.js';
import type { Period } from './period.js';
import { number } from './words.js';

const CLASSES = ['people', 'unknown', 'privacyProxies', 'machines'] as const;
const TITLES = ['People', 'Nobody can tell', 'Privacy proxies', 'Machines'];

/** A chart over time; its data is the table below it, which says the same. */
export function renderChart(points: StatsPoint[], period: Period): string {
  return `<div class="chart-head">
    <fieldset class="switch"><legend class="visually-hidden">What the chart shows</legend>
      <label><input type="radio" name="shown" value="opens" checked> Opens</label>
      <label><input type="radio" name="shown" value="clicks"> Clicks</label>
    </fieldset>
    <ul class="legend" aria-label="Lines">${TITLES.map(
      (title, index) => `<li class="of-${CLASSES[index]}">${title}</li>`,
    ).join('')}</ul>
  </div>
  <div class="chart" id="chart" role="img" aria-label="Opens and clicks over time. The table below says the same."></div>
  <p class="chart-values" id="chart-values" aria-hidden="true">&nbsp;</p>
  <details class="as-table"><summary>The chart as a table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Opens and clicks over time">
    <table class="series"><thead>
      <tr><th scope="col" rowspan="2">${period.step === 'hour' ? 'Hour' : 'Day'}</th>
        <th scope="colgroup" colspan="4">Opens</th><th scope="colgroup" colspan="4">Clicks</th></tr>
      <tr>${[...TITLES, ...TITLES].map((title) => `<th scope="col">${title}</th>`).join('')}</tr>
    </thead><tbody id="series" data-live data-step="${period.step}">${points
      .map((point) => renderPoint(point, period))
      .join('')}</tbody></table></div>
  </details>`;
}

function renderPoint({ at, opens, clicks }: StatsPoint, { step, timeZone }: Period): string {
  const text = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    ...(step === 'hour' ? { dateStyle: 'medium', timeStyle: 'short' } : { dateStyle: 'medium' }),
  }).format(at);
  return `<tr><th scope="row"><time datetime="${at.toISOString()}">${text}</time></th>${cells(opens)}${cells(clicks)}</tr>`;
}

const cells = (hits: HitNumbers): string =>
  CLASSES.map((name) => `<td data-n="${hits[name].total}">${number(hits[name].total)}</td>`).join(
    '',
  );

/** Links to the other periods. */
export function renderPeriods(path: string, days: number): string {
  const words: Record<string, string> = {
    1: '24 hours',
    7: '7 days',
    30: '30 days',
    90: '90 days',
  };
  return `<nav class="periods" aria-label="Period">${PERIODS.map(
    (period) =>
      `<a href="${path}?days=${period}"${Number(period) === days ? ' aria-current="page"' : ''}>${words[period]}</a>`,
  ).join('')}</nav>`;
}
