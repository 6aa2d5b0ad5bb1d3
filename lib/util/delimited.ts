/** The format of a file of records. */
export type RecordFormat = 'csv' | 'ndjson';

/** What a cell holds. CSV writes lists as their items with `|` between them, and objects as JSON. */
export type Cell = string | number | boolean | Date | null | readonly unknown[] | object;

/**
 * What a spreadsheet reads as a formula, also behind spaces or in the wide letters of East Asia, and all
 * that has more `'` before it, so that {@link cellText} finds the text again.
 */
const FORMULA = /^'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;

/** What may need quotes or a `'`. */
const SPECIAL = /^[\s'=+\-@＝＋－＠]|[",\r\n]|\s$/;

/** Writes records of the same columns as lines: CSV (RFC 4180), or one JSON object a line. */
export class RecordWriter {
  /** What comes before the first line: the names of the columns, or nothing. */
  readonly head: string;
  private readonly keys: string[];

  constructor(
    columns: readonly string[],
    private readonly format: RecordFormat,
  ) {
    this.head = format === 'csv' ? `${columns.map(cellOf).join(',')}\r\n` : '';
    this.keys = columns.map((name, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  }

  /** Returns a record as a line. @param cells in the order of the columns */
  line(cells: readonly Cell[]): string {
    if (this.format === 'ndjson') {
      return `${cells.reduce<string>((line, cell, i) => line + this.keys[i] + JSON.stringify(cell), '')}}\n`;
    }
    let line = cellOf(cells[0]!);
    // An empty line is no record.
    if (cells.length === 1 && line === '') return '""\r\n';
    for (let i = 1; i < cells.length; i++) line += `,${cellOf(cells[i]!)}`;
    return `${line}\r\n`;
  }
}

/** Returns a cell of CSV. Text that a spreadsheet would read as a formula gets a `'`. */
function cellOf(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return textOf(cell);
  if (typeof cell !== 'object') return String(cell);
  if (cell instanceof Date) return cell.toISOString();
  return Array.isArray(cell) ? textOf(cell.join('|')) : textOf(JSON.stringify(cell));
}

function textOf(text: string): string {
  if (!SPECIAL.test(text)) return text === '' ? '""' : text;
  const safe = FORMULA.test(text) ? `'${text}` : text;
  // Spaces around a cell without quotes are lost.
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Returns the text of a cell without the `'` that {@link RecordWriter} added. */
export function cellText(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell;
}
