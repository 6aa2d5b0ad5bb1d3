import type { RecordedEvent, Segment, Story } from 'nestjs-email-tracking/stats';
import { renderActivity } from './activity.view.js';
import { hrefTo } from './address.js';
import { text } from './format.js';
import { renderFrame } from './frame.view.js';
import { renderMailsTo } from './mails.view.js';
import { renderMembers } from './members.view.js';
import { seenOf } from '../words.js';

/** Who has an address that begins so. */
export function renderRecipients({ members, next }: Segment, search: string): string {
  const none = `<p class="empty">No mail is known to an address that begins with “${text(search)}”.</p>`;
  const more = next
    ? `<nav class="pager" aria-label="Pages"><a href="${hrefTo('/recipients', { search, after: next })}">Next</a></nav>`
    : '';
  return renderFrame(
    'Recipients',
    `<div class="page-head"><div><h1>Recipients</h1>
    <p class="hint">A search finds addresses by their start, and goes straight to a whole one.</p></div></div>
  <section class="panel" aria-labelledby="recipients-title">
    <h2 id="recipients-title">${search ? `Beginning with “${text(search)}”` : 'All'}</h2>
    <div id="recipients" data-live>${members.length === 0 ? none : renderMembers(members)}${more}</div>
  </section>`,
    { search },
  );
}

/** What is known of a recipient. */
export interface KnownRecipient {
  story: Story;
  /** The last day of an open, where only that is kept. */
  seen: string | null;
}

/** A recipient: their mails, and what happened. */
export function renderRecipient(recipient: string, { story, seen }: KnownRecipient): string {
  const { mails, events, isCut } = story;
  return renderFrame(
    text(recipient),
    `<div class="page-head"><div><p class="crumbs"><a href="/dashboard">Dashboard</a> / Recipient</p>
    <h1>${text(recipient)}</h1>
    <p class="hint"><a href="${hrefTo('/privacy', { address: recipient })}">What they agreed to, and what is kept about them</a></p>
    ${seen === null ? '' : `<p>${text(seenOf({ recipient, day: seen, tenant: null }, new Date()))}</p>`}</div></div>
  <section class="panel" aria-labelledby="mails-title">
    <h2 id="mails-title">Mails <small>the latest first</small></h2>
    <div id="mails" data-live>${renderMailsTo(mails)}</div>
  </section>
  <section class="panel" aria-labelledby="story-title">
    <h2 id="story-title">What happened <small>the latest first</small></h2>
    ${isCut ? '<p class="hint">Only the latest mails and events are shown.</p>' : ''}
    <div id="story" data-live>${renderActivity(events.toReversed(), { nameOf: mailOf })}</div>
  </section>`,
    { search: recipient },
  );
}

const mailOf = ({ campaign }: RecordedEvent): string => campaign ?? 'the mail';
