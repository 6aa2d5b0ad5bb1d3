import type { PrivacyKind, PrivacyMode, RecipientHash } from '../plugin.js';
import type { ConsentRecord } from './consent.js';

/** A record, with its time in milliseconds and its proof as JSON. */
export interface ConsentRow extends Omit<ConsentRecord, 'at' | 'proof'> {
  readonly at: number;
  readonly proof: string | null;
}

/** The latest answer of one kind under one hash. */
export interface Answer {
  readonly hash: string;
  readonly kind: PrivacyKind;
  readonly mode: PrivacyMode;
  readonly at: number;
  /** Grows with each record: of two records of one time, the later one counts. */
  readonly order: number;
}

/** How a record is added. */
export interface Appending {
  /** The hash to write. */
  readonly hash: RecipientHash;
  /** The hashes under all keys. */
  readonly all: readonly string[];
  /** Whether it was said now: then it is later than all that is known, whatever clocks say. */
  readonly isNow: boolean;
}

/** Keeps consents, who was erased, and the mails since. No address. Times are in milliseconds. */
export interface ConsentStore {
  /** Whether what it keeps survives the process. */
  readonly isDurable: boolean;
  /** Prepares it once. After a failure, the next call tries again. */
  ready(): Promise<void>;
  /** Returns the ids of all keys that rows name. */
  keyIds(): Promise<string[]>;
  /** Adds a record. @returns its time */
  append(row: ConsentRow, appending: Appending): Promise<number>;
  /** Returns the latest answers under some hashes, at most one of each kind for each. */
  answers(hashes: readonly string[]): Promise<Answer[]>;
  /** Returns all records under some hashes, the oldest first. */
  records(hashes: readonly string[]): Promise<ConsentRow[]>;
  /** Removes all records under some hashes. */
  forget(hashes: readonly string[]): Promise<void>;
  /** Keeps when somebody was erased. */
  bury(hash: RecipientHash, at: number): Promise<void>;
  /** Returns when some hashes were erased; those that were not are left out. */
  erasures(hashes: readonly string[]): Promise<Map<string, number>>;
  /** Keeps when a mail was prepared; the first time stays. */
  noteMail(hash: RecipientHash, at: number): Promise<void>;
  /** Returns when a mail was prepared first; `undefined` if it was not noted. */
  preparedAt(hashes: readonly string[]): Promise<number | undefined>;
  /** Removes the notes of mails before a time. */
  pruneMails(before: number): Promise<void>;
}
