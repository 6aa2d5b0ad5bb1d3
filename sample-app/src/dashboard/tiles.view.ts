import type { StatsTotals, UnsubscribeNumbers } from 'nestjs-email-tracking/stats';
import { eventName } from '../words.js';
import { number, percent, plural } from './format.js';

/** The summary of a period: of the mails that were sent in it, whenever the rest happened. */
export function renderTiles(totals: StatsTotals): string {
  const { cohort, unsubscribes, rates } = totals;
  const { mails, withPixel, opened, withLinks, clicked, delivered, bounced, complained } = cohort;
  return `<dl class="tiles">
    ${tile('Mails', number(allMailsOf(totals)), `sent in this period${onlyCounted(totals)}${delivered > 0 ? `, ${number(delivered)} delivered` : ''}`)}
    ${tile(
      'Opened by people',
      percent(rates.open),
      `${partOf(opened, withPixel, mails, 'with an image')}${atMost(rates.open, rates.openAtMost)}`,
      'people',
    )}
    ${tile(
      'Clicked by people',
      percent(rates.click),
      `${partOf(clicked, withLinks, mails, 'with links')}${atMost(rates.click, rates.clickAtMost)}`,
      'people',
    )}
    ${tile(eventName('bounced'), number(bounced), `of ${plural(mails, 'mail')}; ${number(complained)} ${eventName('complained').toLowerCase()}`)}
    ${tile(eventName('unsubscribed'), number(cohort.unsubscribed), `of ${plural(mails, 'mail')}${waysOf(unsubscribes)}`)}
  </dl>`;
}

/** Mails that name their recipient, and those that do not: only the former have rates. */
export const allMailsOf = ({ cohort, ...totals }: StatsTotals): number =>
  cohort.mails + namelessOf(totals);

const namelessOf = ({ prepared, recipients }: Pick<StatsTotals, 'prepared' | 'recipients'>) =>
  Math.max(0, prepared - recipients);

function onlyCounted(totals: StatsTotals): string {
  const nameless = namelessOf(totals);
  return nameless === 0 ? '' : `, ${number(nameless)} of which name nobody`;
}

/** How readers left, if some did: "2 by link (1 by machines), 1 by provider". */
function waysOf({ total, byLink, byProvider, byMachine }: UnsubscribeNumbers): string {
  if (total === 0) return '';
  const machines = byMachine.unique > 0 ? ` (${number(byMachine.unique)} by machines)` : '';
  return `; in this period ${number(byLink.unique)} by link${machines}, ${number(byProvider.unique)} by provider`;
}

function tile(title: string, value: string, more: string, kind = 'none'): string {
  return `<div class="tile of-${kind}"><dt>${title}</dt><dd><b>${value}</b><small>${more}</small></dd></div>`;
}

/** The count behind a rate, over the same mails. */
function partOf(part: number, base: number, mails: number, what: string): string {
  return `${number(part)} of ${plural(base, 'mail')}${base === mails ? '' : ` ${what}`}`;
}

/** What the rate may be if all unknown readers are people; nothing where that is the same. */
function atMost(rate: number | null, most: number | null): string {
  return percent(rate) === percent(most) ? '' : `; at most ${percent(most)}`;
}
