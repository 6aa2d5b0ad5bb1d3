import type { SqlClient } from '../sql-client.js';
import { type Changes, changeNumbers } from './changes.js';
import { COUNT_COLUMNS } from './metrics.js';
import { scopesOf } from './reader.js';
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
  const run = (work: (changes: Changes) => Promise<number>) => changeNumbers(client, tables, work);
  const old = `select identity, reader from ${tables.events} where at < $1::timestamptz
    order by at limit ${AT_A_TIME}`;
  while ((await run((changes) => removeEvents(changes, old, time, removed))) > 0);
  // Also where later events keep the reader: who opened late must not be all that is left of a mail.
  while ((await run((changes) => forgetPrepared(changes, time, removed))) > 0);
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
  const run = (work: (changes: Changes) => Promise<number>) => changeNumbers(client, tables, work);
  const theirs = `select e.identity, e.reader from ${tables.readers} r
    join ${tables.events} e on e.reader = r.key
    where r.recipient = $1::text limit ${AT_A_TIME}`;
  while ((await run((changes) => removeEvents(changes, theirs, recipient, removed))) > 0);
  while ((await run((changes) => removeReaders(changes, recipient, removed))) > 0);
  await sweep(client, tables);
  return removed;
}

/**
 * @param which selects events and their readers, by `$1`
 * @returns how many were selected
 */
async function removeEvents(
  changes: Changes,
  which: string,
  value: string,
  removed: Removed,
): Promise<number> {
  const { client, tables, readers, counts } = changes;
  const found = (await client.query(which, [value])).rows;
  await readers.load(found.map(({ reader }) => reader as string));
  // Since then, some may have gone, or got another class.
  const { rows } = await client.query(
    `delete from ${tables.events} where identity = any($1::uuid[])
    returning reader, type, class, at`,
    [found.map(({ identity }) => identity)],
  );
  for (const { reader, type, class: hitClass, at } of rows) {
    const scopes = scopesOf(readers.get(reader as string));
    counts.event(scopes, toMillis(at)!, type as string, hitClass as number | null, -1);
  }
  const keys = [...new Set(rows.map(({ reader }) => reader as string))];
  await readers.recompute(keys);
  // Nobody is left of whom neither an event nor a mail is known.
  const empty = keys.filter((key) => readers.isEmpty(key));
  removed.events += rows.length;
  removed.mails += await dropEmpty(changes, empty);
  return found.length;
}

/** Removes a recipient's readers without events. @returns how many */
async function removeReaders(
  changes: Changes,
  recipient: string,
  removed: Removed,
): Promise<number> {
  const { client, tables, readers } = changes;
  const keys = await keysOf(
    client,
    `select r.key from ${tables.readers} r where r.recipient = $1::text
      and not exists (select from ${tables.events} e where e.reader = r.key) limit ${AT_A_TIME}`,
    recipient,
  );
  await readers.load(keys);
  const gone = await dropEmpty(changes, keys);
  removed.mails += gone;
  return gone;
}

/** Some events count for no reader, so a reader without first times may still have events. */
async function dropEmpty({ client, tables, readers }: Changes, keys: string[]): Promise<number> {
  if (keys.length === 0) return 0;
  const { rows } = await client.query(
    `select distinct reader from ${tables.events} where reader = any($1::uuid[])`,
    [keys],
  );
  const kept = new Set(rows.map(({ reader }) => reader as string));
  return readers.drop(keys.filter((key) => !kept.has(key)));
}

async function forgetPrepared(changes: Changes, time: string, removed: Removed): Promise<number> {
  const { client, tables, readers } = changes;
  const keys = await keysOf(
    client,
    `select key from ${tables.readers} where prepared_at < $1::timestamptz
      order by prepared_at limit ${AT_A_TIME}`,
    time,
  );
  await readers.load(keys);
  for (const key of keys) readers.forgetPrepared(key);
  removed.mails += await dropEmpty(changes, keys);
  return keys.length;
}

async function forgetCorrections(
  client: SqlClient,
  { corrections }: Tables,
  time: string,
): Promise<number> {
  const { rows } = await client.query(
    `delete from ${corrections} where event_id in (select event_id from ${corrections}
      where at < $1::timestamptz order by at limit ${AT_A_TIME} for update skip locked) returning event_id`,
    [time],
  );
  return rows.length;
}

async function keysOf(client: SqlClient, sql: string, value: string): Promise<string[]> {
  const { rows } = await client.query(sql, [value]);
  return rows.map(({ key }) => key as string);
}

/**
 * Takes out the rows of counts that have come to nothing. Those that are being changed are left out:
 * waiting for them, in an order of its own, could stop both for good.
 */
async function sweep(client: SqlClient, { counts }: Tables): Promise<void> {
  await client.query(
    `delete from ${counts} c using (select scope, bucket from ${counts}
      where ${COUNT_COLUMNS.map((name) => `${name} = 0`).join(' and ')}
      for update skip locked) as nothing
    where c.scope = nothing.scope and c.bucket = nothing.bucket`,
    [],
  );
}
