/** A column of a table: its heading, and whether it holds numbers. */
export interface Column {
  title: string;
  isNumber?: boolean;
}

/**
 * A table that becomes cards on a phone. The roles are written out, because browsers forget them
 * where a table is laid out otherwise. Cells are HTML; the first of each row is its heading.
 */
export function renderTable(caption: string, columns: Column[], rows: string[][]): string {
  const kind = ({ isNumber }: Column) => (isNumber ? ' class="number"' : '');
  return `<table class="data" role="table">
    <caption class="visually-hidden">${caption}</caption>
    <thead role="rowgroup"><tr role="row">${columns
      .map((column) => `<th role="columnheader" scope="col"${kind(column)}>${column.title}</th>`)
      .join('')}</tr></thead>
    <tbody role="rowgroup">${rows.map((cells) => renderRow(columns, cells)).join('')}</tbody>
  </table>`;

  function renderRow(all: Column[], [heading = '', ...cells]: string[]): string {
    return `<tr role="row"><th role="rowheader" scope="row">${heading}</th>${cells
      .map((cell, index) => {
        const column = all[index + 1]!;
        return `<td role="cell" data-title="${column.title}"${kind(column)}>${cell}</td>`;
      })
      .join('')}</tr>`;
  }
}

/** Links to the previous and the next page. */
export function renderPager(
  path: string,
  query: Record<string, string>,
  page: number,
  hasMore: boolean,
): string {
  if (page === 1 && !hasMore) return '';
  const link = (to: number, words: string) =>
    `<a href="${path}?${new URLSearchParams({ ...query, page: String(to) }).toString().replaceAll('&', '&amp;')}">${words}</a>`;
  return `<nav class="pager" aria-label="Pages">${page > 1 ? link(page - 1, 'Previous') : ''}
    <span>Page ${page}</span>${hasMore ? link(page + 1, 'Next') : ''}</nav>`;
}
