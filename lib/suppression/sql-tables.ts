import type { Migration } from '../sql/migrate.js';
import { HASH_MARK } from './homes.js';

/** The names of the store's tables, as SQL takes them. */
export interface SuppressionTables {
  schema: string;
  migrations: string;
  facts: string;
  rows: string;
}

/** @param schema was checked: it is an identifier */
export function tablesIn(schema: string): SuppressionTables {
  const name = (table: string) => `"${schema}".tracking_suppression${table}`;
  return {
    schema: `"${schema}"`,
    migrations: name('_migrations'),
    facts: name('_facts'),
    rows: name('s'),
  };
}

/**
 * Returns the steps of the schema, in order. The facts of an address are JSON, because they are only
 * ever read and written together; what they suppress is in rows, because that is what is asked for.
 */
export function migrationsOf({ facts, rows }: SuppressionTables): Migration[] {
  return [
    {
      id: 1,
      name: 'facts and suppressions',
      sql: [
        `create table ${facts} (
          address text primary key,
          facts text not null,
          forget_at timestamptz
        )`,
        `create index tracking_suppression_forget on ${facts} (forget_at)
          where forget_at is not null`,
        `create table ${rows} (
          address text not null,
          reason text not null,
          scope text not null,
          owner text not null,
          written text not null,
          at timestamptz not null,
          until timestamptz,
          reported_by text,
          why text,
          by text,
          primary key (address, reason, scope, owner)
        )`,
        `create index tracking_suppressions_at on ${rows} (at, address)`,
        `create index tracking_suppressions_until on ${rows} (until) where until is not null`,
      ],
    },
    {
      id: 2,
      name: 'find who is kept under a hash',
      sql: [
        `create index tracking_suppression_hashed on ${facts} (address)
          where address like '${HASH_MARK}%'`,
        `create index tracking_suppressions_hashed on ${rows} (address)
          where address like '${HASH_MARK}%'`,
      ],
    },
  ];
}
