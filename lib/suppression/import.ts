import { cleanText } from '../util/clean-text.js';
import { addressKey, bare } from '../util/address-key.js';
import type { SuppressionFormat } from './export.js';
import type { MarkChange } from './facts.js';
import { type ReadRecord, readRecords, type SuppressionSource } from './records.js';
import type { Item } from './suppression-sink.js';
import {
  isReason,
  isScope,
  PROVIDER_LENGTH,
  type SuppressionReason,
  type SuppressionScope,
} from './suppression.js';

/** How {@link SuppressionService.import} reads. */
export interface SuppressionImportOptions {
  /**
   * One JSON object (or address) a line, or CSV with a first line of names.
   *
   * @default 'ndjson'
   */
  format?: SuppressionFormat;
  /** The scope of records that have none, for example of a plain list of addresses. */
  scope?: SuppressionScope;
  /** Why, for records that do not say it. */
  why?: string;
  /** Who imports, for records that do not say it. */
  by?: string;
}

/** What became of an import. */
export interface SuppressionImportResult {
  /** The records that were stored. */
  imported: number;
  /** The records that could not be read. */
  skipped: number;
  /** What was wrong with the first 100 of them. Without addresses. */
  problems: SuppressionImportProblem[];
}

/** A record that could not be read. */
export interface SuppressionImportProblem {
  /** The line that it starts at, from 1. */
  line: number;
  /** What is wrong with it. */
  problem: string;
}

/** The most problems that are told. */
const MAX_PROBLEMS = 100;

/** How many records are written at once. */
const PART = 500;

/** The longest text of a record that is kept. */
const TEXT_LENGTH = 1000;

/** Reads a source and writes its records, part by part. @throws what `write` throws */
export async function importFrom(
  source: SuppressionSource,
  options: SuppressionImportOptions,
  write: (items: Item[]) => Promise<void>,
): Promise<SuppressionImportResult> {
  const result: SuppressionImportResult = { imported: 0, skipped: 0, problems: [] };
  let part: Item[] = [];
  const writePart = async () => {
    if (part.length > 0) await write(part);
    result.imported += part.length;
    part = [];
  };
  for await (const record of readRecords(source, options.format ?? 'ndjson')) {
    const item = toItem(record, options, Date.now());
    if (typeof item !== 'string') part.push(item);
    else {
      result.skipped++;
      if (result.problems.length < MAX_PROBLEMS) {
        result.problems.push({ line: record.line, problem: item });
      }
    }
    if (part.length >= PART) await writePart();
  }
  await writePart();
  return result;
}

/** @returns the changes of a record, or what is wrong with it */
function toItem(record: ReadRecord, options: SuppressionImportOptions, now: number): Item | string {
  if ('problem' in record) return record.problem;
  const { values } = record;
  const address = textOf(values.get('address'));
  const key = address === null ? undefined : addressKey(address);
  if (key === undefined) return 'has no address';
  const reason = textOf(values.get('reason')) ?? 'manual';
  if (!isReason(reason)) return 'has an unknown reason';
  const scope = textOf(values.get('scope')) ?? SCOPES[reason] ?? options.scope;
  if (!isScope(scope)) return 'has no scope, or an unknown one; set the option scope';
  if (!fits(scope, reason)) return 'has a scope that its reason cannot have';
  const at = timeOf(values.get('at'), now);
  if (at === undefined) return 'has a time that cannot be read; write it as 2026-11-29T12:00:00Z';
  const reportedBy = textOf(values.get('reportedBy'), PROVIDER_LENGTH);
  const change: MarkChange = {
    what: 'set',
    written: bare(address!)!,
    reason,
    scope: reason === 'complained' ? 'lists' : scope,
    owner: reason === 'unsubscribed' ? reportedBy : null,
    at,
    reportedBy,
    why: textOf(values.get('why')) ?? options.why ?? null,
    by: textOf(values.get('by')) ?? options.by ?? null,
  };
  return [key, [change]];
}

/** The scopes of reasons that have one only. */
const SCOPES: Partial<Record<SuppressionReason, SuppressionScope>> = {
  bounced: 'all',
  'soft-bounces': 'all',
  complained: 'lists',
};

function fits(scope: SuppressionScope, reason: SuppressionReason): boolean {
  if (reason === 'complained') return scope === 'all' || scope === 'lists';
  if (reason === 'unsubscribed') return scope !== 'all';
  return SCOPES[reason] === undefined || SCOPES[reason] === scope;
}

/** Returns a text as it can be kept; `null` if it is empty. */
function textOf(value: unknown, length = TEXT_LENGTH): string | null {
  return (typeof value === 'string' && cleanText(value, length)) || null;
}

function timeOf(value: unknown, now: number): number | undefined {
  if (value === undefined || value === null || value === '') return now;
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return at >= 0 ? Math.min(at, now) : undefined;
}
