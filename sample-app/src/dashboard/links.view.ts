import type { LinkNumbers } from './links.js';
import { renderTable, type Column } from './table.view.js';
import { number, shortUrl, text } from './words.js';

const COLUMNS: Column[] = [
  { title: 'Link' },
  { title: 'Readers', isNumber: true },
  { title: 'Clicks by people', isNumber: true },
  { title: 'Nobody can tell', isNumber: true },
  { title: 'Machines', isNumber: true },
];

/** Which link was followed how often, and by whom. */
export function renderLinks(links: LinkNumbers[]): string {
  if (links.length === 0) return '<p class="empty">No link is known yet.</p>';
  return renderTable(
    'Links, and who followed them',
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
