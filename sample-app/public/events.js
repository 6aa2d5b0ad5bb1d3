import { getJson } from './api.js';
import { announce, byId, el } from './dom.js';
import { client, shortUrl, time } from './format.js';

const MAX_SHOWN = 500;
/** The entry of each event, with the verdict that it shows. */
const shown = new Map();
let subjects = new Map();

/** Lets events show the subject of their mail. */
export function nameMails(mails) {
  subjects = new Map(mails.map(({ messageId, subject }) => [messageId, subject]));
}

/** Fetches what happened before this page was open, or while it was not connected. */
export async function loadEvents() {
  const events = await getJson('/api/events');
  for (const event of events.reverse()) show(event);
}

/** Older events are shown when one asks for them. */
export function startEvents() {
  byId('all-events').addEventListener('click', ({ target }) => {
    const list = byId('event-list');
    const first = [...list.children].find((item) => item.offsetParent === null);
    list.classList.add('all');
    target.parentElement.remove();
    first?.querySelector('summary')?.focus();
  });
}

/** Shows an event that has just arrived, or whose verdict has changed. */
export function addEvent(event) {
  const item = show(event);
  if (!item) return;
  item.classList.add('fresh');
  announce(event.words.headline);
}

/** Returns the entry that is new, if any. */
function show(event) {
  const { eventId, words } = event;
  const known = shown.get(eventId);
  // A verdict was corrected, or somebody was seen on a later day.
  const said = `${words.who} ${words.headline}`;
  if (known?.said === said) return null;
  const item = render(event);
  shown.set(eventId, { item, said });
  if (known) {
    known.item.replaceWith(item);
    return item;
  }
  const list = byId('event-list');
  list.prepend(item);
  while (list.children.length > MAX_SHOWN) list.lastElementChild.remove();
  list.hidden = false;
  byId('events-empty').hidden = true;
  byId('event-count').textContent = list.children.length;
  return item;
}

function render(event) {
  const { eventType, timestamp, day, words } = event;
  return el(
    'li',
    { 'data-type': eventType },
    el(
      'p',
      { class: 'event-head' },
      el('span', { class: 'pill' }, words.name),
      el('time', { datetime: timestamp ?? day }, timestamp ? time(timestamp) : day),
    ),
    el('p', { class: 'event-sentence' }, words.headline),
    words.note && el('p', { class: 'event-note' }, words.note),
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

function facts(event) {
  const { recipient, clickUrl, messageId, metadata = {}, userAgent, verdict } = event;
  const { linkIndex = null, linkCount } = event;
  const knowsClient = event.eventType !== 'seen' && event.mode !== 'anonymous';
  const position =
    linkIndex !== null && linkCount ? ` (link ${linkIndex + 1} of ${linkCount})` : '';
  const entries = Object.entries(metadata).map(
    ([key, value]) => `${key} = ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [
    recipient && ['To', recipient],
    clickUrl && ['Link', shortUrl(clickUrl) + position, clickUrl],
    messageId && ['Mail', subjects.get(messageId) || messageId, messageId],
    knowsClient && !event.espName && ['Client', client(userAgent), userAgent],
    event.words.who && ['Verdict', event.words.who, verdict.reasons.join(', ')],
    entries.length > 0 && ['Metadata', entries.join(', ')],
  ].filter(Boolean);
}

/** The JSON is made when somebody asks for it. */
function wholeEvent(told) {
  const json = el('pre', { tabindex: '0' });
  const toggle = () => {
    // `words` is this app's, and not in the event.
    const event = { ...told, words: undefined };
    if (!json.textContent) json.textContent = JSON.stringify(event, null, 2);
  };
  return el('details', { toggle }, el('summary', {}, 'Whole event'), json);
}
