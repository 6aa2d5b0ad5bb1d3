import type { MailList, MailState, StatsPoint, StatsTotals } from 'nestjs-email-tracking/stats';
import type { SentSummary } from '../mail/sent-mails.js';
import { eventName, MACHINES_AND_PROXIES, READERS } from '../words.js';
import { renderChart, renderPeriods } from './chart.view.js';
import { campaignPath, messagePath, text, time } from './format.js';
import { renderFrame } from './frame.view.js';
import type { LinkNumbers } from './links.js';
import { renderLinks } from './links.view.js';
import { renderOverlay } from './overlay.view.js';
import type { Period } from './period.js';
import { renderPager, renderTable, type Column } from './table.view.js';
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
  const query = { days: String(period.days), ...(search && { search }) };
  return renderFrame(
    text(campaign),
    `<div class="page-head"><div><p class="crumbs"><a href="/dashboard">Dashboard</a> / Campaign</p>
    <h1>${text(campaign)}</h1></div>${renderPeriods(path, period.days)}</div>
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
      ${renderOverlay(shown && `${path}/mail?mail=${encodeURIComponent(shown.messageId)}`, shown?.subject)}
    </section>
  </div>
  <section class="panel" aria-labelledby="mails-title">
    <h2 id="mails-title">Mails</h2>
    <form class="search" action="${path}" method="get" role="search">
      <input type="hidden" name="days" value="${period.days}">
      <label for="search">Search by the start of the address</label>
      <input id="search" name="search" maxlength="254" value="${text(search)}">
      <button class="button" type="submit">Search</button></form>
    <div id="mails" data-live>${renderMails(mails)}</div>
    ${renderPager(path, query, page, mails.hasMore)}
  </section>`,
  );
}

function renderSubjects(
  path: string,
  { days }: Period,
  subjects: SentSummary[],
  shown: SentSummary | null,
): string {
  if (subjects.length < 2) return '';
  return `<nav class="subjects" aria-label="Mails of this campaign">${subjects
    .map(({ messageId, subject }) => {
      const address = `${path}?days=${days}&amp;mail=${encodeURIComponent(messageId)}`;
      const current = messageId === shown?.messageId ? ' aria-current="page"' : '';
      return `<a href="${address}"${current}>${text(subject)}</a>`;
    })
    .join('')}</nav>`;
}

const COLUMNS: Column[] = [
  { title: 'Recipient' },
  { title: 'Sent' },
  { title: 'Opened' },
  { title: 'Clicked' },
  { title: MACHINES_AND_PROXIES },
  { title: 'Problems' },
];

function renderMails({ mails }: MailList): string {
  if (mails.length === 0) return '<p class="empty">No mails found.</p>';
  return renderTable(
    'Mails of the campaign, with what happened to each',
    COLUMNS,
    mails.map((mail) => [
      linkTo(mail),
      when(mail.preparedAt),
      by(mail.openedAt, mail.maybeOpenedAt),
      by(mail.clickedAt, mail.maybeClickedAt),
      when(mail.machineAt),
      problemsOf(mail),
    ]),
  );
}

function linkTo({ messageId, recipient }: MailState): string {
  const name = text(recipient ?? 'nobody named');
  return messageId === null ? name : `<a href="${messagePath(messageId)}">${name}</a>`;
}

const when = (date: Date | null): string => (date ? time(date, 'minute') : '–');

/** When a person did it, or that the reader is unknown. */
const by = (person: Date | null, unknown: Date | null): string =>
  !person && unknown ? READERS.unknown : when(person);

function problemsOf({ bouncedAt, complainedAt, unsubscribedAt }: MailState): string {
  const problems = [
    bouncedAt && eventName('bounced'),
    complainedAt && eventName('complained'),
    unsubscribedAt && eventName('unsubscribed'),
  ].filter(Boolean);
  return problems.join(', ') || '–';
}
