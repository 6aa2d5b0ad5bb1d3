import type { Suppression } from './suppression.js';

/** The format of an export or import. */
export type SuppressionFormat = 'ndjson' | 'csv';

/** How {@link SuppressionService.export} writes. */
export interface SuppressionExportOptions {
  /**
   * One JSON object a line, or CSV with a first line of names.
   *
   * @default 'ndjson'
   */
  format?: SuppressionFormat;
}

/** The columns, in the order of CSV. */
export const COLUMNS = [
  'address',
  'scope',
  'reason',
  'at',
  'until',
  'reportedBy',
  'why',
  'by',
] as const satisfies (keyof Suppression)[];

/** What a spreadsheet reads as a formula, also behind a `'`. */
const FORMULA = /^(?:[=+\-@\t\r]|'[=+\-@\t\r'])/;

/** Returns the first part of an export. */
export function headOf(format: SuppressionFormat): string {
  return format === 'csv' ? `${COLUMNS.join(',')}\r\n` : '';
}

/** Returns one suppression as a line. */
export function lineOf(suppression: Suppression, format: SuppressionFormat): string {
  const values = COLUMNS.map((column) => suppression[column]);
  if (format === 'csv') return `${values.map(cellOf).join(',')}\r\n`;
  return `${JSON.stringify(Object.fromEntries(COLUMNS.map((name, i) => [name, values[i]])))}\n`;
}

/** Adds a `'` to what a spreadsheet reads as a formula. */
function cellOf(value: string | Date | null): string {
  if (value === null) return '';
  const text = value instanceof Date ? value.toISOString() : value;
  const safe = FORMULA.test(text) ? `'${text}` : text;
  // Spaces around a cell without quotes are lost.
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Returns a cell without the `'` that `cellOf` added. */
export function cellText(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell;
}
