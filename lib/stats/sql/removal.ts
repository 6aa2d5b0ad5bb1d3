import type { SqlClient } from '../../sql/sql-client.js';
import { ALWAYS, lockReaders, markChangedDays } from './changed-days.js';
import { recountChangedDays } from './daily-counts.js';
import { pruneSeen, removeSeen } from './seen.js';
import type { Tables } from './tables.js';

/** The counts of what was removed. */
export interface Removed {
  /** Events. */
  events: number;
  /** Mails, with their state. */
  mails: number;
}

/** Rows that one transaction removes at most, so that writing goes on in between. */
const AT_A_TIME = 2000;

/** Removes all that happened before a time. */
export async function prune(client: SqlClient, tables: Tables, before: Date): Promise<Removed> {
  const { events, readers, corrections, kept } = tables;
  const time = before.toISOString();
  const removed = await remove(client, tables, time, {
    events: `select identity, reader as key from ${events} where at < $1::timestamptz order by at`,
    // Also where later events keep the reader: who opened late must not be all that is left of a mail.
    readers: `select key from ${readers} where prepared_at < $1::timestamptz order by prepared_at`,
  });
  const old = `delete from ${corrections} where event_id in (select event_id from ${corrections}
    where at < $1::timestamptz order by at limit ${AT_A_TIME} for update skip locked)
    returning event_id`;
  while ((await client.query(old, [time])).rows.length > 0);
  await client.query(`delete from ${kept} where bucket < $1::timestamptz`, [time]);
  await pruneSeen(client, tables, before);
  await recountChangedDays(client, tables);
  return removed;
}

/** Removes all that is known of a recipient. @param spellings as the tables may spell the address */
export async function eraseRecipient(
  client: SqlClient,
  tables: Tables,
  spellings: readonly string[],
): Promise<Removed> {
  const { events, readers } = tables;
  await removeSeen(client, tables, spellings);
  const removed = await remove(client, tables, spellings, {
    events: `select e.identity, r.key from ${readers} r join ${events} e on e.reader = r.key
      where r.recipient = any($1::text[])`,
    readers: `select key from ${readers} r where r.recipient = any($1::text[])
      and not exists (select from ${events} e where e.reader = r.key)`,
  });
  await recountChangedDays(client, tables);
  return removed;
}

/** @param which selects events, and readers whose mail is forgotten, by `$1` */
async function remove(
  client: SqlClient,
  tables: Tables,
  value: string | readonly string[],
  which: { events: string; readers: string },
): Promise<Removed> {
  const removed: Removed = { events: 0, mails: 0 };
  for (const select of [which.events, which.readers]) {
    const next = () =>
      client.transaction((inside) => removeSome(inside, tables, select, value, removed));
    while ((await next()) > 0);
  }
  return removed;
}

/** @returns how many rows were selected */
async function removeSome(
  client: SqlClient,
  tables: Tables,
  select: string,
  value: string | readonly string[],
  removed: Removed,
): Promise<number> {
  const { events, readers } = tables;
  const { rows } = await client.query(`${select} limit ${AT_A_TIME}`, [value]);
  if (rows.length === 0) return 0;
  const keys = [...new Set(rows.map(({ key }) => key as string))];
  await lockReaders(client, tables, keys);
  await markChangedDays(client, tables, new Map(keys.map((key) => [key, ALWAYS])));
  if ('identity' in rows[0]!) {
    const gone = await client.query(
      `delete from ${events} where identity = any($1::uuid[]) returning identity`,
      [rows.map(({ identity }) => identity)],
    );
    removed.events += gone.rows.length;
  } else {
    await client.query(
      `update ${readers} set prepared_at = null, tracked_links = 0, pixels = 0
      where key = any($1::uuid[])`,
      [keys],
    );
  }
  // This statement sees what was written until the lock was taken.
  const empty = await client.query(
    `delete from ${readers} r where key = any($1::uuid[]) and prepared_at is null
      and not exists (select from ${events} e where e.reader = r.key) returning key`,
    [keys],
  );
  removed.mails += empty.rows.length;
  return rows.length;
}
