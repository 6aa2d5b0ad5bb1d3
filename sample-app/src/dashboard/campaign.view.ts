import type { MailList, StatsPoint, StatsTotals } from 'nestjs-email-tracking/stats';
import type { SentSummary } from '../mail/sent-mails.js';
import { hiddenFields, hrefTo } from './address.js';
import { renderChart } from './chart.view.js';
import { campaignPath, text } from './format.js';
import { renderFrame } from './frame.view.js';
import type { LinkNumbers } from './links.js';
import { renderLinks } from './links.view.js';
import { renderMails } from './mails.view.js';
import { renderOverlay } from './overlay.view.js';
import type { Period } from './period.js';
import { renderPeriods } from './periods.view.js';
import { renderReaders } from './readers.view.js';
import { renderPager } from './table.view.js';
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
}

export function renderCampaign(data: CampaignData): string {
  const { campaign, period, totals, points, links, subjects, shown, mails, search, page } = data;
  const path = campaignPath(campaign);
  const query = { ...period.query, search };
  return renderFrame(
    text(campaign),
    `<div class="page-head"><div><p class="crumbs"><a href="/dashboard">Dashboard</a> / Campaign</p>
    <h1>${text(campaign)}</h1></div>${renderPeriods(path, period, { search })}</div>
  <section class="panel" aria-labelledby="readers-title"><h2 id="readers-title">Who opened and clicked</h2>
    <div id="readers" data-live>${renderReaders(totals)}</div></section>
  <section id="totals" data-live aria-label="Summary of the period">${renderTiles(totals)}</section>
  <section class="panel" aria-labelledby="chart-title"><h2 id="chart-title">Opens and clicks over time</h2>
    ${renderChart(points, period)}</section>
  <div class="halves even">
    <section class="panel" aria-labelledby="links-title">
      <h2 id="links-title">Links <small>of all time</small></h2>
      <div id="links" data-live>${renderLinks(links)}</div>
    </section>
    <section class="panel" aria-labelledby="mail-title">
      <h2 id="mail-title">Clicks on the mail</h2>
      ${renderSubjects(path, period, subjects, shown)}
      ${renderOverlay(shown && hrefTo(`${path}/mail`, { mail: shown.messageId }), shown?.subject)}
    </section>
  </div>
  <section class="panel" aria-labelledby="mails-title">
    <h2 id="mails-title">Mails</h2>
    <form class="search" action="${path}" method="get" role="search">
      ${hiddenFields(period.query)}
      <label for="search">Search by the start of the address</label>
      <input id="search" name="search" maxlength="254" value="${text(search)}">
      <button class="button" type="submit">Search</button></form>
    <div id="mails" data-live>${renderMails(mails.mails)}
    ${renderPager({ path, query, page, size: MAILS_A_PAGE, of: mails, noun: 'mail' })}</div>
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
