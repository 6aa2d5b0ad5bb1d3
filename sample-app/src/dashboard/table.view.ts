import { hrefTo, type Query } from './address.js';
import { number, plural } from './format.js';

/** A column of a table: its heading, and whether it holds numbers. */
export interface Column {
  title: string;
  isNumber?: boolean;
  /** Whether it holds names, which are sorted from A. */
  isName?: boolean;
  /** Whether cards on a phone show it beside their heading, without its title: a time. */
  isAside?: boolean;
  /** What the address calls it, if the table can be sorted by it. */
  sort?: string;
}

/** How a table is sorted, and the addresses that sort it in other ways. */
export interface Sorting {
  sort: string;
  isDescending: boolean;
  hrefOf: (sort: string, isDescending: boolean) => string;
}

/** A page that can be sorted, by its address. */
export const sortingOf = (
  path: string,
  query: Query,
  sort: string,
  isDescending: boolean,
): Sorting => ({
  ...{ sort, isDescending },
  hrefOf: (by, descending) =>
    hrefTo(path, { ...query, sort: by, order: descending ? 'down' : 'up' }),
});

/** The parameters that say how a page is sorted. */
export const orderOf = ({ sort, isDescending }: Sorting): Query => ({
  ...{ sort, order: isDescending ? 'down' : 'up' },
});

/** Cells that say nothing; cards on a phone leave them out. */
const NOTHING = new Set(['', '–', '0']);

/**
 * A table that becomes cards on a phone. The roles are written out, because browsers forget them
 * where a table is laid out otherwise. Cells are HTML; the first of each row is its heading.
 */
export function renderTable(
  caption: string,
  columns: Column[],
  rows: string[][],
  sorting?: Sorting,
): string {
  return `<table class="data" role="table">
    <caption class="visually-hidden">${caption}</caption>
    <thead role="rowgroup"><tr role="row">${columns
      .map((column) => renderHeading(column, sorting))
      .join('')}</tr></thead>
    <tbody role="rowgroup">${rows.map((cells) => renderRow(columns, cells)).join('')}</tbody>
  </table>`;
}

function renderHeading({ title, isNumber, isName, sort }: Column, sorting?: Sorting): string {
  const kind = isNumber ? ' class="number"' : '';
  const start = `<th role="columnheader" scope="col"${kind}`;
  if (!sort || !sorting) return `${start}>${title}</th>`;
  const isSorted = sorting.sort === sort;
  const { isDescending } = sorting;
  const order = isSorted ? ` aria-sort="${isDescending ? 'descending' : 'ascending'}"` : '';
  // Numbers and times are wanted from the top, names from A.
  const next = isSorted ? !isDescending : !isName;
  return `${start}${order}><a href="${sorting.hrefOf(sort, next)}">${title}</a></th>`;
}

function renderRow(columns: Column[], [heading = '', ...cells]: string[]): string {
  return `<tr role="row"><th role="rowheader" scope="row">${heading}</th>${cells
    .map((cell, index) => {
      const { title, isNumber, isAside } = columns[index + 1]!;
      const kinds = [
        isNumber && 'number',
        isAside && 'aside',
        NOTHING.has(cell) && 'nothing',
      ].filter(Boolean);
      const kind = kinds.length > 0 ? ` class="${kinds.join(' ')}"` : '';
      return `<td role="cell" data-title="${title}"${kind}>${cell}</td>`;
    })
    .join('')}</tr>`;
}

/** A page of a list. */
export interface Pages {
  path: string;
  /** The parameters of its address, but for the page. */
  query: Query;
  page: number;
  size: number;
  /** How many entries all pages have, or whether there is another page. */
  of: number | { hasMore: boolean };
  /** What an entry is called: "mail". */
  noun: string;
}

/** As many entries are counted at the most. */
const MOST = 10_000;

/** How many entries there are, with links to the previous and the next page. */
export function renderPager({ path, query, page, size, of, noun }: Pages): string {
  const total = typeof of === 'number' ? of : null;
  const hasMore = typeof of === 'number' ? page * size < of : of.hasMore;
  if (total === 0 || (total === null && page === 1 && !hasMore)) return '';
  const before = total === null ? page - 1 : Math.min(page - 1, lastOf(size, total));
  const link = (to: number, words: string) =>
    `<a href="${hrefTo(path, { ...query, page: String(to) })}">${words}</a>`;
  return `<nav class="pager" aria-label="Pages">${page > 1 ? link(before, 'Previous') : ''}
    <span>${total === null ? `Page ${page}` : placeOf(page, size, total, noun)}</span>${
      hasMore ? link(page + 1, 'Next') : ''
    }</nav>`;
}

/** The last page, as far as entries are counted. */
const lastOf = (size: number, total: number): number =>
  total === MOST ? Infinity : Math.ceil(total / size);

function placeOf(page: number, size: number, total: number, noun: string): string {
  const all = `${plural(total, noun)}${total === MOST ? ' or more' : ''}`;
  const last = lastOf(size, total);
  if (page > last) return `${all}, on ${plural(last, 'page')}`;
  if (total <= size) return all;
  const first = (page - 1) * size + 1;
  if (first > total) return `Page ${number(page)} of ${all}`;
  return `${number(first)} to ${number(Math.min(total, page * size))} of ${all}`;
}
