import type {
  HourStats,
  MailList,
  MailSort,
  StatsPoint,
  StatsTotals,
} from 'nestjs-email-tracking/stats';
import type { SentSummary } from '../mail/sent-mails.js';
import { hiddenFields, hrefTo } from './address.js';
import { renderChart } from './chart.view.js';
import { renderExport } from './export.view.js';
import { campaignPath, text } from './format.js';
import { renderFrame } from './frame.view.js';
import { renderHours } from './hours.view.js';
import type { LinkNumbers } from './links.js';
import { renderFirstLinks } from './links.view.js';
import { renderMails } from './mails.view.js';
import { renderOverlay } from './overlay.view.js';
import type { Period } from './period.js';
import { renderPeriods } from './periods.view.js';
import { renderReaders } from './readers.view.js';
import { orderOf, renderPager, sortingOf } from './table.view.js';
import { renderTiles } from './tiles.view.js';

export const MAILS_A_PAGE = 25;

export interface CampaignData {
  campaign: string;
  period: Period;
  totals: StatsTotals;
  points: StatsPoint[];
  links: LinkNumbers[];
  /** Its mails, one for each subject. */
  subjects: SentSummary[];
  /** The one that is shown. */
  shown: SentSummary | null;
  mails: MailList;
  search: string;
  page: number;
  sort: MailSort;
  isDescending: boolean;
  hours: HourStats[];
}

export function renderCampaign(data: CampaignData): string {
  const { campaign, period, totals, points, links, subjects, shown, mails, search, page } = data;
  const path = campaignPath(campaign);
  const query = { ...period.query, search };
  const asked = { ...period.query, campaign };
  const sorting = sortingOf(path, query, data.sort, data.isDescending);
  return renderFrame(
    text(campaign),
    `<div class="page-head"><div><p class="crumbs"><a href="/dashboard">Dashboard</a> / Campaign</p>
    <h1>${text(campaign)}</h1></div>${renderPeriods(path, period, { search })}</div>
  <section class="panel" aria-labelledby="readers-title"><h2 id="readers-title">Who opened and clicked</h2>
    <div id="readers" data-live>${renderReaders(totals, asked)}</div></section>
  <section id="totals" data-live aria-label="Summary of the period">${renderTiles(totals, asked)}</section>
  <section class="panel" aria-labelledby="chart-title"><h2 id="chart-title">Opens and clicks over time</h2>
    ${renderChart(points, period, campaign)}</section>
  <div class="halves even">
    <section class="panel" aria-labelledby="links-title">
      <h2 id="links-title">Links <small>of all time</small></h2>
      <div id="links" data-live>${renderFirstLinks(links, { campaign })}</div>
    </section>
    <section class="panel" aria-labelledby="mail-title">
      <h2 id="mail-title">Clicks on the mail</h2>
      ${renderSubjects(path, period, subjects, shown)}
      ${renderOverlay(shown && hrefTo(`${path}/mail`, { mail: shown.messageId }), shown?.subject)}
    </section>
  </div>
  <section class="panel" aria-labelledby="hours-title">
    <h2 id="hours-title">Hours</h2>
    <div id="hours" data-live>${renderHours(data.hours, period.timeZone)}</div>
    ${renderExport('hours', asked, false)}
  </section>
  <section class="panel" aria-labelledby="mails-title">
    <h2 id="mails-title">Mails</h2>
    <form class="search" action="${path}" method="get" role="search">
      ${hiddenFields(period.query)}
      <label for="search">Search by the start of the address</label>
      <input id="search" name="search" maxlength="254" value="${text(search)}">
      <button class="button" type="submit">Search</button></form>
    <div id="mails" data-live>${renderMails(mails.mails, sorting)}
    ${renderPager({
      ...{ path, query: { ...query, ...orderOf(sorting) }, page },
      ...{ size: MAILS_A_PAGE, of: mails.total, noun: 'mail' },
    })}</div>
    ${renderExport('mails', { campaign, search })}
  </section>`,
  );
}

function renderSubjects(
  path: string,
  { query }: Period,
  subjects: SentSummary[],
  shown: SentSummary | null,
): string {
  if (subjects.length < 2) return '';
  return `<nav class="subjects" aria-label="Mails of this campaign">${subjects
    .map(({ messageId, subject }) => {
      const address = hrefTo(path, { ...query, mail: messageId });
      const current = messageId === shown?.messageId ? ' aria-current="page"' : '';
      return `<a href="${address}"${current}>${text(subject)}</a>`;
    })
    .join('')}</nav>`;
}
