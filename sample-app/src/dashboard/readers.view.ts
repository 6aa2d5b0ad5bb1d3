import type { HitNumbers, StatsTotals } from 'nestjs-email-tracking/stats';
import { READER_CLASSES, READERS } from '../words.js';
import type { Query } from './address.js';
import { COLOURS, number, percent } from './format.js';
import { who } from './who.js';

/** The width of a bar, in units of its drawing, and the least of a part that is there. */
const WIDTH = 1000;
const LEAST = 6;

/** Who opened and clicked in a period: a bar for each, cut into the classes of readers. `query` names it. */
export function renderReaders({ opens, clicks }: StatsTotals, query: Query): string {
  const bars = [
    renderBar('Opens', opens, { ...query, type: 'opened' }),
    renderBar('Clicks', clicks, { ...query, type: 'clicked' }),
  ];
  return `<div class="readers">${bars.join('')}</div>`;
}

/** The list below the bar has its numbers, so the bar itself is only to be seen. */
function renderBar(title: string, hits: HitNumbers, query: Query): string {
  return `<div class="reader-bar"><h3>${title} <small>${number(hits.total)} in this period</small></h3>
    <svg viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" aria-hidden="true">${partsOf(hits)}</svg>
    <ul class="shares">${READER_CLASSES.map(
      (name) =>
        `<li class="of-${COLOURS[name]}">${READERS[name]} <b>${who(hits[name].total, '/events', { ...query, by: name })}</b> <small>${percent(shareOf(hits, name))}</small></li>`,
    ).join('')}</ul></div>`;
}

const shareOf = (hits: HitNumbers, name: (typeof READER_CLASSES)[number]): number | null =>
  hits.total === 0 ? null : hits[name].total / hits.total;

function partsOf(hits: HitNumbers): string {
  const shares = READER_CLASSES.map((name) => (shareOf(hits, name) ?? 0) * WIDTH);
  const widths = shares.map((share) => (share === 0 ? 0 : Math.max(LEAST, share)));
  const scale = WIDTH / Math.max(WIDTH, sum(widths));
  return READER_CLASSES.map((name, index) => {
    const [x, width] = [sum(widths.slice(0, index)), widths[index]!].map((at) => at * scale);
    return width === 0
      ? ''
      : `<rect class="of-${COLOURS[name]}" x="${x!.toFixed(1)}" width="${width!.toFixed(1)}" height="10"/>`;
  }).join('');
}

const sum = (parts: number[]): number => parts.reduce((all, part) => all + part, 0);
