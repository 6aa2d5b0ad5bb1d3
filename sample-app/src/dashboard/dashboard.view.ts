import type {
  CampaignList,
  RecordedEvent,
  StatsPoint,
  StatsTotals,
  UnsubscribeNumbers,
} from 'nestjs-email-tracking/stats';
import type { SuppressionList } from 'nestjs-email-tracking/suppression';
import { renderActivity } from './activity.view.js';
import { renderChart, renderPeriods } from './chart.view.js';
import { campaignPath, day, number, percent, text } from './format.js';
import { renderFrame } from './frame.view.js';
import type { Period } from './period.js';
import { renderPager, renderTable, type Column } from './table.view.js';
import { renderLatestSuppressed } from './suppressed.view.js';
import { allMailsOf, renderTiles } from './tiles.view.js';
import { eventName, READERS } from '../words.js';

export const CAMPAIGNS_A_PAGE = 20;

export interface DashboardData {
  period: Period;
  totals: StatsTotals;
  points: StatsPoint[];
  campaigns: CampaignList;
  latest: RecordedEvent[];
  suppressed: SuppressionList;
  search: string;
  page: number;
}

export function renderDashboard(data: DashboardData): string {
  const { period, totals, points, campaigns, latest, suppressed, search, page } = data;
  const isEmpty = campaigns.total === 0 && latest.length === 0 && totals.prepared === 0 && !search;
  return renderFrame(
    'Dashboard',
    `<div class="page-head"><h1>Dashboard</h1>${renderPeriods('/dashboard', period.days)}</div>
  <div id="empty" data-live>${isEmpty ? FIRST_STEPS : ''}</div>
  <section id="totals" data-live aria-label="Summary of the period">${renderTiles(totals)}</section>
  <section class="panel" aria-labelledby="chart-title"><h2 id="chart-title">Opens and clicks over time</h2>
    ${renderChart(points, period)}</section>
  <div class="halves">
    <section class="panel" aria-labelledby="campaigns-title">
      <h2 id="campaigns-title">Campaigns <small>of all time</small></h2>
      ${renderSearch(search, campaigns.total, period)}
      <div id="campaigns" data-live>${renderCampaigns(data)}</div>
      ${renderPager('/dashboard', { days: String(period.days), ...(search && { search }) }, page, page * CAMPAIGNS_A_PAGE < campaigns.total)}
    </section>
    <section class="panel" aria-labelledby="activity-title">
      <h2 id="activity-title">Latest events</h2>
      <div id="activity" data-live>${renderActivity(latest)}</div>
    </section>
  </div>
  <section class="panel" aria-labelledby="suppressed-title">
    <h2 id="suppressed-title">Suppressed <small>who must not be written to</small></h2>
    <div id="suppressed" data-live>${renderLatestSuppressed(suppressed)}</div>
  </section>`,
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
function renderSearch(search: string, total: number, { days }: Period): string {
  if (!search && total <= CAMPAIGNS_A_PAGE) return '';
  return `<form class="search" action="/dashboard" method="get" role="search">
    <input type="hidden" name="days" value="${days}">
    <label for="search">Search campaigns</label>
    <input id="search" name="search" maxlength="254" value="${text(search)}">
    <button class="button" type="submit">Search</button></form>`;
}

const COLUMNS: Column[] = [
  { title: 'Campaign' },
  { title: 'Mails', isNumber: true },
  { title: 'Open rate', isNumber: true },
  { title: 'Click rate', isNumber: true },
  { title: READERS.privacyProxies, isNumber: true },
  { title: READERS.machines, isNumber: true },
  { title: eventName('bounced'), isNumber: true },
  { title: eventName('unsubscribed'), isNumber: true },
  { title: 'Last activity' },
];

function renderCampaigns({ campaigns: { campaigns }, search, period }: DashboardData): string {
  if (campaigns.length === 0) {
    return search
      ? `<p class="empty">No campaign with “${text(search)}” in its name.</p>`
      : '<p class="empty">No campaigns yet: send a mail with a <code>campaign</code> in its metadata.</p>';
  }
  return renderTable(
    'Campaigns, with rates by people and hits by machines',
    COLUMNS,
    campaigns.map((totals) => {
      const { campaign, lastAt, opens, clicks, unsubscribes, rates, cohort } = totals;
      return [
        `<a href="${campaignPath(campaign)}?days=${period.days}">${text(campaign)}</a>`,
        number(allMailsOf(totals)),
        rate(rates.open, cohort.opened),
        rate(rates.click, cohort.clicked),
        number(opens.privacyProxies.total + clicks.privacyProxies.total),
        number(opens.machines.total + clicks.machines.total),
        number(cohort.bounced),
        left(unsubscribes),
        day(lastAt),
      ];
    }),
  );
}

/** Mails whose reader left, and how many of them a machine did. */
const left = ({ unique, byMachine }: UnsubscribeNumbers): string =>
  byMachine.unique > 0
    ? `<span><b>${number(unique)}</b> <small>${number(byMachine.unique)} by machines</small></span>`
    : number(unique);

const rate = (share: number | null, mails: number): string =>
  `<span><b>${percent(share)}</b> <small>${number(mails)}</small></span>`;
