import type { StatsTotals, UnsubscribeNumbers } from 'nestjs-email-tracking/stats';
import { eventName } from '../words.js';
import type { Query } from './address.js';
import { number, percent, plural } from './format.js';
import { who } from './who.js';

/** The summary of a period: of the mails that were sent in it, whenever the rest happened. `query` names it. */
export function renderTiles(totals: StatsTotals, query: Query): string {
  const { audience, cohort, of, unsubscribes, rates } = totals;
  const { opened, clicked, delivered, bounced, complained } = cohort;
  // Of the mails that were sent in the period, as the numbers are.
  const sent = { ...query, of: 'sent' };
  const to = (count: number, path: string, more: Query) => who(count, path, { ...sent, ...more });
  const byPeople = (type: string | string[], count: number) =>
    to(count, '/events', { type, by: 'people' });
  const bounces = (type: string, count: number) => to(count, '/bounces', { type });
  const left = to(cohort.unsubscribed, '/events', { type: 'unsubscribed' });
  const arrived = `, ${to(delivered, '/events', { type: 'delivered' })} delivered`;
  const spam = `${bounces('complained', complained)} ${eventName('complained').toLowerCase()}`;
  return `<dl class="tiles">
    ${tile('Mails', number(audience), `sent in this period${nameless(audience - of.bounce)}${delivered > 0 ? arrived : ''}`)}
    ${tile(
      'Opened by people',
      percent(rates.open),
      `${byPeople(['opened', 'clicked'], opened)} ${baseOf(of.open, audience)}${atMost(rates.open, rates.openAtMost)}`,
      'people',
    )}
    ${tile(
      'Clicked by people',
      percent(rates.click),
      `${byPeople('clicked', clicked)} ${baseOf(of.click, audience)}${atMost(rates.click, rates.clickAtMost)}`,
      'people',
    )}
    ${tile(eventName('bounced'), bounces('bounced', bounced), `${baseOf(of.bounce, audience)}; ${spam}`)}
    ${tile(eventName('unsubscribed'), left, `${baseOf(of.unsubscribe, audience)}${waysOf(unsubscribes)}`)}
  </dl>`;
}

/** Mails that only count. */
const nameless = (count: number): string =>
  count > 0 ? `, ${number(count)} of which name nobody` : '';

/** The mails that a number can speak of, beside all that were sent. */
const baseOf = (base: number, audience: number): string =>
  `of ${plural(base, 'mail')}${base < audience ? ` (${number(audience)} sent)` : ''}`;

/** How readers left, if some did: "2 by link (1 by machines), 1 by provider". */
function waysOf({ total, byLink, byProvider, byMachine }: UnsubscribeNumbers): string {
  if (total === 0) return '';
  const machines = byMachine.unique > 0 ? ` (${number(byMachine.unique)} by machines)` : '';
  return `; in this period ${number(byLink.unique)} by link${machines}, ${number(byProvider.unique)} by provider`;
}

function tile(title: string, value: string, more: string, kind = 'none'): string {
  return `<div class="tile of-${kind}"><dt>${title}</dt><dd><b>${value}</b><small>${more}</small></dd></div>`;
}

/** What the rate may be if all unknown readers are people; nothing where that is the same. */
function atMost(rate: number | null, most: number | null): string {
  return percent(rate) === percent(most) ? '' : `; at most ${percent(most)}`;
}
