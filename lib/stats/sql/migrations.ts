import type { SqlClient } from '../sql-client.js';
import { FIRSTS } from './reader.js';
import { COUNT_COLUMNS } from './metrics.js';
import type { Tables } from './tables.js';

/** A step of the schema. Those that were released never change; a change is a new one. */
export interface Migration {
  /** What it is recorded by. */
  id: number;
  /** What it is for, in the table of migrations. */
  name: string;
  /** Its statements. */
  sql: (tables: Tables) => string[];
}

/** All of them, in order. */
export const MIGRATIONS: readonly Migration[] = [
  { id: 1, name: 'events and numbers', sql: first },
  // Its rows are gone when their transaction ends, so there is nothing to keep through a crash.
  {
    id: 2,
    name: 'locks of mails',
    sql: ({ locks }) => [`create unlogged table ${locks} (key uuid primary key)`],
  },
];

function first({ events, readers, counts, corrections }: Tables): string[] {
  return [
    // Room for the first times, so that noting one touches no index.
    `create table ${readers} (
      key uuid primary key,
      message_id text,
      recipient text,
      campaign text,
      tags text[] not null default '{}',
      prepared_at timestamptz,
      tracked_links int not null default 0,
      pixels int not null default 0,
      ${FIRSTS.map((name) => `${name} timestamptz`).join(',\n      ')}
    ) with (fillfactor = 70)`,
    `create index tracking_readers_message on ${readers} (message_id) where message_id is not null`,
    `create index tracking_readers_recipient on ${readers} (recipient) where recipient is not null`,
    `create index tracking_readers_campaign on ${readers} (campaign, recipient, key)
      where campaign is not null`,
    `create index tracking_readers_prepared on ${readers} (prepared_at)
      where prepared_at is not null`,
    `create table ${events} (
      identity uuid primary key,
      seq bigint generated always as identity,
      event_id text not null,
      reader uuid not null,
      type text not null,
      at timestamptz not null,
      class smallint,
      campaign text,
      source text not null,
      esp_name text,
      metadata jsonb,
      verdict jsonb,
      corrected_from jsonb,
      url text,
      part text,
      link_index int,
      link_label text,
      place_key bigint,
      url_key bigint,
      reject_reason text,
      permanent boolean,
      description text,
      mta_response text,
      user_agent text,
      user_ip text,
      sent_at timestamptz
    )`,
    `create index tracking_events_at on ${events} (at)`,
    `create index tracking_events_reader on ${events} (reader, at)`,
    `create index tracking_events_esp on ${events} (event_id) where esp_name is not null`,
    `create index tracking_events_trouble on ${events} (at)
      where type in ('bounced', 'complained', 'unsubscribed', 'rejected', 'failed', 'deferred')`,
    `create index tracking_events_places on ${events} (campaign, place_key, at)
      include (class, reader, url_key) where type = 'clicked' and campaign is not null`,
    `create index tracking_events_urls on ${events} (url_key, at)
      include (class, reader) where type = 'clicked'`,
    `create table ${corrections} (
      event_id text primary key,
      verdict jsonb not null,
      at timestamptz not null
    )`,
    `create index tracking_corrections_at on ${corrections} (at)`,
    `create table ${counts} (
      scope text not null,
      bucket timestamptz not null,
      ${COUNT_COLUMNS.map((name) => `${name} int not null default 0`).join(',\n      ')},
      primary key (scope, bucket)
    ) with (fillfactor = 50)`,
    `create index tracking_counts_whole on ${counts} (scope)
      where bucket = '-infinity'::timestamptz`,
  ];
}

/** The two random numbers of the advisory lock for migrations. */
const MIGRATING = [1_953_653_108, 1];

/**
 * Brings the schema up to date: all steps that are missing, in one transaction, under a lock, so that
 * processes which start at a time do it once, and one that dies leaves nothing.
 */
export async function migrate(
  client: SqlClient,
  tables: Tables,
  schema: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await client.transaction(async (inside) => {
    await inside.query('select pg_advisory_xact_lock($1::int, $2::int)::text', MIGRATING);
    if (schema !== 'public') await inside.query(`create schema if not exists ${tables.schema}`, []);
    await inside.query(
      `create table if not exists ${tables.migrations} (
        id int primary key, name text not null, applied_at timestamptz not null default now())`,
      [],
    );
    const { rows } = await inside.query(`select id from ${tables.migrations}`, []);
    const applied = new Set(rows.map(({ id }) => Number(id)));
    for (const { id, name, sql } of migrations) {
      if (applied.has(id)) continue;
      for (const statement of sql(tables)) await inside.query(statement, []);
      await inside.query(`insert into ${tables.migrations} (id, name) values ($1::int, $2::text)`, [
        id,
        name,
      ]);
    }
  });
}
