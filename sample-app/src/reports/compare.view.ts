import type {
  CompareMetric,
  ComparedPair,
  ComparedVariant,
  Comparison,
} from 'nestjs-email-tracking/stats';
import type { Query } from '../dashboard/address.js';
import { campaignPath, number, percent, text } from '../dashboard/format.js';
import { renderFrame } from '../dashboard/frame.view.js';
import { renderTable } from '../dashboard/table.view.js';
import { who } from '../dashboard/who.js';
import { METRIC_NAMES, METRICS, UNTOLD } from '../words.js';

export interface CompareData {
  /** The campaigns that are compared, in this order. */
  chosen: string[];
  /** Campaigns to choose from. */
  known: string[];
  metric: CompareMetric;
  /** Whether they are parts of one test, of equal size. */
  isEven: boolean;
  /** Null while fewer than two are chosen. */
  comparison: Comparison | null;
}

/** Campaigns side by side: which is better, or that it cannot be told. */
export function renderCompare(data: CompareData): string {
  const { comparison } = data;
  return renderFrame(
    'Compare',
    `<div class="page-head"><div><h1>Compare</h1>
    <p class="hint">A campaign wins if chance does not explain the difference, whether unknown readers are people or not.</p></div></div>
  <section class="panel" aria-labelledby="choose-title"><h2 id="choose-title">Two to five campaigns</h2>
    ${renderForm(data)}</section>
  ${comparison ? renderComparison(data, comparison) : ''}`,
  );
}

function renderForm({ chosen, known, metric, isEven }: CompareData): string {
  const names = [...new Set([...chosen, ...known])];
  const boxes = names.map(
    (name) =>
      `<label><input type="checkbox" name="campaign" value="${text(name)}"${chosen.includes(name) ? ' checked' : ''}> ${text(name)}</label>`,
  );
  const options = METRIC_NAMES.map(
    (name) =>
      `<option value="${name}"${name === metric ? ' selected' : ''}>${METRICS[name].name}</option>`,
  );
  return `<form class="filters" action="/compare" method="get">
    <fieldset class="boxes"><legend>Campaigns</legend>${boxes.join('')}</fieldset>
    <label>Another campaign <input name="campaign" maxlength="400" autocomplete="off"></label>
    <label>By <select name="metric">${options.join('')}</select></label>
    <label class="box"><input type="checkbox" name="split" value="even"${isEven ? ' checked' : ''}> Parts of one test, of equal size</label>
    <button class="button" type="submit">Compare</button></form>`;
}

function renderComparison(data: CompareData, comparison: Comparison): string {
  const { chosen, metric } = data;
  const { winner, reason, variants, pairs } = comparison;
  const title = winner === null ? 'Cannot tell' : `“${text(chosen[winner]!)}” wins`;
  const why = reason
    ? UNTOLD[reason]
    : 'It is better than each other one by more than chance, with unknown readers and without.';
  return `<section class="panel" aria-labelledby="outcome-title">
    <div id="comparison" data-live><h2 id="outcome-title">${title}</h2><p class="outcome">${why}</p>
    ${renderTable(
      'The rate of each campaign',
      [
        { title: 'Campaign' },
        { title: METRICS[metric].of.replace(/^m/, 'M'), isNumber: true },
        { title: METRICS[metric].name, isNumber: true },
        { title: 'Rate', isNumber: true },
        { title: '95 % interval' },
        { title: 'With unknown readers', isNumber: true },
      ],
      variants.map((variant, index) =>
        variantCells(variant, chosen[index]!, data.metric, mostOf(variants)),
      ),
    )}</div></section>
  <section class="panel" aria-labelledby="pairs-title"><h2 id="pairs-title">Each two of them</h2>
    <div id="pairs" data-live>${renderTable(
      'How far each two campaigns differ',
      [
        { title: 'Campaigns' },
        { title: 'Difference', isNumber: true },
        { title: '95 % interval' },
        { title: 'As far apart by chance', isNumber: true },
      ],
      pairs.map((pair) => pairCells(pair, chosen)),
    )}</div></section>`;
}

/** The page of who is behind a count. */
const BEHIND: Record<CompareMetric, (campaign: string) => [path: string, query: Query]> = {
  open: (campaign) => ['/events', { campaign, type: 'opened', by: 'people' }],
  click: (campaign) => ['/events', { campaign, type: 'clicked', by: 'people' }],
  bounce: (campaign) => ['/bounces', { campaign, type: 'bounced' }],
  complaint: (campaign) => ['/bounces', { campaign, type: 'complained' }],
  unsubscribe: (campaign) => ['/events', { campaign, type: 'unsubscribed' }],
};

/** The largest rate that is shown: the end of the scale. */
const mostOf = (variants: ComparedVariant[]): number =>
  Math.max(0.001, ...variants.map(({ people }) => people.interval?.high ?? 0));

function variantCells(
  { of, people, atMost }: ComparedVariant,
  campaign: string,
  metric: CompareMetric,
  most: number,
): string[] {
  return [
    `<a href="${campaignPath(campaign)}">${text(campaign)}</a>`,
    number(of),
    who(people.count, ...BEHIND[metric](campaign)),
    percent(people.rate),
    people.interval === null
      ? '–'
      : `<span class="interval">${percent(people.interval.low)} to ${percent(people.interval.high)}
          ${drawing(people.interval.low, people.rate ?? 0, people.interval.high, most)}</span>`,
    percent(atMost.rate),
  ];
}

/** The words beside it have its numbers, so it is only to be seen. */
function drawing(low: number, rate: number, high: number, most: number): string {
  const [x1, x, x2] = [low, rate, high].map((share) => ((share / most) * 196 + 2).toFixed(1));
  return `<svg viewBox="0 0 200 12" aria-hidden="true"><line x1="2" x2="198" y1="6" y2="6"/>
    <line class="of-people" x1="${x1}" x2="${x2}" y1="6" y2="6"/><circle cx="${x}" cy="6" r="4"/></svg>`;
}

function pairCells({ first, second, people }: ComparedPair, names: string[]): string[] {
  const { difference, interval, p } = people;
  return [
    `${text(names[first]!)} – ${text(names[second]!)}`,
    points(difference),
    interval === null ? '–' : `${signed.format(interval.low * 100)} to ${points(interval.high)}`,
    percent(p),
  ];
}

const signed = new Intl.NumberFormat('en', { maximumFractionDigits: 1, signDisplay: 'exceptZero' });

/** A difference of rates, in points of percent. */
const points = (difference: number | null): string =>
  difference === null ? '–' : `${signed.format(difference * 100)} points`;
