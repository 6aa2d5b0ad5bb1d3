import type { Migration } from '../sql/migrate.js';

/** The names of the store's tables, as SQL takes them. */
export interface ConsentTables {
  schema: string;
  migrations: string;
  consents: string;
  erasures: string;
  mails: string;
}

/** @param schema was checked: it is an identifier */
export function tablesIn(schema: string): ConsentTables {
  const name = (table: string) => `"${schema}".tracking_privacy_${table}`;
  return {
    schema: `"${schema}"`,
    migrations: name('migrations'),
    consents: name('consents'),
    erasures: name('erasures'),
    mails: name('mails'),
  };
}

/** Returns the steps of the schema, in order. No column holds an address. */
export function migrationsOf({ consents, erasures, mails }: ConsentTables): Migration[] {
  return [
    {
      id: 1,
      name: 'consents, erasures and the mails since',
      sql: [
        `create table ${consents} (
          id bigint generated always as identity primary key,
          hash text not null,
          key_id text not null,
          what text not null,
          opens text,
          clicks text,
          source text not null,
          notice text,
          proof text,
          tenant text,
          at timestamptz not null
        )`,
        `create index tracking_privacy_consents_hash on ${consents} (hash, at, id)`,
        `create index tracking_privacy_consents_key on ${consents} (key_id)`,
        `create table ${erasures} (
          hash text primary key,
          key_id text not null,
          erased_at timestamptz not null
        )`,
        `create index tracking_privacy_erasures_key on ${erasures} (key_id)`,
        `create table ${mails} (
          hash text primary key,
          key_id text not null,
          prepared_at timestamptz not null
        )`,
        `create index tracking_privacy_mails_key on ${mails} (key_id)`,
        `create index tracking_privacy_mails_at on ${mails} (prepared_at)`,
      ],
    },
  ];
}
