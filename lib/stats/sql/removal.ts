import type { SqlClient } from '../sql-client.js';
import type { CountChanges } from './count-changes.js';
import { COUNT_COLUMNS } from './metrics.js';
import type { ReaderChanges } from './reader-changes.js';
import { scopesOf } from './reader.js';
import { changeNumbers } from './stats-writer.js';
import type { Tables } from './tables.js';
import { toMillis } from './values.js';

/** The counts of what was removed. */
export interface Removed {
  /** Events. */
  events: number;
  /** Mails, with their state. */
  mails: number;
}

/** Rows that one transaction removes at the most, so that writing goes on in between. */
const AT_A_TIME = 2000;

/** Removes all that happened before a time, and corrects the numbers. */
export async function prune(client: SqlClient, tables: Tables, before: Date): Promise<Removed> {
  const time = before.toISOString();
  const removed: Removed = { events: 0, mails: 0 };
  const events = () =>
    removeEvents(
      client,
      tables,
      `identity in (select identity from ${tables.events} where at < $1::timestamptz
        order by at limit ${AT_A_TIME})`,
      time,
      removed,
    );
  while ((await events()) > 0);
  // Also where later events keep the reader: who opened late must not be all that is left of a mail.
  while ((await forgetPrepared(client, tables, time, removed)) > 0);
  while ((await forgetCorrections(client, tables, time)) > 0);
  await sweep(client, tables);
  return removed;
}

/** Removes all that is known of a recipient, and corrects the numbers. */
export async function eraseRecipient(
  client: SqlClient,
  tables: Tables,
  recipient: string,
): Promise<Removed> {
  const removed: Removed = { events: 0, mails: 0 };
  const events = () =>
    removeEvents(
      client,
      tables,
      `identity in (select e.identity from ${tables.readers} r
        join ${tables.events} e on e.reader = r.key
        where r.recipient = $1::text limit ${AT_A_TIME})`,
      recipient,
      removed,
    );
  while ((await events()) > 0);
  const readers = () =>
    changeNumbers(client, tables, async (inside, changes) => {
      const keys = await keysOf(
        inside,
        `select r.key from ${tables.readers} r where r.recipient = $1::text
          and not exists (select from ${tables.events} e where e.reader = r.key)
          limit ${AT_A_TIME}`,
        recipient,
      );
      await changes.load(keys);
      return changes.drop(keys);
    });
  for (let gone = await readers(); gone > 0; gone = await readers()) removed.mails += gone;
  await sweep(client, tables);
  return removed;
}

/** @returns how many events went */
function removeEvents(
  client: SqlClient,
  tables: Tables,
  which: string,
  value: string,
  removed: Removed,
): Promise<number> {
  return changeNumbers(client, tables, async (inside, readers, counts) => {
    const { rows } = await inside.query(
      `delete from ${tables.events} where ${which} returning reader, type, class, at`,
      [value],
    );
    const keys = [...new Set(rows.map(({ reader }) => reader as string))];
    await readers.load(keys);
    subtract(rows, readers, counts);
    await readers.recompute(keys);
    // Nobody is left of whom neither an event nor a mail is known.
    const empty = keys.filter((key) => {
      const { firsts, preparedAt } = readers.get(key);
      return preparedAt === null && firsts.every((at) => at === null);
    });
    const gone = await dropEmpty(inside, tables, readers, empty);
    removed.events += rows.length;
    removed.mails += gone;
    return rows.length;
  });
}

function subtract(
  rows: Record<string, unknown>[],
  readers: ReaderChanges,
  counts: CountChanges,
): void {
  for (const { reader, type, class: hitClass, at } of rows) {
    const scopes = scopesOf(readers.get(reader as string));
    counts.event(scopes, toMillis(at)!, type as string, hitClass as number | null, -1);
  }
}

/** Some events count for no reader, so a reader without first times may still have events. */
async function dropEmpty(
  client: SqlClient,
  tables: Tables,
  readers: ReaderChanges,
  keys: string[],
): Promise<number> {
  if (keys.length === 0) return 0;
  const { rows } = await client.query(
    `select distinct reader from ${tables.events} where reader = any($1::uuid[])`,
    [keys],
  );
  const kept = new Set(rows.map(({ reader }) => reader as string));
  return readers.drop(keys.filter((key) => !kept.has(key)));
}

function forgetPrepared(
  client: SqlClient,
  tables: Tables,
  time: string,
  removed: Removed,
): Promise<number> {
  return changeNumbers(client, tables, async (inside, readers) => {
    const keys = await keysOf(
      inside,
      `select key from ${tables.readers} where prepared_at < $1::timestamptz
        order by prepared_at limit ${AT_A_TIME}`,
      time,
    );
    await readers.load(keys);
    for (const key of keys) readers.forgetPrepared(key);
    removed.mails += await dropEmpty(inside, tables, readers, keys);
    return keys.length;
  });
}

async function forgetCorrections(
  client: SqlClient,
  { corrections }: Tables,
  time: string,
): Promise<number> {
  const { rows } = await client.query(
    `delete from ${corrections} where event_id in (select event_id from ${corrections}
      where at < $1::timestamptz order by at limit ${AT_A_TIME}) returning event_id`,
    [time],
  );
  return rows.length;
}

async function keysOf(client: SqlClient, sql: string, value: string): Promise<string[]> {
  const { rows } = await client.query(sql, [value]);
  return rows.map(({ key }) => key as string);
}

/** Takes out the rows of counts that have come to nothing. */
async function sweep(client: SqlClient, { counts }: Tables): Promise<void> {
  await client.query(
    `delete from ${counts} where ${COUNT_COLUMNS.map((name) => `${name} = 0`).join(' and ')}`,
    [],
  );
}
