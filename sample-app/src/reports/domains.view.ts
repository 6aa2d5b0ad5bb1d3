import type { DomainStats } from 'nestjs-email-tracking/stats';
import { withoutPeriod, type Query } from '../dashboard/address.js';
import { renderExport } from '../dashboard/export.view.js';
import { renderFilters } from '../dashboard/filters.view.js';
import { number, text } from '../dashboard/format.js';
import { renderFrame } from '../dashboard/frame.view.js';
import { renderPeriodsOrAll } from '../dashboard/periods.view.js';
import { rate } from '../dashboard/rate.view.js';
import { renderPager, renderTable, sortingOf, type Column } from '../dashboard/table.view.js';
import { hitsBy, who } from '../dashboard/who.js';
import type { DomainSort } from '../web/queries.dto.js';
import { eventName, MACHINES_AND_PROXIES } from '../words.js';
import type { ListData } from './events.view.js';

export const DOMAINS_A_PAGE = 25;
const PATH = '/domains';

export interface DomainsData extends ListData<DomainStats[]> {
  sort: DomainSort;
  isDescending: boolean;
}

const COLUMNS: Column[] = [
  { title: 'Domain', isName: true, sort: 'domain' },
  { title: 'Mails', isNumber: true, sort: 'mails' },
  { title: eventName('delivered'), isNumber: true, sort: 'delivered' },
  { title: eventName('bounced'), isNumber: true, sort: 'bounced' },
  { title: eventName('complained'), isNumber: true, sort: 'complained' },
  { title: 'Open rate', isNumber: true, sort: 'opened' },
  { title: 'Click rate', isNumber: true, sort: 'clicked' },
  { title: MACHINES_AND_PROXIES, isNumber: true, sort: 'machines' },
];

/** What a domain is sorted by. */
const VALUES: Record<DomainSort, (stats: DomainStats) => number | string> = {
  domain: ({ domain }) => domain ?? '',
  mails: ({ prepared }) => prepared,
  delivered: ({ cohort }) => cohort.delivered,
  bounced: ({ cohort }) => cohort.bounced,
  complained: ({ cohort }) => cohort.complained,
  opened: ({ rates }) => rates.open ?? -1,
  clicked: ({ rates }) => rates.click ?? -1,
  machines: machinesOf,
};

/** How each domain of recipients takes the mails. */
export function renderDomains(data: DomainsData): string {
  const { list, query, period, page, sort, isDescending } = data;
  const { days, from, to } = query;
  const sorted = list.toSorted(byValue(VALUES[sort], isDescending));
  const shown = sorted.slice((page - 1) * DOMAINS_A_PAGE, page * DOMAINS_A_PAGE);
  const { campaign } = query;
  return renderFrame(
    'Domains',
    `<div class="page-head"><div><h1>Domains</h1>
    <p class="hint">Whether mails arrive, by the domain of the recipients.</p></div>
    ${renderPeriodsOrAll(PATH, period, withoutPeriod(query))}</div>
  <section class="panel" aria-labelledby="list-title"><h2 id="list-title">Domains</h2>
    ${renderFilters(PATH, [{ name: 'campaign', label: 'Campaign' }], query, { ...period?.query })}
    <div id="domains" data-live>${
      shown.length === 0
        ? '<p class="empty">No mails.</p>'
        : renderTable(
            'Domains of recipients',
            COLUMNS,
            shown.map((stats) => cellsOf(stats, { campaign, ...period?.query })),
            sortingOf(PATH, query, sort, isDescending),
          )
    }
    ${renderPager({ path: PATH, query, page, size: DOMAINS_A_PAGE, of: list.length, noun: 'domain' })}</div>
    ${renderExport('domains', { campaign, days, from, to }, false)}
  </section>`,
  );
}

function byValue(value: (stats: DomainStats) => number | string, isDescending: boolean) {
  const sign = isDescending ? -1 : 1;
  return (one: DomainStats, other: DomainStats): number => {
    const [a, b] = [value(one), value(other)];
    return a === b ? 0 : a < b ? -sign : sign;
  };
}

function machinesOf({ opens, clicks }: DomainStats): number {
  return [opens, clicks].reduce(
    (n, hits) => n + hits.machines.total + hits.privacyProxies.total,
    0,
  );
}

function cellsOf(stats: DomainStats, shared: Query): string[] {
  const { domain, prepared, cohort, rates } = stats;
  const query = { ...shared, domain: domain ?? undefined };
  const sent = { ...query, of: 'sent' };
  // What names nobody has no domain to ask for.
  const to = (count: number, path: string, of: Query) =>
    domain === null ? number(count) : who(count, path, of);
  return [
    domain === null ? 'nobody named' : text(domain),
    number(prepared),
    to(cohort.delivered, '/events', { ...sent, type: 'delivered' }),
    to(cohort.bounced, '/bounces', { ...sent, type: 'bounced' }),
    to(cohort.complained, '/bounces', { ...sent, type: 'complained' }),
    rate(rates.open, to(cohort.opened, '/events', hitsBy(['opened', 'clicked'], 'people', sent))),
    rate(rates.click, to(cohort.clicked, '/events', hitsBy('clicked', 'people', sent))),
    to(
      machinesOf(stats),
      '/events',
      hitsBy(['opened', 'clicked'], ['privacyProxies', 'machines'], query),
    ),
  ];
}
