import type { Change, Facts, Found } from './facts.js';
import type { SuppressionReason, SuppressionScope } from './suppression.js';

/** A suppression of an address. */
export interface Row extends Found {
  /** The address as it is compared, or a hash of it. */
  key: string;
  /** The address as it was written; empty under a hash. */
  written: string;
}

/** Which rows to list. */
export interface RowFilter {
  scope?: SuppressionScope | undefined;
  reason?: SuppressionReason | undefined;
  /** How the address begins, as it is compared. */
  search?: string | undefined;
}

/** Which part of a list. */
export interface RowPage {
  limit: number;
  offset: number;
}

/** What is added to the facts of a person. */
export interface Write {
  readonly changes: readonly Change[];
  /** Whether the person was erased: then all facts are kept under a hash from now on. */
  readonly isErased: boolean;
}

/** What is written, by address as it is compared. */
export type Writes = ReadonlyMap<string, Write>;

/** Stores facts, and finds what they suppress. Times are in milliseconds. */
export interface SuppressionStore {
  /** Whether what it keeps survives the process. */
  readonly isDurable: boolean;
  /** Prepares it once. After a failure, the next call tries again. */
  ready(): Promise<void>;
  /** Returns the ids of all keys that its hashes name. */
  keyIds(): Promise<string[]>;
  /** Adds changes: all of them or none, and together with those of other processes. */
  write(writes: Writes, now: number): Promise<void>;
  /** Finds what is suppressed among some addresses, in one query. Its keys are these addresses. */
  find(keys: readonly string[], now: number): Promise<Row[]>;
  /** Lists rows, the newest first. */
  list(filter: RowFilter, page: RowPage, now: number): Promise<Row[]>;
  /** Reads all rows, part by part. */
  parts(size: number, now: number): AsyncIterable<Row[]>;
  /** Returns all that is known about an address. */
  factsOf(key: string): Promise<Facts>;
  /** Removes what cannot matter any more. @returns how many addresses were forgotten */
  prune(now: number): Promise<number>;
}

/** What a complaint stops. */
export type ComplaintScope = 'all' | 'lists';

/** The scope of a row: that of complaints is an option, and not a fact. */
export function scopeOf(
  { scope, reason }: Pick<Row, 'scope' | 'reason'>,
  complaintScope: ComplaintScope,
): SuppressionScope {
  return reason === 'complained' ? complaintScope : scope;
}
