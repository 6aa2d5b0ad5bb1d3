import { type Cell, type RecordFormat, RecordWriter } from '../util/delimited.js';
import { invalid, MAX_PROBLEMS, membersOf } from '../util/query-checks.js';
import {
  type Answers,
  type Ask,
  EXPORT_SOURCES,
  type ExportSource,
  type SourceOptions,
  type StatsExport,
  type StatsExports,
} from './export-sources.js';
import type { StatsStep } from './sql/numbers.js';
import { checkFilter } from './stats-filter.js';

/** How {@link TrackingStatsService.export} writes. */
export interface ExportOptions {
  /**
   * CSV with a first line of names, or one JSON object a line.
   *
   * @default 'csv'
   */
  format?: 'csv' | 'ndjson';
  /**
   * The columns and their order; `docs/stats.md` lists them. Default: all but the personal ones, which
   * are written only if they are named here.
   */
  columns?: readonly string[];
  /**
   * The name of a time zone, such as `Europe/Berlin`, for exports whose rows are made of days or hours.
   *
   * @default 'UTC'
   */
  timeZone?: string;
  /**
   * The length of a step of `series`.
   *
   * @default 'day'
   */
  step?: StatsStep;
}

/** Writes an export, in parts of many lines. */
type Write = (answers: Answers, ask: Ask) => AsyncGenerator<string, void, undefined>;

/**
 * Checks what is to be exported, and returns what writes it.
 *
 * @throws TrackingError `INVALID_OPTIONS` for what cannot be exported
 */
export function checkedExport<What extends StatsExport>(
  what: What,
  filter: StatsExports[What],
  options: ExportOptions,
): Write {
  if (typeof what !== 'string' || !Object.hasOwn(EXPORT_SOURCES, what)) {
    throw invalid('export', [`what: must be ${Object.keys(EXPORT_SOURCES).join(', ')}`]);
  }
  const source: ExportSource<StatsExports[What]> = EXPORT_SOURCES[what];
  const checked = checkFilter('export', filter, source.filter);
  if (source.needs?.every((name) => checked[name] === undefined)) {
    throw invalid('export', [`${what} needs one of ${source.needs.join(', ')}`]);
  }
  const { format, columns, ...others } = checkOptions(source, options, checked);
  const writer = new RecordWriter(columns, format);
  return (answers, ask) =>
    written(writer, source.pages({ answers, ask }, checked, columns, others));
}

async function* written(
  writer: RecordWriter,
  pages: AsyncIterable<readonly Cell[][]>,
): AsyncGenerator<string, void, undefined> {
  // With the first rows, so that nothing is written where they cannot be read.
  let { head } = writer;
  for await (const rows of pages) {
    const part = head + rows.map((row) => writer.line(row)).join('');
    head = '';
    if (part !== '') yield part;
  }
  if (head !== '') yield head;
}

function checkOptions<Filter>(
  source: ExportSource<Filter>,
  given: ExportOptions,
  filter: Filter,
): SourceOptions & { format: RecordFormat; columns: readonly string[] } {
  const members = membersOf('export', given, ['format', 'columns', ...source.options]);
  const { format = 'csv', columns, ...others } = Object.fromEntries(members) as ExportOptions;
  // Of JavaScript, it may be anything.
  if (!['csv', 'ndjson'].includes(format)) {
    throw invalid('export', [`format: must be 'csv' or 'ndjson'`]);
  }
  source.check?.(others, filter);
  return { ...others, format, columns: checkColumns(source, columns) };
}

function checkColumns(
  source: Pick<ExportSource, 'columns' | 'personal'>,
  given: unknown,
): readonly string[] {
  const { columns: known, personal } = source;
  if (given === undefined) return known.filter((name) => !personal.includes(name));
  if (!Array.isArray(given) || given.length === 0) {
    throw invalid('export', [`columns: must be a list with some of ${known.join(', ')}`]);
  }
  // Also what a list leaves out.
  const names = Array.from(given as unknown[]);
  const problems = names.flatMap((name, i) => {
    if (typeof name !== 'string' || !known.includes(name)) {
      return `${typeof name === 'string' ? name.slice(0, 50) : 'no text'}: unknown`;
    }
    return names.indexOf(name) < i ? `${name}: named twice` : [];
  });
  if (problems.length === 0) return names as string[];
  throw invalid('export', [
    `columns: ${problems.slice(0, MAX_PROBLEMS).join(', ')}; known are ${known.join(', ')}`,
  ]);
}
