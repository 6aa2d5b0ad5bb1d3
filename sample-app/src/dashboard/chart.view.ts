import type { HitNumbers, StatsPoint, StatsStep } from 'nestjs-email-tracking/stats';
import { READER_CLASSES, READERS } from '../words.js';
import { number } from './format.js';
import type { Period } from './period.js';

const HOUR_MS = 3_600_000;
const STEPS: Record<StatsStep, string> = { hour: 'Hour', day: 'Day', week: 'Week from' };
const HEADINGS = READER_CLASSES.map((name) => `<th scope="col">${READERS[name]}</th>`).join('');

/** A chart over time; its data is the table below it, which shows the same numbers. */
export function renderChart(points: StatsPoint[], period: Period): string {
  return `<div class="chart-head">
    <fieldset class="switch"><legend class="visually-hidden">Chart</legend>
      <label><input type="radio" name="shown" value="opens" checked> Opens</label>
      <label><input type="radio" name="shown" value="clicks"> Clicks</label>
    </fieldset>
    <ul class="legend" aria-label="Lines">${READER_CLASSES.map(
      (name) => `<li class="of-${name}">${READERS[name]}</li>`,
    ).join('')}</ul>
  </div>
  <div class="chart" id="chart" role="img" aria-label="Opens and clicks over time. The table below has the same numbers."></div>
  <p class="chart-values" id="chart-values" aria-hidden="true">&nbsp;</p>
  <details class="as-table"><summary>The chart as a table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Opens and clicks over time">
    <table class="series"><thead>
      <tr><th scope="col" rowspan="2">${STEPS[period.step]}</th>
        <th scope="colgroup" colspan="4">Opens</th><th scope="colgroup" colspan="4">Clicks</th></tr>
      <tr>${HEADINGS}${HEADINGS}</tr>
    </thead><tbody id="series" data-live data-step="${period.step}">${points
      .map((point) => renderPoint(point, period))
      .join('')}</tbody></table></div>
  </details>`;
}

function renderPoint({ at, opens, clicks }: StatsPoint, period: Period): string {
  return `<tr><th scope="row"><time datetime="${at.toISOString()}">${stepOf(at, period)}</time></th>${cells(opens)}${cells(clicks)}</tr>`;
}

/** The day, or the hour from its start to its end. */
function stepOf(at: Date, { step, timeZone }: Period): string {
  const day = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'medium' });
  if (step !== 'hour') return day.format(at);
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' });
  const end = new Date(at.getTime() + HOUR_MS);
  return `${day.format(at)}, ${clock.format(at)}–${clock.format(end)}`;
}

const cells = (hits: HitNumbers): string =>
  READER_CLASSES.map(
    (name) => `<td data-n="${hits[name].total}">${number(hits[name].total)}</td>`,
  ).join('');
