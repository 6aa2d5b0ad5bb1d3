import type { PrivacyKind, PrivacyMode, RecipientHash } from '../plugin.js';
import { migrate, Migrations } from '../sql/migrate.js';
import type { SqlClient } from '../sql/sql-client.js';
import { toMillis, toText } from '../sql/values.js';
import type { Answer, Appending, ConsentRow, ConsentStore } from './consent-store.js';
import { type ConsentTables, migrationsOf, tablesIn } from './sql-tables.js';

/** Keeps consents in a database. Several processes can use one at once. */
export class SqlStore implements ConsentStore {
  readonly isDurable = true;
  private readonly tables: ConsentTables;
  private readonly migrations: Migrations;

  constructor(
    private readonly client: SqlClient,
    private readonly settings: { schema: string; migrate: boolean },
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
    const { consents, erasures, mails } = this.tables;
    const asked = [consents, erasures, mails].map((table) => this.ask(keyIdsIn(table), []));
    return (await Promise.all(asked)).flat().map(({ key_id: id }) => id as string);
  }

  async append(row: ConsentRow, { hash, all, isNow }: Appending): Promise<number> {
    const { consents } = this.tables;
    const rows = await this.ask(
      `insert into ${consents}
          (hash, key_id, what, opens, clicks, source, notice, proof, tenant, at)
        values ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text,
          $9::text, greatest($10::timestamptz,
            (select max(at) from ${consents} where hash = any($11::text[]))))
        returning at`,
      [
        ...[hash.hash, hash.keyId, row.what, row.opens, row.clicks, row.source, row.notice],
        ...[row.proof, row.tenant, isoOf(row.at), isNow ? all : []],
      ],
    );
    return toMillis(rows[0]!.at)!;
  }

  async answers(hashes: readonly string[]): Promise<Answer[]> {
    const latest = (kind: PrivacyKind, column: string) =>
      `(select distinct on (hash) hash, '${kind}' as kind, ${column} as mode, at, id::text as number
        from ${this.tables.consents} where hash = any($1::text[]) and ${column} is not null
        order by hash, at desc, id desc)`;
    const both = `${latest('open', 'opens')} union all ${latest('click', 'clicks')}`;
    const rows = await this.ask(both, [hashes]);
    return rows.map(({ hash, kind, mode, at, number }) => ({
      hash: hash as string,
      kind: kind as PrivacyKind,
      mode: mode as PrivacyMode,
      at: toMillis(at)!,
      order: Number(number),
    }));
  }

  async records(hashes: readonly string[]): Promise<ConsentRow[]> {
    const rows = await this.ask(
      `select what, opens, clicks, source, notice, proof, tenant, at
        from ${this.tables.consents} where hash = any($1::text[]) order by at, id`,
      [hashes],
    );
    return rows.map((row) => ({
      what: row.what as ConsentRow['what'],
      opens: toText(row.opens) as PrivacyMode | null,
      clicks: toText(row.clicks) as PrivacyMode | null,
      source: row.source as string,
      notice: toText(row.notice),
      proof: toText(row.proof),
      tenant: toText(row.tenant),
      at: toMillis(row.at)!,
    }));
  }

  async forget(hashes: readonly string[]): Promise<void> {
    await this.ask(`delete from ${this.tables.consents} where hash = any($1::text[])`, [hashes]);
  }

  async bury({ hash, keyId }: RecipientHash, at: number): Promise<void> {
    await this.ask(
      `insert into ${this.tables.erasures} as known (hash, key_id, erased_at)
        values ($1::text, $2::text, $3::timestamptz)
        on conflict (hash) do update
          set erased_at = greatest(known.erased_at, excluded.erased_at)`,
      [hash, keyId, isoOf(at)],
    );
  }

  async erasures(hashes: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.ask(
      `select hash, erased_at from ${this.tables.erasures} where hash = any($1::text[])`,
      [hashes],
    );
    return new Map(rows.map(({ hash, erased_at: at }) => [hash as string, toMillis(at)!]));
  }

  async noteMail({ hash, keyId }: RecipientHash, at: number): Promise<void> {
    await this.ask(
      `insert into ${this.tables.mails} (hash, key_id, prepared_at)
        values ($1::text, $2::text, $3::timestamptz) on conflict (hash) do nothing`,
      [hash, keyId, isoOf(at)],
    );
  }

  async preparedAt(hashes: readonly string[]): Promise<number | undefined> {
    const rows = await this.ask(
      `select min(prepared_at) as at from ${this.tables.mails} where hash = any($1::text[])`,
      [hashes],
    );
    return toMillis(rows[0]?.at) ?? undefined;
  }

  async pruneMails(before: number): Promise<void> {
    await this.ask(`delete from ${this.tables.mails} where prepared_at < $1::timestamptz`, [
      isoOf(before),
    ]);
  }

  private async ask(text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
    const { rows } = await this.client.query(text, values);
    return rows;
  }
}

/** All ids of keys of a table, one step of its index for each: a table can have millions of rows. */
function keyIdsIn(table: string): string {
  return `with recursive ids as (
      select min(key_id) as key_id from ${table}
      union all
      select (select min(key_id) from ${table} where key_id > ids.key_id)
        from ids where ids.key_id is not null
    ) select key_id from ids where key_id is not null`;
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
