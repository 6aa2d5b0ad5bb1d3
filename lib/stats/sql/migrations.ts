import type { Migration } from '../../sql/migrate.js';
import { keyedHashes } from './migrate-keys.js';
import { METRICS } from './metrics.js';
import { domains } from './migrate-domains.js';
import { modes } from './migrate-modes.js';
import type { Tables } from './tables.js';

/** Returns the steps of the schema, in order. */
export function migrationsOf(tables: Tables): Migration[] {
  const { events, readers, corrections, locks } = tables;
  return [
    {
      id: 1,
      name: 'events and numbers',
      sql: [
        `create table ${readers} (
          key uuid primary key,
          message_id text,
          recipient text,
          campaign text,
          tags text[] not null default '{}',
          prepared_at timestamptz,
          tracked_links int not null default 0,
          pixels int not null default 0
        )`,
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
        `create index tracking_events_esp on ${events} (event_id) where esp_name is not null`,
        `create index tracking_events_trouble on ${events} (at)
          where type in ('bounced', 'complained', 'unsubscribed', 'rejected', 'failed', 'deferred')`,
        `create index tracking_events_urls on ${events} (url_key, at)
          include (class, reader) where type = 'clicked'`,
        `create table ${corrections} (
          event_id text primary key,
          verdict jsonb not null,
          at timestamptz not null
        )`,
        `create index tracking_corrections_at on ${corrections} (at)`,
      ],
    },
    // Its rows are gone when their transaction ends, so there is nothing to keep through a crash.
    {
      id: 2,
      name: 'locks of mails',
      sql: [`create unlogged table ${locks} (key uuid primary key)`],
    },
    { id: 3, name: 'numbers by days', sql: numbersByDays(tables) },
    { id: 4, name: 'leaving by links', sql: leavingByLinks(tables) },
    { id: 5, name: 'keyed hashes', sql: keyedHashes(tables) },
    { id: 6, name: 'modes of events', sql: modes(tables) },
    { id: 7, name: 'numbers by domains', sql: domains(tables) },
  ];
}

/** The counts of step 4. */
const LEFT = METRICS.filter((name) => name.includes('left_by_'));

/**
 * Adds what an event says of leaving, and counts of it. Until then providers reported every leaving,
 * so nothing is counted again.
 */
function leavingByLinks({ events, counts }: Tables): string[] {
  const columns = LEFT.map((name) => `add column ${name} int not null default 0`);
  return [
    `alter table ${events} add column list text, add column via text`,
    `alter table ${counts} ${columns.join(', ')}`,
    `update ${counts} set uniq_left_by_provider = uniq_unsubscribed where uniq_unsubscribed > 0`,
  ];
}

/**
 * Replaces counts that each write kept up to date with counts of whole days. Drops what steps 1 and
 * 2 created for the old counts, in schemas older than this step.
 */
function numbersByDays({ schema, events, readers, counts, changedDays }: Tables): string[] {
  const dropped = ['events_at', 'events_reader', 'events_places'];
  const firsts = ['open', 'click'].flatMap((name) => [0, 1, 2, 3].map((i) => `${name}_${i}`));
  const columns = [...firsts, 'delivered', 'bounced', 'complained', 'unsubscribed'];
  return [
    `drop table if exists ${counts}`,
    ...dropped.map((index) => `drop index if exists ${schema}.tracking_${index}`),
    `alter table ${readers} ${columns.map((name) => `drop column if exists ${name}`).join(', ')}`,
    `alter table ${events} drop column if exists campaign`,
    // These were counted as machines.
    `update ${events} set class = 1 where class = 3 and verdict ->> 'certainty' = 'possible'`,
    `create index tracking_events_at on ${events} (at) include (type, class, reader)`,
    `create index tracking_events_clicks on ${events} (reader, place_key)
      include (at, class, url_key) where type = 'clicked'`,
    `create index tracking_events_reader on ${events} (reader, at) include (type, class)`,
    `create table ${counts} (
      scope text not null,
      bucket timestamptz not null,
      first_at timestamptz not null,
      last_at timestamptz not null,
      ${METRICS.filter((name) => !LEFT.includes(name))
        .map((name) => `${name} int not null`)
        .join(',\n      ')},
      primary key (scope, bucket)
    )`,
    `create index tracking_counts_bucket on ${counts} (bucket)`,
    `create table ${changedDays} (day date not null)`,
    `insert into ${changedDays}
      select (at at time zone 'UTC')::date from ${events}
      union select (prepared_at at time zone 'UTC')::date from ${readers}
        where prepared_at is not null`,
  ];
}
