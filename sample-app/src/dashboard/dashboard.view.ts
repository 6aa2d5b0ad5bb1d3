import type {
  CampaignList,
  CampaignSort,
  CampaignTotals,
  HourStats,
  ReaderClass,
  RecordedEvent,
  StatsPoint,
  StatsTotals,
  UnsubscribeNumbers,
} from 'nestjs-email-tracking/stats';
import type { SuppressionList } from 'nestjs-email-tracking/suppression';
import { renderActivity } from './activity.view.js';
import { hiddenFields, hrefTo } from './address.js';
import { renderChart } from './chart.view.js';
import { renderExport } from './export.view.js';
import { renderHours } from './hours.view.js';
import { campaignPath, day, number, text } from './format.js';
import { renderFrame } from './frame.view.js';
import type { Period } from './period.js';
import { renderPeriods } from './periods.view.js';
import { renderReaders } from './readers.view.js';
import { orderOf, renderPager, renderTable, sortingOf, type Column } from './table.view.js';
import { renderLatestSuppressed } from './suppressed.view.js';
import { renderTiles } from './tiles.view.js';
import { counted } from './rate.view.js';
import { hitsBy, who } from './who.js';
import { eventName, READERS } from '../words.js';

export const CAMPAIGNS_A_PAGE = 8;
/** How many bursts of events are shown. */
const ENTRIES = 5;

export interface DashboardData {
  period: Period;
  totals: StatsTotals;
  points: StatsPoint[];
  campaigns: CampaignList;
  latest: RecordedEvent[];
  suppressed: SuppressionList;
  search: string;
  page: number;
  sort: CampaignSort;
  isDescending: boolean;
  hours: HourStats[];
}

export function renderDashboard(data: DashboardData): string {
  const { period, totals, points, campaigns, latest, suppressed, search } = data;
  const isEmpty = campaigns.total === 0 && latest.length === 0 && totals.prepared === 0 && !search;
  const keep = search ? { search } : {};
  return renderFrame(
    'Dashboard',
    `<div class="page-head"><h1>Dashboard</h1>${renderPeriods('/dashboard', period, keep)}</div>
  <div id="empty" data-live>${isEmpty ? FIRST_STEPS : ''}</div>
  <div class="halves">
    <div class="column">
      <section class="panel" aria-labelledby="readers-title"><h2 id="readers-title">Who opened and clicked</h2>
        <div id="readers" data-live>${renderReaders(totals, period.query)}</div></section>
      <section id="totals" data-live aria-label="Summary of the period">${renderTiles(totals, period.query)}</section>
    </div>
    <section class="panel" aria-labelledby="activity-title">
      <h2 id="activity-title">Latest events</h2>
      <div id="activity" data-live>${renderActivity(latest, { limit: ENTRIES })}</div>
      <p class="more"><a href="/events">All events</a></p>
    </section>
  </div>
  <section class="panel" aria-labelledby="chart-title"><h2 id="chart-title">Opens and clicks over time</h2>
    ${renderChart(points, period)}</section>
  <section class="panel" aria-labelledby="campaigns-title">
    <h2 id="campaigns-title">Campaigns <small>of all time</small></h2>
    ${renderSearch(search, campaigns.total, period)}
    <div id="campaigns" data-live>${renderCampaigns(data)}</div>
  </section>
  <section class="panel" aria-labelledby="hours-title">
    <h2 id="hours-title">Hours</h2>
    <div id="hours" data-live>${renderHours(data.hours, period.timeZone)}</div>
    ${renderExport('hours', period.query, false)}
  </section>
  <section class="panel" aria-labelledby="suppressed-title">
    <h2 id="suppressed-title">Suppressed <small>who must not be written to</small></h2>
    <div id="suppressed" data-live>${renderLatestSuppressed(suppressed)}</div>
  </section>
  <p class="more"><a href="/dashboard/metrics">Metrics of this process</a></p>`,
  );
}

const FIRST_STEPS = `<section class="panel first" aria-labelledby="first-title">
    <h2 id="first-title">Nothing has happened yet</h2>
    <ol>
      <li><a href="/#compose">Send a mail</a>. Mails with the same <code>campaign</code> in their metadata are one campaign here.</li>
      <li>Open the mail and click a link in it: this page counts an open and a click by a person.</li>
      <li>Come back and choose the campaign, then the mail. Let a machine visit it, or let a provider report a bounce.</li>
    </ol>
  </section>`;

/** A search field, where there is more than one page. */
function renderSearch(search: string, total: number, { query }: Period): string {
  if (!search && total <= CAMPAIGNS_A_PAGE) return '';
  return `<form class="search" action="/dashboard" method="get" role="search">
    ${hiddenFields(query)}
    <label for="search">Search campaigns</label>
    <input id="search" name="search" maxlength="254" value="${text(search)}">
    <button class="button" type="submit">Search</button></form>`;
}

const COLUMNS: Column[] = [
  { title: 'Campaign', isName: true, sort: 'campaign' },
  { title: 'Mails', isNumber: true, sort: 'mails' },
  { title: 'Opened', isNumber: true, sort: 'opens' },
  { title: 'Clicked', isNumber: true, sort: 'clicks' },
  { title: READERS.privacyProxies, isNumber: true },
  { title: READERS.machines, isNumber: true },
  { title: eventName('bounced'), isNumber: true, sort: 'bounces' },
  { title: eventName('unsubscribed'), isNumber: true, sort: 'unsubscribes' },
  { title: 'Last activity', isAside: true, sort: 'lastAt' },
];

function renderCampaigns(data: DashboardData): string {
  const { period, search, page, sort, isDescending } = data;
  const { campaigns, total } = data.campaigns;
  if (campaigns.length === 0) {
    return search
      ? `<p class="empty">No campaign with “${text(search)}” in its name.</p>`
      : '<p class="empty">No campaigns yet: send a mail with a <code>campaign</code> in its metadata.</p>';
  }
  const path = '/dashboard';
  const query = { ...period.query, search };
  const sorting = sortingOf(path, query, sort, isDescending);
  const rows = campaigns.map((campaign) => cellsOf(campaign, period));
  return `${renderTable('Campaigns, with readers and rates', COLUMNS, rows, sorting)}
    ${renderPager({
      ...{ path, query: { ...query, ...orderOf(sorting) }, page },
      ...{ size: CAMPAIGNS_A_PAGE, of: total, noun: 'campaign' },
    })}${renderExport('campaigns', { search }, false)}`;
}

function cellsOf(totals: CampaignTotals, { query }: Period): string[] {
  const { campaign, audience, lastAt, opens, clicks, unsubscribes, rates, cohort } = totals;
  const hits = (types: string[], by: ReaderClass, count: number) =>
    who(count, '/events', hitsBy(types, by, { campaign }));
  const both = ['opened', 'clicked'];
  return [
    `<a href="${hrefTo(campaignPath(campaign), query)}">${text(campaign)}</a>`,
    number(audience),
    counted(hits(['opened'], 'people', cohort.opened), rates.open),
    counted(hits(['clicked'], 'people', cohort.clicked), rates.click),
    hits(both, 'privacyProxies', opens.privacyProxies.total + clicks.privacyProxies.total),
    hits(both, 'machines', opens.machines.total + clicks.machines.total),
    who(cohort.bounced, '/bounces', { campaign, type: 'bounced' }),
    left(unsubscribes, campaign),
    day(lastAt),
  ];
}

/** Mails whose reader left, and how many of them a machine did. */
function left({ unique, byMachine }: UnsubscribeNumbers, campaign: string): string {
  const all = who(unique, '/events', { campaign, type: 'unsubscribed' });
  if (byMachine.unique === 0) return all;
  return `<span><b>${all}</b> <small>${number(byMachine.unique)} by machines</small></span>`;
}
