import type { Tables } from './tables.js';

/**
 * Adds the domain of a recipient, whose numbers are counted by days as those of campaigns are, and
 * indexes for questions about single events. All days are counted again.
 */
export function domains({ schema, events, readers, changedDays }: Tables): string[] {
  return [
    `alter table ${readers} add column domain text
      generated always as (nullif(substring(recipient from '[^@]*$'), recipient)) stored`,
    `create index tracking_readers_domain on ${readers} (domain) where domain is not null`,
    `create index tracking_events_kinds on ${events} ((verdict ->> 'kind'), at)
      where verdict is not null`,
    `drop index ${schema}.tracking_events_trouble`,
    `create index tracking_events_type on ${events} (type, at) include (class, mode, reader)`,
    // With what puts events in order, so that a page of them reads no other.
    `drop index ${schema}.tracking_events_reader`,
    `create index tracking_events_reader on ${events} (reader, at) include (type, class, mode, seq)`,
    `insert into ${changedDays}
      select (at at time zone 'UTC')::date from ${events}
      union select (prepared_at at time zone 'UTC')::date from ${readers}
        where prepared_at is not null`,
  ];
}
