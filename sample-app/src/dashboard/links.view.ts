import { MACHINES_AND_PROXIES, READERS, shortUrl } from '../words.js';
import { number, text } from './format.js';
import type { LinkNumbers } from './links.js';
import { renderTable, type Column } from './table.view.js';

const COLUMNS: Column[] = [
  { title: 'Link' },
  { title: 'Readers', isNumber: true },
  { title: 'Clicks by people', isNumber: true },
  { title: READERS.unknown, isNumber: true },
  { title: MACHINES_AND_PROXIES, isNumber: true },
];

/** The clicks on each link, by class of readers. Readers are people, each counted once. */
export function renderLinks(links: LinkNumbers[]): string {
  if (links.length === 0) return '<p class="empty">No links yet.</p>';
  return renderTable(
    'Clicks on each link',
    COLUMNS,
    links.map((link) => [
      nameOf(link),
      number(link.people.unique),
      number(link.people.total),
      number(link.unknown),
      number(link.machines),
    ]),
  );
}

function nameOf({ index, part, label, url }: LinkNumbers): string {
  const place = index === null ? '' : `<span class="place">${index + 1}</span> `;
  const address = shortUrl(url ?? '');
  const inText = part === 'text' ? ' <small>in the text part</small>' : '';
  return `${place}<span class="link-name">${text(label ?? address)}${inText}${
    label ? `<small class="link-address">${text(address)}</small>` : ''
  }</span>`;
}
