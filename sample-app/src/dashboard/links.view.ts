import { MACHINES_AND_PROXIES, READERS, shortUrl } from '../words.js';
import type { ReaderClass } from 'nestjs-email-tracking/stats';
import { hrefTo, type Query } from './address.js';
import { number, text } from './format.js';
import type { LinkNumbers } from './links.js';
import { renderTable, type Column, type Sorting } from './table.view.js';
import { who } from './who.js';

const COLUMNS: Column[] = [
  { title: 'Link', isName: true, sort: 'place' },
  { title: 'Readers', isNumber: true, sort: 'readers' },
  { title: 'Clicks by people', isNumber: true, sort: 'clicks' },
  { title: READERS.unknown, isNumber: true, sort: 'unknown' },
  { title: MACHINES_AND_PROXIES, isNumber: true, sort: 'machines' },
];

/** As many links are shown beside other things. */
const FIRST = 20;

/** The first links of some mails, with a way to all of them. */
export function renderFirstLinks(links: LinkNumbers[], mails: Query): string {
  const all = `<p class="more"><a href="${hrefTo('/links', mails)}">All ${number(links.length)} links</a></p>`;
  return `${renderLinks(links.slice(0, FIRST), mails)}${links.length > FIRST ? all : ''}`;
}

/** The clicks on each link of some mails, by class of readers. Readers are people, each counted once. */
export function renderLinks(links: LinkNumbers[], mails: Query, sorting?: Sorting): string {
  if (links.length === 0) return '<p class="empty">No links yet.</p>';
  return renderTable(
    'Clicks on each link',
    COLUMNS,
    links.map((link) => {
      const by = (count: number, ...readers: ReaderClass[]) =>
        who(count, '/clickers', { ...mails, ...placeOf(link), by: readers });
      return [
        nameOf(link),
        by(link.people.unique, 'people'),
        by(link.people.total, 'people'),
        by(link.unknown, 'unknown'),
        by(link.machines, 'privacyProxies', 'machines'),
      ];
    }),
    sorting,
  );
}

/** A link is its place and its name, whatever it leads to; what only a provider saw is its destination. */
function placeOf({ index, part, label, url }: LinkNumbers): Query {
  if (index === null) return { url: url ?? undefined };
  return { part: part ?? undefined, index: String(index), label: label ?? undefined };
}

function nameOf({ index, part, label, url }: LinkNumbers): string {
  const place = index === null ? '' : `<span class="place">${index + 1}</span> `;
  const address = shortUrl(url ?? '');
  const inText = part === 'text' ? ' <small>in the text part</small>' : '';
  return `${place}<span class="link-name">${text(label ?? address)}${inText}${
    label ? `<small class="link-address">${text(address)}</small>` : ''
  }</span>`;
}
