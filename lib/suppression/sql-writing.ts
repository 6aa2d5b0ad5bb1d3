import type { SqlClient } from '../sql/sql-client.js';
import { type Facts, forgetAt, type Found, NO_FACTS, suppressionsOf } from './facts.js';
import { factsAt, type HashKeysOf, type Home, homeOf } from './homes.js';
import type { SuppressionTables } from './sql-tables.js';
import type { Write, Writes } from './suppression-store.js';

/** How often the rows of facts are asked for, if others remove them meanwhile. */
const ATTEMPTS = 3;

/**
 * Adds changes in one transaction: locks the facts of the addresses, in one order for all processes,
 * adds to them, and writes anew what they suppress.
 */
export async function writeChanges(
  client: SqlClient,
  tables: SuppressionTables,
  writes: Writes,
  hashKeysOf: HashKeysOf,
  now: number,
): Promise<void> {
  await client.transaction(async (inside) => {
    const homes = await findHomes(inside, tables, writes, hashKeysOf);
    const moved = homes.flatMap(({ home }) => home.from);
    const keys = [...homes.map(({ home }) => home.key), ...moved];
    const before = await lockFacts(inside, tables, keys.sort());
    const changed: { address: string; facts: Facts; isRowChanged: boolean }[] = [];
    for (const { home, write } of homes) {
      const known = before.get(home.key)!;
      const facts = factsAt(home, write, (key) => before.get(key)!, now);
      if (JSON.stringify(facts) === JSON.stringify(known)) continue;
      const isRowChanged = rowsOf(known, now) !== rowsOf(facts, now);
      changed.push({ address: home.key, facts, isRowChanged });
    }
    if (moved.length > 0) await remove(inside, tables, moved);
    if (changed.length === 0) return;
    await writeFacts(inside, tables, changed);
    const shown = changed.filter(({ isRowChanged }) => isRowChanged);
    if (shown.length > 0) await writeRows(inside, tables, shown, now);
  });
}

/**
 * Finds where the facts of people are kept. Until the transaction ends, nobody who was erased moves to a
 * hash elsewhere: that needs the table for itself, for a moment.
 */
async function findHomes(
  inside: SqlClient,
  { facts: table }: SuppressionTables,
  writes: Writes,
  hashKeysOf: HashKeysOf,
): Promise<{ home: Home; write: Write }[]> {
  const people = [...writes].map(([address, write]) => {
    return { address, write, hashes: hashKeysOf(address) };
  });
  const hasKeys = people.some(({ hashes }) => hashes.length > 0);
  const known = new Set<string>();
  if (hasKeys) {
    const isAnyErased = people.some(({ write }) => write.isErased);
    const mode = isAnyErased ? 'share row exclusive' : 'row exclusive';
    await inside.query(`lock table ${table} in ${mode} mode`, []);
    const { rows } = await inside.query(
      `select address from ${table} where address = any($1::text[])`,
      [people.flatMap(({ address, hashes }) => [address, ...hashes])],
    );
    for (const { address } of rows) known.add(address as string);
  }
  return people
    .map(({ address, write, hashes }) => {
      return { write, home: homeOf(address, hashes, write.isErased, (key) => known.has(key)) };
    })
    .filter(({ write, home }) => write.changes.length > 0 || known.has(home.key) || home.from[0]);
}

async function remove(
  inside: SqlClient,
  { facts, rows }: SuppressionTables,
  keys: readonly string[],
): Promise<void> {
  for (const table of [facts, rows]) {
    await inside.query(`delete from ${table} where address = any($1::text[])`, [keys]);
  }
}

async function lockFacts(
  inside: SqlClient,
  { facts: table }: SuppressionTables,
  addresses: readonly string[],
): Promise<Map<string, Facts>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await inside.query(
      `insert into ${table} (address, facts)
        select address, '' from unnest($1::text[]) as address order by address
        on conflict (address) do nothing`,
      [addresses],
    );
    const { rows } = await inside.query(
      `select address, facts from ${table} where address = any($1::text[])
        order by address for update`,
      [addresses],
    );
    // Fewer, if another process forgot one between the statements.
    if (rows.length === addresses.length) return new Map(rows.map(toFacts));
  }
  throw new Error('The facts of an address were removed by others again and again.');
}

function toFacts(row: Record<string, unknown>): [address: string, facts: Facts] {
  return [row.address as string, factsFrom(row.facts)];
}

/** Reads a column of facts: JSON, or nothing for an address that is new. */
export function factsFrom(column: unknown): Facts {
  return column === '' ? NO_FACTS : (JSON.parse(column as string) as Facts);
}

async function writeFacts(
  inside: SqlClient,
  { facts: table }: SuppressionTables,
  changed: readonly { address: string; facts: Facts }[],
): Promise<void> {
  const values = changed.map(({ address, facts }) => {
    const end = forgetAt(facts);
    return {
      address,
      facts: JSON.stringify(facts),
      forget_at: end === undefined ? null : new Date(end).toISOString(),
    };
  });
  await inside.query(
    `update ${table} as known set facts = new.facts, forget_at = new.forget_at
      from json_to_recordset($1::text::json)
        as new(address text, facts text, forget_at timestamptz)
      where known.address = new.address`,
    [JSON.stringify(values)],
  );
}

async function writeRows(
  inside: SqlClient,
  { rows: table }: SuppressionTables,
  changed: readonly { address: string; facts: Facts }[],
  now: number,
): Promise<void> {
  const addresses = changed.map(({ address }) => address);
  await inside.query(`delete from ${table} where address = any($1::text[])`, [addresses]);
  const values = changed.flatMap(({ address, facts }) =>
    suppressionsOf(facts, now).map((found) => toRow(address, facts.written, found)),
  );
  if (values.length === 0) return;
  await inside.query(
    `insert into ${table}
        (address, reason, scope, owner, written, at, until, reported_by, why, by)
      select address, reason, scope, owner, written, at, until, reported_by, why, by
      from json_to_recordset($1::text::json) as new(
        address text, reason text, scope text, owner text, written text, at timestamptz,
        until timestamptz, reported_by text, why text, by text)`,
    [JSON.stringify(values)],
  );
}

function toRow(address: string, written: string, found: Found): Record<string, string | null> {
  const { reason, scope, owner, at, until, reportedBy, why, by } = found;
  return {
    address,
    reason,
    scope,
    owner: owner ?? '',
    written,
    at: new Date(at).toISOString(),
    until: until === null ? null : new Date(until).toISOString(),
    reported_by: reportedBy,
    why,
    by,
  };
}

function rowsOf(facts: Facts, now: number): string {
  return JSON.stringify([facts.written, suppressionsOf(facts, now)]);
}
