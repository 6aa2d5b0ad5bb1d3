import type { SqlClient } from '../sql-client.js';
import type { CountChanges } from './count-changes.js';
import {
  firstOf,
  FIRSTS,
  type Reader,
  READER_COLUMNS,
  scopesOf,
  toReader,
  toReaderRow,
} from './reader.js';
import type { Locks } from './locks.js';
import type { Tables } from './tables.js';
import { toMillis } from './values.js';

interface Change {
  before: Reader | null;
  after: Reader;
}

const NAMES = READER_COLUMNS.map((column) => column.slice(0, column.indexOf(' ')));

/** The readers that one transaction touches, as they were and as they will be. */
export class ReaderChanges {
  private readonly changes = new Map<string, Change>();

  constructor(
    private readonly client: SqlClient,
    private readonly tables: Tables,
    private readonly locks: Locks,
    private readonly counts: CountChanges,
  ) {}

  /** Locks and reads those that are not read yet. */
  async load(keys: Iterable<string>): Promise<void> {
    const missing = [...new Set(keys)].filter((key) => !this.changes.has(key));
    if (missing.length === 0) return;
    await this.locks.take(missing);
    const { rows } = await this.client.query(
      `select ${NAMES.join(', ')} from ${this.tables.readers} where key = any($1::uuid[])`,
      [missing],
    );
    for (const row of rows) {
      const reader = toReader(row);
      this.changes.set(reader.key, { before: reader, after: reader });
    }
  }

  /** As the reader will be. It must have been loaded, and be there. */
  get(key: string): Reader {
    return this.changes.get(key)!.after;
  }

  /** Takes in what an event, or a mail that was prepared, says of its reader. What is known stays. */
  learn(said: Reader): void {
    const change = this.changes.get(said.key);
    if (!change) {
      const firsts = said.firsts.length > 0 ? said.firsts : FIRSTS.map(() => null);
      this.changes.set(said.key, { before: null, after: { ...said, firsts } });
      return;
    }
    const { after } = change;
    const campaign = after.campaign ?? said.campaign;
    const tags = after.tags.length > 0 || said.tags.length === 0 ? after.tags : said.tags;
    const preparedAt = earlier(after.preparedAt, said.preparedAt);
    const trackedLinks = Math.max(after.trackedLinks, said.trackedLinks);
    const pixels = Math.max(after.pixels, said.pixels);
    change.after = { ...after, campaign, tags, preparedAt, trackedLinks, pixels };
  }

  /** Notes when something happened. */
  happened(key: string, type: string, hitClass: number | null, at: number): void {
    const place = firstOf(type, hitClass);
    if (place < 0) return;
    const change = this.changes.get(key)!;
    const known = change.after.firsts[place] ?? null;
    if (known !== null && known <= at) return;
    change.after = { ...change.after, firsts: change.after.firsts.with(place, at) };
  }

  /** Reads anew when things happened first, after events were changed or removed. */
  async recompute(keys: readonly string[]): Promise<void> {
    const { rows } = await this.client.query(
      `select reader, type, class, min(at) as at from ${this.tables.events}
      where reader = any($1::uuid[]) group by reader, type, class`,
      [keys],
    );
    for (const key of keys) {
      const change = this.changes.get(key);
      if (change) change.after = { ...change.after, firsts: FIRSTS.map(() => null) };
    }
    for (const { reader, type, class: hitClass, at } of rows) {
      if (!this.changes.has(reader as string)) continue;
      this.happened(reader as string, type as string, hitClass as number | null, toMillis(at)!);
    }
  }

  /** Takes back that a mail was prepared. */
  forgetPrepared(key: string): void {
    const change = this.changes.get(key);
    if (!change) return;
    change.after = { ...change.after, preparedAt: null, trackedLinks: 0, pixels: 0 };
  }

  /**
   * Events that are written already are counted where their reader is counted. Before new ones are
   * written.
   */
  async moveEvents(): Promise<void> {
    const moved = [...this.changes.values()].filter(
      ({ before, after }) =>
        before && (before.campaign !== after.campaign || before.tags !== after.tags),
    );
    if (moved.length === 0) return;
    const keys = moved.map(({ after }) => after.key);
    const { rows } = await this.client.query(
      `select reader, type, class, at from ${this.tables.events} where reader = any($1::uuid[])`,
      [keys],
    );
    for (const row of rows) {
      const { before, after } = this.changes.get(row.reader as string)!;
      const hitClass = row.class as number | null;
      const at = toMillis(row.at)!;
      this.counts.event(scopesOf(before!), at, row.type as string, hitClass, -1);
      this.counts.event(scopesOf(after), at, row.type as string, hitClass, 1);
    }
    await this.client.query(
      `update ${this.tables.events} e set campaign = t.campaign
      from json_to_recordset($1::json) as t(key uuid, campaign text)
      where e.reader = t.key and e.type = 'clicked'`,
      [JSON.stringify(moved.map(({ after: { key, campaign } }) => ({ key, campaign })))],
    );
  }

  /** Writes those that have changed, and notes what that means for the numbers. */
  async write(): Promise<void> {
    const changed = [...this.changes.values()].filter(({ before, after }) => before !== after);
    for (const { before, after } of changed) this.counts.reader(before, after);
    const written = changed.filter(({ before, after }) => !before || !isSame(before, after));
    if (written.length === 0) return;
    await this.client.query(
      `insert into ${this.tables.readers} (${NAMES.join(', ')})
      select ${NAMES.join(', ')} from json_to_recordset($1::json) as t(${READER_COLUMNS.join(', ')})
      on conflict (key) do update
        set ${NAMES.slice(3)
          .map((name) => `${name} = excluded.${name}`)
          .join(', ')}`,
      [JSON.stringify(written.map(({ after }) => toReaderRow(after)))],
    );
  }

  /** Whether nothing is known of a loaded reader. */
  isEmpty(key: string): boolean {
    const { firsts, preparedAt } = this.get(key);
    return preparedAt === null && firsts.every((at) => at === null);
  }

  /** Removes readers of whom nothing is left. @returns how many */
  async drop(keys: readonly string[]): Promise<number> {
    const gone = keys.filter((key) => this.changes.has(key));
    if (gone.length === 0) return 0;
    for (const key of gone) {
      this.counts.reader(this.changes.get(key)!.before, null);
      this.changes.delete(key);
    }
    await this.client.query(`delete from ${this.tables.readers} where key = any($1::uuid[])`, [
      gone,
    ]);
    return gone.length;
  }
}

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

function isSame(one: Reader, other: Reader): boolean {
  return (
    one.campaign === other.campaign &&
    one.tags === other.tags &&
    one.preparedAt === other.preparedAt &&
    one.trackedLinks === other.trackedLinks &&
    one.pixels === other.pixels &&
    one.firsts.every((at, i) => at === other.firsts[i])
  );
}
