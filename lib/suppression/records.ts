import { cellText } from '../util/delimited.js';
import type { SuppressionFormat } from './export.js';

/** What {@link SuppressionService.import} reads: text or bytes in UTF-8, in parts, or as a whole. */
export type SuppressionSource =
  string | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** The longest record, in characters. */
const MAX_RECORD = 10_000;

/** A record: its values by name, or what is wrong with it. */
export type ReadRecord = { line: number } & (
  { values: ReadonlyMap<string, unknown> } | { problem: string }
);

/** Reads records, one after the other, whatever the size of the source. */
export async function* readRecords(
  source: SuppressionSource,
  format: SuppressionFormat,
): AsyncGenerator<ReadRecord> {
  let names: string[] | undefined;
  for await (const { line, text } of readLines(source, format === 'csv')) {
    if (text === undefined) {
      yield { line, problem: `is longer than ${MAX_RECORD} characters` };
    } else if (text.trim() === '') {
      continue;
    } else if (format === 'ndjson') {
      yield { line, ...readJson(text) };
    } else {
      const cells = readCells(text);
      if (names) yield { line, values: new Map(names.map((name, i) => [name, cells[i]])) };
      else names = namesOf(cells);
    }
  }
}

interface Line {
  line: number;
  /** `undefined` if it is too long. */
  text: string | undefined;
}

/** Splits at line breaks; those between quotes belong to a cell of CSV. */
async function* readLines(source: SuppressionSource, hasQuotes: boolean): AsyncGenerator<Line> {
  const decoder = new TextDecoder();
  let text = '';
  let [isTooLong, isOpen] = [false, false];
  let [line, started] = [1, 1];
  for await (const part of typeof source === 'string' ? [source] : source) {
    const decoded = typeof part === 'string' ? part : decoder.decode(part, { stream: true });
    for (const piece of decoded.split(/(?<=\n)/)) {
      if (isTooLong || text.length + piece.length > MAX_RECORD) [isTooLong, text] = [true, ''];
      else text += piece;
      if (hasQuotes && piece.split('"').length % 2 === 0) isOpen = !isOpen;
      if (!piece.endsWith('\n')) continue;
      line++;
      if (!isTooLong && isOpen) continue;
      yield { line: started, text: isTooLong ? undefined : text };
      [text, isTooLong, isOpen, started] = ['', false, false, line];
    }
  }
  text += decoder.decode();
  if (isTooLong || text !== '') yield { line: started, text: isTooLong ? undefined : text };
}

function readJson(text: string): { values: Map<string, unknown> } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'string') return { values: new Map([['address', value]]) };
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { values: new Map(Object.entries(value)) };
    }
  } catch {
    // The problem is the same.
  }
  return { problem: 'is not a JSON object' };
}

/** One cell: between quotes, where two mean one, or up to the next comma. */
const CELL = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/gy;

function readCells(text: string): string[] {
  const record = text.replace(/\r?\n$/, '');
  const cells: string[] = [];
  for (const [, quoted, plain, end] of record.matchAll(CELL)) {
    cells.push(cellText(quoted?.replaceAll('""', '"') ?? plain!.trim()));
    if (end === '') break;
  }
  return cells;
}

/** The names of the column of addresses, the surest first: `address` can also be a street. */
const ADDRESS_NAMES = [/^e-?mail(?:[ _-]?address)?$/i, /^recipient$/i, /^address$/i];

/** Returns the names of columns. That of addresses is called `address`, and no other one is. */
function namesOf(cells: readonly string[]): string[] {
  const names = cells.map((cell) => cell.replace(/^\uFEFF/, '').trim());
  const found = ADDRESS_NAMES.map((name) => names.findIndex((one) => name.test(one)));
  const column = found.find((index) => index !== -1);
  return names.map((name, index) => {
    if (index === column) return 'address';
    return name === 'address' ? '' : name;
  });
}
