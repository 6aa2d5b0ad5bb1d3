import { getJson } from './api.js';
import { announce, byId, el } from './dom.js';
import { client, shortUrl, time } from './format.js';

const MAX_SHOWN = 500;
const NAMES = {
  opened: 'Open',
  clicked: 'Click',
  delivered: 'Delivery',
  bounced: 'Bounce',
  complained: 'Complaint',
};
/** What is no hit comes from a provider. */
const REPORTS = {
  delivered: 'got the mail, says',
  bounced: 'did not get the mail, says',
  complained: 'called the mail spam, says',
};

const shown = new Set();
let subjects = new Map();

/** Lets events call a mail by its subject. */
export function nameMails(mails) {
  subjects = new Map(mails.map(({ messageId, subject }) => [messageId, subject]));
}

/** Fetches what happened before this page was open, or while it was not connected. */
export async function loadEvents() {
  const events = await getJson('/api/events');
  for (const event of events.reverse()) show(event);
}

/** Shows an event that has just arrived. */
export function addEvent(event) {
  const item = show(event);
  if (!item) return;
  item.classList.add('fresh');
  announce(`${NAMES[event.eventType] ?? event.eventType}: ${sentence(event)}`);
}

function show(event) {
  if (shown.has(event.eventId)) return null;
  shown.add(event.eventId);
  const list = byId('event-list');
  const item = render(event);
  list.prepend(item);
  while (list.children.length > MAX_SHOWN) list.lastElementChild.remove();
  list.hidden = false;
  byId('events-empty').hidden = true;
  byId('event-count').textContent = list.children.length;
  return item;
}

function render(event) {
  return el(
    'li',
    { 'data-type': event.eventType },
    el(
      'p',
      { class: 'event-head' },
      el('span', { class: 'pill' }, NAMES[event.eventType] ?? event.eventType),
      el('time', { datetime: event.timestamp }, time(event.timestamp)),
    ),
    el('p', { class: 'event-sentence' }, sentence(event)),
    el(
      'dl',
      {},
      facts(event).flatMap(([name, value, title]) => [
        el('dt', {}, name),
        el('dd', { title }, value),
      ]),
    ),
    wholeEvent(event),
  );
}

function sentence({ eventType, recipient, linkLabel, clickUrl, espName }) {
  const who = recipient ?? 'Somebody';
  if (espName) return `${who}: ${REPORTS[eventType] ?? `${eventType}, says`} ${espName}`;
  if (eventType !== 'clicked') return `${who} opened the mail`;
  return `${who} followed ${linkLabel ? `“${linkLabel}”` : shortUrl(clickUrl ?? '')}`;
}

function facts(event) {
  const { clickUrl, messageId, metadata, userAgent, verdict, linkIndex, linkCount } = event;
  const position =
    linkIndex !== null && linkCount ? ` (link ${linkIndex + 1} of ${linkCount})` : '';
  const entries = Object.entries(metadata).map(
    ([key, value]) => `${key} = ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [
    clickUrl && ['Link', shortUrl(clickUrl) + position, clickUrl],
    messageId && ['Mail', subjects.get(messageId) || messageId, messageId],
    !event.espName && ['Client', client(userAgent), userAgent],
    verdict && ['Verdict', `${verdict.kind} (${verdict.certainty})`, verdict.reasons.join(', ')],
    entries.length > 0 && ['Metadata', entries.join(', ')],
  ].filter(Boolean);
}

/** The JSON is made when somebody asks for it. */
function wholeEvent(event) {
  const json = el('pre', { tabindex: '0' });
  const toggle = () => {
    if (!json.textContent) json.textContent = JSON.stringify(event, null, 2);
  };
  return el('details', { toggle }, el('summary', {}, 'Whole event'), json);
}
