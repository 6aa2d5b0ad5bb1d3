import { PERIODS } from '../web/queries.dto.js';
import { hiddenFields, hrefTo, type Query } from './address.js';
import { text } from './format.js';
import { periodOf, type Period } from './period.js';

const WORDS: Record<(typeof PERIODS)[number], string> = {
  1: '24 hours',
  7: '7 days',
  30: '30 days',
  90: '90 days',
};
const calendar = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });

/** Links to the usual periods, and a form for any other. `keep` are the page's other parameters. */
export function renderPeriods(path: string, period: Period, keep: Query = {}): string {
  return renderNav(path, period, keep, '');
}

/** The same, where a page without a period shows all time. */
export function renderPeriodsOrAll(path: string, period: Period | null, keep: Query = {}): string {
  const current = period === null ? ' aria-current="page"' : '';
  const all = `<a href="${hrefTo(path, keep)}"${current}>All time</a>`;
  return renderNav(path, period, keep, all);
}

function renderNav(path: string, period: Period | null, keep: Query, last: string): string {
  const days = period?.query.days;
  return `<nav class="periods" aria-label="Period">${PERIODS.map(
    (one) =>
      `<a href="${hrefTo(path, { ...keep, days: one })}"${one === days ? ' aria-current="page"' : ''}>${WORDS[one]}</a>`,
  ).join('')}${last}${renderForm(path, period ?? periodOf({}), keep)}</nav>`;
}

function renderForm(path: string, { query, first, last, timeZone }: Period, keep: Query): string {
  const isOther = query.from !== undefined;
  const [start, end] = [first, last].map((day) => calendar.format(new Date(day)));
  const words = !isOther ? 'Other' : start === end ? start : `${start} – ${end}`;
  return `<details class="dates"><summary${isOther ? ' aria-current="true"' : ''}>${words}</summary>
    <form action="${path}" method="get">${hiddenFields(keep)}
      <label>From <input type="date" name="from" value="${first}" required></label>
      <label>to <input type="date" name="to" value="${last}" required></label>
      <button class="button" type="submit">Show</button>
      <p class="hint">Days of ${text(timeZone)}</p>
    </form></details>`;
}
