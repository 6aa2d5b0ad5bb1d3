import { type Cell, RecordWriter } from '../util/delimited.js';
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
const COLUMNS = [
  'address',
  'scope',
  'reason',
  'at',
  'until',
  'reportedBy',
  'why',
  'by',
] as const satisfies (keyof Suppression)[];

/** Writes suppressions as lines. */
export function writerOf(format: SuppressionFormat): {
  head: string;
  line: (suppression: Suppression) => string;
} {
  const writer = new RecordWriter(COLUMNS, format);
  return {
    head: writer.head,
    line: (suppression) => writer.line(COLUMNS.map((name): Cell => suppression[name])),
  };
}
