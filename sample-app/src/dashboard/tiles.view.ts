import type { StatsTotals } from 'nestjs-email-tracking/stats';
import { number, percent, plural } from './words.js';

/** What there is to say at a glance. */
export function renderTiles({
  recipients,
  delivered,
  opens,
  clicks,
  bounces,
  complaints,
  rates,
}: StatsTotals): string {
  const machines = opens.machines.total + clicks.machines.total;
  return `<dl class="tiles">
    ${tile('Mails', number(recipients), delivered > 0 ? `${number(delivered)} delivered, as the provider says` : 'prepared for a recipient')}
    ${tile('Opened by people', percent(rates.open), atMost(opens.people.unique, rates.openAtMost), 'people')}
    ${tile('Clicked by people', percent(rates.click), atMost(clicks.people.unique, rates.clickAtMost), 'people')}
    ${tile('Privacy proxies', number(opens.privacyProxies.unique), 'mails fetched, read or not', 'proxy')}
    ${tile('Machines', number(machines), `${plural(opens.machines.total, 'open')}, ${plural(clicks.machines.total, 'click')}`, 'machine')}
    ${tile('Came back', number(bounces.unique), complaints.unique > 0 ? plural(complaints.unique, 'complaint') : 'no complaints')}
  </dl>`;
}

function tile(title: string, value: string, more: string, kind = 'none'): string {
  return `<div class="tile of-${kind}"><dt>${title}</dt><dd><b>${value}</b><small>${more}</small></dd></div>`;
}

function atMost(people: number, most: number | null): string {
  return `${plural(people, 'mail')}; ${most === null ? 'no rate yet' : `at most ${percent(most)}`}`;
}
