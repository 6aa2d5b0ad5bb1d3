import type { HitNumbers, StatsPoint, StatsStep } from 'nestjs-email-tracking/stats';
import { READER_CLASSES, READERS } from '../words.js';
import { number } from './format.js';
import { renderExport } from './export.view.js';
import { dayIn, shift, type Period } from './period.js';
import { who } from './who.js';

const HOUR_MS = 3_600_000;
const STEPS: Record<StatsStep, string> = { hour: 'Hour', day: 'Day', week: 'Week from' };
const HEADINGS = READER_CLASSES.map((name) => `<th scope="col">${READERS[name]}</th>`).join('');

/** A chart over time; its data is the table below it, which shows the same numbers. */
export function renderChart(points: StatsPoint[], period: Period, campaign?: string): string {
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
      .map((point) => renderPoint(point, period, campaign))
      .join('')}</tbody></table></div>
    ${renderExport('series', { ...period.query, campaign }, false)}
  </details>`;
}

function renderPoint({ at, opens, clicks }: StatsPoint, period: Period, campaign?: string): string {
  const days = daysOf(at, period);
  const cells = (type: string, hits: HitNumbers) =>
    READER_CLASSES.map((by) => {
      const { total } = hits[by];
      const shown = days ? who(total, '/events', { campaign, type, by, ...days }) : number(total);
      return `<td data-n="${total}">${shown}</td>`;
    }).join('');
  const heading = `<time datetime="${at.toISOString()}">${stepOf(at, period)}</time>`;
  return `<tr><th scope="row">${heading}</th>${cells('opened', opens)}${cells('clicked', clicks)}</tr>`;
}

/** The days of a step in the period, as an address names them; an hour has no name. */
function daysOf(at: Date, { step, timeZone, first, last }: Period) {
  if (step === 'hour') return null;
  const start = dayIn(timeZone)(at.getTime());
  if (step === 'day') return { from: start, to: start };
  const end = shift(start, 6);
  return { from: start < first ? first : start, to: end > last ? last : end };
}

/** The day, or the hour from its start to its end. */
function stepOf(at: Date, { step, timeZone }: Period): string {
  const day = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'medium' });
  if (step !== 'hour') return day.format(at);
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' });
  const end = new Date(at.getTime() + HOUR_MS);
  return `${day.format(at)}, ${clock.format(at)}–${clock.format(end)}`;
}
