import type { Metadata } from 'nestjs-email-tracking';
import type { Known } from '../privacy/person.js';
import { modeName, shortUrl } from '../words.js';
import { ago, messagePath, plural, text } from './format.js';
import { renderTable, type Column } from './table.view.js';

/** The latest mails of a person, each with what its pixel and links hold. */
export function renderMailContents(mails: Known['mails']): string {
  if (mails.length === 0) return '<p class="empty">This app keeps no mail to this address.</p>';
  return mails.map(renderMail).join('');
}

const COLUMNS: Column[] = [
  { title: 'Part' },
  { title: 'Recipient' },
  { title: 'Mail' },
  { title: 'Metadata' },
  { title: 'Leads to' },
  { title: 'Recorded' },
];

function renderMail({ mail, contents }: Known['mails'][number]): string {
  const { opens, clicks, sealed, unreadable } = contents;
  const subject = text(mail.subject);
  const rows = sealed.map((one) => [
    one.what === 'pixel' ? 'Pixel' : plural(one.urls.length, 'link'),
    one.recipient === null ? 'nobody' : text(one.recipient),
    one.messageId === null ? '–' : shortId(one.messageId),
    metadataOf(one.metadata),
    one.urls.length === 0
      ? '–'
      : `<ul>${one.urls.map((url) => `<li>${text(shortUrl(url))}</li>`).join('')}</ul>`,
    modeName(one.mode),
  ]);
  const gone = `The keys of today do not read ${plural(unreadable, 'link')}.`;
  return `<article class="sealed" data-mail="${text(mail.messageId)}">
    <h3><a href="${messagePath(mail.messageId)}">${subject}</a> <small>${ago(mail.sentAt)}</small></h3>
    <p>Chosen: <b>${modeName(mail.privacy)}</b>. Sent with: opens <b>${modeName(opens)}</b>, clicks
      <b>${modeName(clicks)}</b>.</p>
    ${rows.length > 0 ? renderTable(`What the pixel and links of “${subject}” hold`, COLUMNS, rows) : ''}
    ${rows.length + unreadable === 0 ? '<p class="empty">Nothing to see: plain links, and no pixel.</p>' : ''}
    ${unreadable > 0 ? `<p class="hint">${gone}</p>` : ''}
  </article>`;
}

/** As much of a message id as tells it apart, with the rest for those who point at it. */
const shortId = (messageId: string): string =>
  `<code title="${text(messageId)}">${text(messageId.replace(/^<|>$/g, '').slice(0, 8))}…</code>`;

function metadataOf(metadata: Metadata): string {
  const entries = Object.entries(metadata).map(
    ([key, value]) => `${key} = ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return entries.length === 0 ? '–' : `<span>${text(entries.join(', '))}</span>`;
}
