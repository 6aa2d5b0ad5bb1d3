import uPlot from '/vendor/uplot/uPlot.esm.js';
import { byId } from './dom.js';

const [HEIGHT, HEIGHT_ON_A_PHONE] = [260, 200];
const PHONE = '(max-width: 760px)';
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
const CLASSES = ['people', 'unknown', 'proxy', 'machine'];
const titles = () => [...document.querySelectorAll('.legend li')].map((line) => line.textContent);
/** Lines differ in more than their colours. */
const DASHES = [[], [2, 3], [10, 4], [6, 3, 2, 3]];

let plot = null;

/** Draws the chart of the table, and again when its width or the theme changes. */
export function startChart() {
  drawChart();
  for (const input of document.querySelectorAll('input[name=shown]')) {
    input.addEventListener('change', drawChart);
  }
  new ResizeObserver(() => plot?.setSize(size())).observe(byId('chart'));
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawChart);
}

export function drawChart() {
  const shown = document.querySelector('input[name=shown]:checked').value;
  const rows = [...byId('series').rows];
  const first = shown === 'opens' ? 0 : CLASSES.length;
  const times = rows.map((row) => Date.parse(row.querySelector('time').dateTime) / 1000);
  const values = CLASSES.map((_, index) =>
    rows.map((row) => Number(row.querySelectorAll('td')[first + index].dataset.n)),
  );
  plot?.destroy();
  plot = new uPlot(options(), [times, ...values], byId('chart'));
  byId('chart').dataset.shown = shown;
  byId('chart').dataset.total = values.map((line) => line.reduce((sum, n) => sum + n, 0)).join(' ');
}

const size = () => ({
  width: Math.max(240, byId('chart').clientWidth),
  height: window.matchMedia(PHONE).matches ? HEIGHT_ON_A_PHONE : HEIGHT,
});

function options() {
  const names = titles();
  const ink = colour('--ink-soft');
  const axis = {
    stroke: ink,
    font: '12px system-ui, sans-serif',
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const isHourly = byId('series').dataset.step === 'hour';
  return {
    ...size(),
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_, __, max) => [0, Math.max(4, Math.ceil(max * 1.1))] } },
    axes: [
      {
        ...axis,
        size: 32,
        space: 70,
        // No two ticks in one step, which would have the same label.
        incrs: (isHourly ? [1, 2, 3, 6, 12] : [1, 2, 3, 7, 14, 28]).map(
          (steps) => steps * (isHourly ? HOUR_S : DAY_S),
        ),
        values: (_, splits) => splits.map((at) => label(at, isHourly)),
      },
      {
        ...axis,
        size: 44,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6],
      },
    ],
    series: [
      {},
      ...CLASSES.map((name, index) => ({
        label: names[index],
        stroke: colour(`--${name}`),
        width: index === 0 ? 2.5 : 1.75,
        dash: DASHES[index],
        points: { show: index === 0, size: 5, fill: colour(`--${name}`) },
      })),
    ],
    hooks: { setCursor: [showValues] },
  };
}

/** Shows the numbers under the pointer. */
function showValues({ cursor, data }) {
  const { idx } = cursor;
  const text =
    idx === null || idx === undefined
      ? '\u00a0'
      : `${byId('series').rows[idx]?.querySelector('time').textContent ?? ''}: ${titles()
          .map((title, index) => `${title} ${data[index + 1][idx]}`)
          .join(' · ')}`;
  byId('chart-values').textContent = text;
}

const hours = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const days = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const label = (at, isHourly) => (isHourly ? hours : days).format(new Date(at * 1000));

/** The current colour of a custom property, whose value is `light-dark(…)`. */
function colour(name) {
  const probe = byId('chart');
  probe.style.color = `var(${name})`;
  const { color } = window.getComputedStyle(probe);
  probe.style.color = '';
  return color;
}
