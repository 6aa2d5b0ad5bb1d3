import type { SqlClient } from '../../sql/sql-client.js';
import type { Tables } from './tables.js';

/** The last day on which somebody opened a mail, as a row. */
export interface SeenRow {
  recipient: string;
  /** Empty if there is none. */
  tenant: string;
  day: string;
}

/** Keeps the latest day of each recipient, and no other. */
export async function writeSeen(
  client: SqlClient,
  { seen }: Tables,
  rows: readonly SeenRow[],
): Promise<void> {
  await client.query(
    `insert into ${seen} as s (recipient, tenant, day)
    select recipient, tenant, max(day)
      from json_to_recordset($1::json) as t(recipient text, tenant text, day date)
      group by recipient, tenant order by recipient, tenant
    on conflict (recipient, tenant) do update set day = excluded.day where excluded.day > s.day`,
    [JSON.stringify(rows)],
  );
}

/** Returns the days of recipients, as the tables spell them, by tenant. */
export async function readSeen(
  client: SqlClient,
  { seen }: Tables,
  recipients: readonly string[],
): Promise<SeenRow[]> {
  const { rows } = await client.query(
    `select recipient, tenant, to_char(day, 'YYYY-MM-DD') as day from ${seen}
      where recipient = any($1::text[]) order by day desc, tenant`,
    [recipients],
  );
  return rows as unknown as SeenRow[];
}

/** Removes the days of recipients. */
export async function removeSeen(
  client: SqlClient,
  { seen }: Tables,
  recipients: readonly string[],
): Promise<void> {
  await client.query(`delete from ${seen} where recipient = any($1::text[])`, [recipients]);
}

/** Removes the days before that of a time. */
export async function pruneSeen(client: SqlClient, { seen }: Tables, before: Date): Promise<void> {
  await client.query(`delete from ${seen} where day < ($1::timestamptz at time zone 'UTC')::date`, [
    before.toISOString(),
  ]);
}
