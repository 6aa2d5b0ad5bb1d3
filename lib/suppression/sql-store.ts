import { migrate, Migrations } from '../sql/migrate.js';
import type { SqlClient } from '../sql/sql-client.js';
import { toMillis, toText } from '../sql/values.js';
import { type Facts, NO_FACTS } from './facts.js';
import { HASH_MARK, type HashKeysOf, together } from './homes.js';
import { factsFrom, writeChanges } from './sql-writing.js';
import { migrationsOf, type SuppressionTables, tablesIn } from './sql-tables.js';
import {
  type ComplaintScope,
  type Row,
  type RowFilter,
  type RowPage,
  scopeOf,
  type SuppressionStore,
  type Writes,
} from './suppression-store.js';
import type { SuppressionReason, SuppressionScope } from './suppression.js';

/** How many addresses one statement forgets. */
const PRUNE_PART = 1000;

/** Keeps suppressions in a database. Several processes can use one at once. */
export class SqlStore implements SuppressionStore {
  readonly isDurable = true;
  private readonly tables: SuppressionTables;
  private readonly migrations: Migrations;
  /** Whether somebody is known to be kept under a hash. */
  private isAnyHashed = false;

  constructor(
    private readonly client: SqlClient,
    private readonly complaintScope: ComplaintScope,
    private readonly settings: { schema: string; migrate: boolean },
    private readonly hashKeysOf: HashKeysOf,
  ) {
    this.tables = tablesIn(settings.schema);
    const { schema, migrations: table } = this.tables;
    const steps = migrationsOf(this.tables);
    this.migrations = new Migrations(() => migrate(client, { schema, table }, steps));
  }

  ready(): Promise<void> {
    return this.settings.migrate ? this.migrations.done() : Promise.resolve();
  }

  async keyIds(): Promise<string[]> {
    const { rows } = await this.client.query(
      `select distinct substr(address, ${HASH_MARK.length + 1}, 8) as key_id
        from ${this.tables.facts} where address like '${HASH_MARK}%'`,
      [],
    );
    return rows.map(({ key_id: id }) => id as string);
  }

  write(writes: Writes, now: number): Promise<void> {
    return writeChanges(this.client, this.tables, writes, this.hashKeysOf, now);
  }

  async find(keys: readonly string[], now: number): Promise<Row[]> {
    const hashes = new Map(this.isAnyHashed ? keys.flatMap((key) => this.hashesOf(key)) : []);
    const rows = await this.rows(
      `where address = any($1::text[]) and (until is null or until > $2::timestamptz)
        ${this.isAnyHashed ? '' : this.orAnyHashed}`,
      [[...keys, ...hashes.keys()], isoOf(now)],
    );
    if (!this.isAnyHashed && rows.some(({ key }) => key === HASH_MARK)) {
      this.isAnyHashed = true;
      return this.find(keys, now);
    }
    return rows.map((row) => ({ ...row, key: hashes.get(row.key) ?? row.key }));
  }

  list({ scope, reason, search = '' }: RowFilter, page: RowPage, now: number): Promise<Row[]> {
    return this.rows(
      `where (until is null or until > $1::timestamptz)
          and ($2::text is null
            or $2::text = case when reason = 'complained' then $3::text else scope end)
          and ($4::text is null or reason = $4::text)
          and starts_with(address, $5::text)
        order by at desc, address desc, reason, scope, owner
        limit $6::int offset $7::int`,
      [
        isoOf(now),
        scope ?? null,
        this.complaintScope,
        reason ?? null,
        search,
        page.limit,
        page.offset,
      ],
    );
  }

  async *parts(size: number, now: number): AsyncGenerator<Row[]> {
    let last: Pick<Row, 'key' | 'reason' | 'scope' | 'owner'> | undefined;
    for (;;) {
      const part = await this.rows(
        `where (until is null or until > $1::timestamptz)
            and (address, reason, scope, owner) > ($2::text, $3::text, $4::text, $5::text)
          order by address, reason, scope, owner
          limit $6::int`,
        [
          isoOf(now),
          last?.key ?? '',
          last?.reason ?? '',
          // As the table has it.
          last === undefined ? '' : last.reason === 'complained' ? 'lists' : last.scope,
          last?.owner ?? '',
          size,
        ],
      );
      if (part.length > 0) yield part;
      if (part.length < size) return;
      last = part.at(-1)!;
    }
  }

  async factsOf(key: string): Promise<Facts> {
    const { rows } = await this.client.query(
      `select facts from ${this.tables.facts} where address = any($1::text[])`,
      [[key, ...this.hashKeysOf(key)]],
    );
    return together([NO_FACTS, ...rows.map(({ facts }) => factsFrom(facts))]);
  }

  async prune(now: number): Promise<number> {
    const { facts, rows } = this.tables;
    let forgotten = 0;
    for (;;) {
      const { rows: gone } = await this.client.query(
        `delete from ${facts} where address in (
          select address from ${facts} where forget_at <= $1::timestamptz
          limit ${PRUNE_PART} for update skip locked
        ) returning address`,
        [isoOf(now)],
      );
      forgotten += gone.length;
      if (gone.length < PRUNE_PART) break;
    }
    await this.client.query(`delete from ${rows} where until <= $1::timestamptz`, [isoOf(now)]);
    return forgotten;
  }

  private hashesOf(address: string): [hash: string, address: string][] {
    return this.hashKeysOf(address).map((hash) => [hash, address]);
  }

  /** One more row if there is any hash: hashing takes as long as all the rest, and few lists need it. */
  private get orAnyHashed(): string {
    return `union all (
      select '${HASH_MARK}', '', '', '', '', now(), null, null, null, null
        from ${this.tables.rows} where address like '${HASH_MARK}%' limit 1)`;
  }

  private async rows(condition: string, values: unknown[]): Promise<Row[]> {
    const { rows } = await this.client.query(
      `select address, reason, scope, owner, written, at, until, reported_by, why, by
        from ${this.tables.rows} ${condition}`,
      values,
    );
    return rows.map((row) => this.toRow(row));
  }

  private toRow(row: Record<string, unknown>): Row {
    const reason = row.reason as SuppressionReason;
    const scope = row.scope as SuppressionScope;
    const owner = row.owner as string;
    return {
      key: row.address as string,
      written: row.written as string,
      reason,
      scope: scopeOf({ reason, scope }, this.complaintScope),
      owner: owner === '' ? null : owner,
      at: toMillis(row.at)!,
      until: toMillis(row.until),
      reportedBy: toText(row.reported_by),
      why: toText(row.why),
      by: toText(row.by),
    };
  }
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
