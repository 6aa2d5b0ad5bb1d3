import type {
  CampaignList,
  RecordedEvent,
  StatsPoint,
  StatsTotals,
} from 'nestjs-email-tracking/stats';
import { renderActivity } from './activity.view.js';
import { renderChart, renderPeriods } from './chart.view.js';
import { renderFrame } from './frame.view.js';
import type { Period } from './period.js';
import { renderPager, renderTable, type Column } from './table.view.js';
import { renderTiles } from './tiles.view.js';
import { campaignPath, number, percent, text, time } from './words.js';

export const CAMPAIGNS_A_PAGE = 20;

export interface DashboardData {
  period: Period;
  totals: StatsTotals;
  points: StatsPoint[];
  campaigns: CampaignList;
  latest: RecordedEvent[];
  search: string;
  page: number;
}

export function renderDashboard(data: DashboardData): string {
  const { period, totals, points, campaigns, latest, search, page } = data;
  const isEmpty = campaigns.total === 0 && latest.length === 0 && totals.prepared === 0 && !search;
  return renderFrame(
    'Dashboard',
    `<div class="page-head"><h1>Dashboard</h1>${renderPeriods('/dashboard', period.days)}</div>
  <div id="empty" data-live>${isEmpty ? FIRST_STEPS : ''}</div>
  <section id="totals" data-live aria-label="The period at a glance">${renderTiles(totals)}</section>
  <section class="panel" aria-labelledby="chart-title"><h2 id="chart-title">Over time</h2>
    ${renderChart(points, period)}</section>
  <div class="halves">
    <section class="panel" aria-labelledby="campaigns-title">
      <h2 id="campaigns-title">Campaigns <small>of all time</small></h2>
      ${renderSearch(search, campaigns.total, period)}
      <div id="campaigns" data-live>${renderCampaigns(data)}</div>
      ${renderPager('/dashboard', { days: String(period.days), ...(search && { search }) }, page, page * CAMPAIGNS_A_PAGE < campaigns.total)}
    </section>
    <section class="panel" aria-labelledby="activity-title">
      <h2 id="activity-title">What happens now</h2>
      <div id="activity" data-live>${renderActivity(latest)}</div>
    </section>
  </div>`,
  );
}

const FIRST_STEPS = `<section class="panel first" aria-labelledby="first-title">
    <h2 id="first-title">Nothing has happened yet</h2>
    <ol>
      <li><a href="/#compose">Send a mail</a>. The <code>campaign</code> in its metadata gathers mails on this page.</li>
      <li>Read it there and follow a link: an open and a click by a person.</li>
      <li>Come back, choose the campaign, then a mail: there a machine can visit, and a provider can report a bounce.</li>
    </ol>
  </section>`;

/** Not worth a field where there is little to find. */
function renderSearch(search: string, total: number, { days }: Period): string {
  if (!search && total <= CAMPAIGNS_A_PAGE) return '';
  return `<form class="search" action="/dashboard" method="get" role="search">
    <input type="hidden" name="days" value="${days}">
    <label for="search">Name holds</label>
    <input id="search" name="search" maxlength="254" value="${text(search)}">
    <button class="button" type="submit">Find</button></form>`;
}

const COLUMNS: Column[] = [
  { title: 'Campaign' },
  { title: 'Mails', isNumber: true },
  { title: 'Open rate', isNumber: true },
  { title: 'Click rate', isNumber: true },
  { title: 'Privacy proxies', isNumber: true },
  { title: 'Machines', isNumber: true },
  { title: 'Came back', isNumber: true },
  { title: 'Last event' },
];

function renderCampaigns({ campaigns: { campaigns }, search, period }: DashboardData): string {
  if (campaigns.length === 0) {
    return search
      ? `<p class="empty">No campaign has “${text(search)}” in its name.</p>`
      : '<p class="empty">Mails whose metadata has a <code>campaign</code> are gathered here.</p>';
  }
  return renderTable(
    'Campaigns, and what people and machines did with them',
    COLUMNS,
    campaigns.map(({ campaign, lastAt, recipients, opens, clicks, bounces, rates }) => [
      `<a href="${campaignPath(campaign)}?days=${period.days}">${text(campaign)}</a>`,
      number(recipients),
      rate(rates.open, opens.people.unique),
      rate(rates.click, clicks.people.unique),
      number(opens.privacyProxies.unique),
      number(opens.machines.unique + clicks.machines.unique),
      number(bounces.unique),
      time(lastAt, true),
    ]),
  );
}

const rate = (share: number | null, people: number): string =>
  `<span><b>${percent(share)}</b> <small>${number(people)}</small></span>`;
