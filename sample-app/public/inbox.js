import { getJson } from './api.js';
import { byId, el } from './dom.js';
import { dateAndTime, time } from './format.js';
import { leaveButton } from './leave.js';

/**
 * How long after sending a mail is shown, in milliseconds. Whoever loads it sooner is taken for a
 * machine, because real mails take a moment to arrive.
 */
const ARRIVAL_MS = 2100;
const MAX_WAIT_MS = 3000;

let mails = [];
let openId = null;
/** Message-IDs of mails that were just sent, and not opened yet. */
const unread = new Set();

/** Fetches the list and shows it; the mail that is open stays open. */
export async function loadInbox() {
  mails = await getJson('/api/inbox');
  byId('inbox-count').textContent = mails.length;
  byId('inbox-empty').hidden = mails.length > 0;
  byId('mails').hidden = mails.length === 0;
  byId('reader-hint').hidden = mails.length === 0 || openId !== null;
  byId('mails').replaceChildren(...mails.map(row));
  return mails;
}

/** Marks a mail as new until it is opened. */
export function markUnread(messageId) {
  unread.add(messageId);
}

async function openMail(mail) {
  const parts = await getJson(`/api/inbox/${encodeURIComponent(mail.id)}`);
  openId = mail.id;
  unread.delete(mail.messageId);
  for (const button of byId('mails').querySelectorAll('button')) {
    const isOpen = button.dataset.id === mail.id;
    button.setAttribute('aria-current', String(isOpen));
    if (isOpen) button.querySelector('.new')?.remove();
  }
  byId('reader').hidden = false;
  byId('reader-hint').hidden = true;
  byId('reader-subject').textContent = mail.subject || '(no subject)';
  byId('reader-from').replaceChildren(
    ...[(parts.headers.from ?? '').replaceAll('"', ''), leaveButton(mail, parts)].filter(Boolean),
  );
  byId('reader-meta').replaceChildren(
    `To ${mail.to} · ${dateAndTime(mail.date)}`,
    ...(mail.messageId ? [' · ', el('a', { href: timelineOf(mail) }, 'Timeline')] : []),
  );
  showTabs(partsOf(mail, parts));
}

const timelineOf = ({ messageId }) =>
  `/messages/${encodeURIComponent(messageId.replace(/^<(.*)>$/, '$1'))}`;

function row(mail) {
  return el(
    'li',
    {},
    el(
      'button',
      {
        type: 'button',
        'data-id': mail.id,
        'aria-current': String(mail.id === openId),
        click: () => openMail(mail),
      },
      el('span', { class: 'mail-subject' }, mail.subject || '(no subject)'),
      el('time', { datetime: mail.date }, time(mail.date)),
      el('span', { class: 'mail-to' }, mail.to),
      unread.has(mail.messageId) ? el('span', { class: 'new' }, 'New') : null,
    ),
  );
}

function partsOf(mail, { html, text, headers }) {
  const source = (content) => () => el('pre', {}, content);
  const parts = [['Mail', () => frame(mail)]];
  if (html !== null) parts.push(['HTML', source(html)]);
  if (text !== null) parts.push(['Text', source(text)]);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [...parts, ['Headers', source(lines.join('\n'))]];
}

/** The mail, as soon as a person can have it. */
function frame(mail) {
  const wait = Math.min(Date.parse(mail.date) + ARRIVAL_MS - Date.now(), MAX_WAIT_MS);
  if (!(wait > 0)) return content(mail);
  const place = el('p', { class: 'hint', role: 'status' }, 'The mail is arriving …');
  setTimeout(() => place.isConnected && place.replaceWith(content(mail)), wait);
  return place;
}

/** A mail is shown without scripts and without this page's origin. */
function content(mail) {
  return el('iframe', {
    title: `The mail ${mail.subject}`,
    sandbox: 'allow-popups allow-popups-to-escape-sandbox',
    referrerpolicy: 'no-referrer',
    src: `/inbox/${encodeURIComponent(mail.id)}/frame`,
  });
}

function showTabs(parts) {
  const pane = byId('reader-pane');
  const tabs = parts.map(([name], index) =>
    el(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `tab-${index}`,
        'aria-controls': pane.id,
        click: () => select(index),
        keydown: ({ key }) => {
          const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
          if (!step) return;
          const next = (index + step + tabs.length) % tabs.length;
          select(next);
          tabs[next].focus();
        },
      },
      name,
    ),
  );
  const select = (chosen) => {
    tabs.forEach((tab, index) => {
      tab.setAttribute('aria-selected', String(index === chosen));
      tab.tabIndex = index === chosen ? 0 : -1;
    });
    pane.setAttribute('aria-labelledby', `tab-${chosen}`);
    pane.replaceChildren(parts[chosen][1]());
  };
  byId('reader-tabs').replaceChildren(...tabs);
  select(0);
}
