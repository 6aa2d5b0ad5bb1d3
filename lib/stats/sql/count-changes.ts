import type { SqlClient } from '../sql-client.js';
import { BUCKET_MS, COUNT_COLUMNS, metricOf, READER_METRICS } from './metrics.js';
import { type Reader, scopesOf } from './reader.js';
import type { Tables } from './tables.js';

/** The bucket of all time, beside those of quarters of an hour. */
export const WHOLE_TIME = '-infinity';

type Row = Record<string, number>;

/** By how much one transaction changes the table of counts. */
export class CountChanges {
  private readonly rows = new Map<string, Map<number | typeof WHOLE_TIME, Row>>();

  /** @param by how many more, or fewer, such events there are */
  event(scopes: readonly string[], at: number, type: string, hitClass: number | null, by: number) {
    const column = metricOf(type, hitClass);
    if (column !== undefined) this.add(scopes, at, column, by);
  }

  /** A reader is now another one: `null` means none. */
  reader(before: Reader | null, after: Reader | null): void {
    const scopesBefore = before ? scopesOf(before) : [];
    const scopesAfter = after ? scopesOf(after) : [];
    const isSameScope = before && after && isSame(scopesBefore, scopesAfter);
    for (const { column, at } of READER_METRICS) {
      const from = before && at(before);
      const to = after && at(after);
      if (from === to && (isSameScope || from === null)) continue;
      if (from !== null) this.add(scopesBefore, from, column, -1);
      if (to !== null) this.add(scopesAfter, to, column, 1);
    }
  }

  /** Writes them, in the order that all transactions keep to. */
  async write(client: SqlClient, { counts }: Tables): Promise<void> {
    const rows = [...this.rows].flatMap(([scope, buckets]) =>
      [...buckets].flatMap(([bucket, row]) =>
        Object.values(row).some((by) => by !== 0)
          ? [
              {
                scope,
                bucket: bucket === WHOLE_TIME ? bucket : new Date(bucket).toISOString(),
                ...row,
              },
            ]
          : [],
      ),
    );
    if (rows.length === 0) return;
    const used = COUNT_COLUMNS.filter((column) => rows.some((row) => column in row));
    await client.query(
      `insert into ${counts} as c (scope, bucket, ${used.join(', ')})
      select scope, bucket, ${used.map((name) => `coalesce(${name}, 0)`).join(', ')}
      from json_to_recordset($1::json)
        as t(scope text, bucket timestamptz, ${used.map((name) => `${name} int`).join(', ')})
      order by scope, bucket
      on conflict (scope, bucket) do update
        set ${used.map((name) => `${name} = c.${name} + excluded.${name}`).join(', ')}`,
      [JSON.stringify(rows)],
    );
  }

  private add(scopes: readonly string[], at: number, column: string, by: number): void {
    const bucket = Math.floor(at / BUCKET_MS) * BUCKET_MS;
    for (const scope of scopes) {
      let buckets = this.rows.get(scope);
      if (!buckets) this.rows.set(scope, (buckets = new Map<number | typeof WHOLE_TIME, Row>()));
      for (const key of [bucket, WHOLE_TIME] as const) {
        let row = buckets.get(key);
        if (!row) buckets.set(key, (row = {}));
        row[column] = (row[column] ?? 0) + by;
      }
    }
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i]);
}
