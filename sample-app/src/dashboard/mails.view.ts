import type { MailState } from 'nestjs-email-tracking/stats';
import { eventName, MACHINES_AND_PROXIES, READERS } from '../words.js';
import { ago, campaignPath, messagePath, text } from './format.js';
import { renderTable, type Column, type Sorting } from './table.view.js';

const COLUMNS: Column[] = [
  { title: 'Sent', isAside: true, sort: 'preparedAt' },
  { title: 'Opened', sort: 'openedAt' },
  { title: 'Clicked', sort: 'clickedAt' },
  { title: MACHINES_AND_PROXIES },
  { title: 'Problems' },
];

/** Mails of a campaign, by their recipients, with what happened to each. */
export function renderMails(mails: MailState[], sorting?: Sorting): string {
  if (mails.length === 0) return '<p class="empty">No mails found.</p>';
  return renderTable(
    'Mails of the campaign, with what happened to each',
    [{ title: 'Recipient', isName: true, sort: 'recipient' }, ...COLUMNS],
    mails.map((mail) => [linkTo(mail, mail.recipient ?? 'nobody named'), ...cellsOf(mail)]),
    sorting,
  );
}

/** Mails to a recipient, the latest first. */
export function renderMailsTo(mails: MailState[]): string {
  if (mails.length === 0) return '<p class="empty">No mail to them is known.</p>';
  return renderTable(
    'Mails to the recipient, with what happened to each',
    [{ title: 'Mail' }, { title: 'Campaign' }, ...COLUMNS],
    mails
      .toReversed()
      .map((mail) => [
        linkTo(mail, `${(mail.messageId ?? 'unknown').slice(0, 8)}…`),
        mail.campaign === null
          ? '–'
          : `<a href="${campaignPath(mail.campaign)}">${text(mail.campaign)}</a>`,
        ...cellsOf(mail),
      ]),
  );
}

const cellsOf = (mail: MailState): string[] => [
  when(mail.preparedAt),
  by(mail.openedAt, mail.maybeOpenedAt),
  by(mail.clickedAt, mail.maybeClickedAt),
  when(mail.machineAt),
  problemsOf(mail),
];

const linkTo = ({ messageId }: MailState, words: string): string =>
  messageId === null ? text(words) : `<a href="${messagePath(messageId)}">${text(words)}</a>`;

const when = (date: Date | null): string => (date ? ago(date) : '–');

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
