import type { Tables } from './tables.js';

/**
 * Adds what says whom a row names: the mode of an event, and of a reader whether its recipient was known
 * and what is counted in rows that name nobody any more. The indexes that counting reads hold the mode.
 */
export function modes({
  schema,
  events,
  readers,
  counts,
  seen,
  kept,
  retention,
}: Tables): string[] {
  const replaced = ['at', 'clicks', 'reader', 'urls'];
  return [
    ...replaced.map((index) => `drop index ${schema}.tracking_events_${index}`),
    `alter table ${events} add column mode text`,
    `alter table ${readers} add column is_known boolean not null default false,
      add column counted_before int not null default 0,
      add column happened_after int not null default 0`,
    `update ${readers} set is_known = true where recipient is not null`,
    `create index tracking_events_at on ${events} (at) include (type, class, mode, reader)`,
    `create index tracking_events_clicks on ${events} (reader, place_key)
      include (at, class, mode, url_key) where type = 'clicked'`,
    `create index tracking_events_reader on ${events} (reader, at) include (type, class, mode)`,
    `create index tracking_events_urls on ${events} (url_key, at)
      include (class, mode, reader) where type = 'clicked'`,
    `create table ${seen} (
      recipient text not null,
      tenant text not null,
      day date not null,
      primary key (recipient, tenant)
    )`,
    `create table ${kept} (like ${counts} including constraints including defaults including indexes)`,
    `create table ${retention} (id int primary key check (id = 1), started_at timestamptz)`,
    `insert into ${retention} values (1, null)`,
  ];
}
