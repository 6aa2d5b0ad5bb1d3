import type { Story } from 'nestjs-email-tracking/stats';
import { renderActivity } from './activity.view.js';
import { hrefTo } from './address.js';
import { recipientPath, text } from './format.js';
import { renderFrame } from './frame.view.js';
import { renderMailsTo } from './mails.view.js';

export interface RecipientsData {
  search: string;
  recipients: string[];
}

/** Who has an address that begins so. */
export function renderRecipients({ search, recipients }: RecipientsData): string {
  const list =
    recipients.length === 0
      ? `<p class="empty">No mail was sent to an address that begins with “${text(search)}”.</p>`
      : `<ul class="people">${recipients
          .map((one) => `<li><a href="${recipientPath(one)}">${text(one)}</a></li>`)
          .join('')}</ul>`;
  return renderFrame(
    'Recipients',
    `<div class="page-head"><div><h1>Recipients</h1>
    <p class="hint">A search finds addresses by their start, and goes straight to a whole one.</p></div></div>
  <section class="panel" aria-labelledby="recipients-title">
    <h2 id="recipients-title">${search ? `Beginning with “${text(search)}”` : 'All'}</h2>
    <div id="recipients" data-live>${list}</div>
  </section>`,
    { search },
  );
}

/** A recipient: their mails, and what happened. */
export function renderRecipient(recipient: string, { mails, events, isCut }: Story): string {
  return renderFrame(
    text(recipient),
    `<div class="page-head"><div><p class="crumbs"><a href="/dashboard">Dashboard</a> / Recipient</p>
    <h1>${text(recipient)}</h1>
    <p class="hint"><a href="${hrefTo('/privacy', { address: recipient })}">What they agreed to, and what is kept about them</a></p></div></div>
  <section class="panel" aria-labelledby="mails-title">
    <h2 id="mails-title">Mails <small>the latest first</small></h2>
    <div id="mails" data-live>${renderMailsTo(mails)}</div>
  </section>
  <section class="panel" aria-labelledby="story-title">
    <h2 id="story-title">What happened <small>the latest first</small></h2>
    ${isCut ? '<p class="hint">Only the latest mails and events are shown.</p>' : ''}
    <div id="story" data-live>${renderActivity(events.toReversed())}</div>
  </section>`,
    { search: recipient },
  );
}
