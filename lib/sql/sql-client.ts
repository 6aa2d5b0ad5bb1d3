/** The result of a query. */
export interface SqlResult {
  /** One object for each row, by column. */
  rows: Record<string, unknown>[];
}

/**
 * The methods of a PostgreSQL client that a store needs. See `docs/stats.md` for TypeORM, Prisma and
 * Kysely.
 *
 * Transactions run at READ COMMITTED, PostgreSQL's default: a statement that waited for another
 * transaction must see what that one wrote.
 */
export interface SqlClient {
  /**
   * Runs one statement with the parameters `$1`, `$2` …. The values are strings, numbers, `null`,
   * and arrays of strings. Errors should have PostgreSQL's error code in `code`.
   */
  query(text: string, values: unknown[]): Promise<SqlResult>;
  /**
   * Runs a READ COMMITTED transaction on one connection: commits it when the promise resolves, and
   * rolls it back when it rejects. Called on the client that `work` gets, it runs `work` in the same
   * transaction.
   */
  transaction<T>(work: (client: SqlClient) => Promise<T>): Promise<T>;
  /**
   * Whether the database vacuums and analyses by itself, as a PostgreSQL server does. If not
   * (PGlite), `TrackingStatsModule` does it after every 100 000 events.
   *
   * @default true
   */
  readonly hasAutovacuum?: boolean;
}

/** The part of a client of `pg` that is used. */
export interface PgPoolClientLike {
  /** Runs a statement. */
  query(text: string, values?: unknown[]): Promise<SqlResult>;
  /** Releases the connection; `true` closes it. */
  release(destroy?: boolean): void;
  /** Adds a listener. */
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** Removes a listener. */
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** The part of the `Pool` of `pg` that is used. */
export interface PgPoolLike {
  /** Runs a statement on any connection. */
  query(text: string, values?: unknown[]): Promise<SqlResult>;
  /** Gets a connection. */
  connect(): Promise<PgPoolClientLike>;
  /** Adds a listener. */
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/**
 * Returns the client for a `Pool` of `pg`. Close the pool yourself, after the app. Set its
 * `connectionTimeoutMillis`, so that a server that is away is detected.
 *
 * @example
 * ```ts
 * const pool = new Pool({ connectionString: process.env.DATABASE_URL, connectionTimeoutMillis: 2000 });
 * TrackingStatsModule.forRoot({ client: pgClient(pool) });
 * ```
 */
export function pgClient(pool: PgPoolLike): SqlClient {
  // Without a listener, an idle connection that breaks would end the process. The next query gets
  // the error.
  pool.on('error', ignore);
  return {
    query: (text, values) => pool.query(text, values),
    transaction: async (work) => {
      const client = await pool.connect();
      client.on('error', ignore);
      let isBroken = false;
      try {
        await client.query('BEGIN');
        const inside: SqlClient = {
          query: (text, values) => client.query(text, values),
          transaction: (more) => more(inside),
        };
        const result = await work(inside);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => (isBroken = true));
        throw error;
      } finally {
        client.off('error', ignore);
        client.release(isBroken);
      }
    },
  };
}

/** The part of a result of PGlite that is used. */
export interface PgliteResultLike {
  /** One object for each row, by column. */
  rows: unknown[];
}

/** The part of a transaction of PGlite that is used. */
export interface PgliteTransactionLike {
  /** Runs a statement. */
  query(text: string, values?: unknown[]): Promise<PgliteResultLike>;
}

/** The part of PGlite that is used. */
export interface PgliteLike extends PgliteTransactionLike {
  /** Runs a transaction. */
  transaction<T>(work: (transaction: PgliteTransactionLike) => Promise<T>): Promise<T | undefined>;
}

/**
 * Returns the client for PGlite: PostgreSQL in this process, stored in a folder. Only one process
 * can open a folder.
 *
 * @example
 * ```ts
 * const db = await PGlite.create('./data/tracking');
 * TrackingStatsModule.forRoot({ client: pgliteClient(db) });
 * ```
 */
export function pgliteClient(db: PgliteLike): SqlClient {
  const on = (runner: PgliteTransactionLike) => async (text: string, values: unknown[]) =>
    (await runner.query(text, values)) as SqlResult;
  return {
    hasAutovacuum: false,
    query: on(db),
    transaction: async <T>(work: (client: SqlClient) => Promise<T>) =>
      (await db.transaction((transaction) => {
        const inside: SqlClient = { query: on(transaction), transaction: (more) => more(inside) };
        alone.add(inside);
        return work(inside);
      })) as T,
  };
}

const alone = new WeakSet<SqlClient>();

/** Whether no transaction of another client can run while one of this client does, as in PGlite. */
export function isAlone(client: SqlClient): boolean {
  return alone.has(client);
}

function ignore(): void {}

/**
 * Classes of PostgreSQL's codes that speak of what was to be written, so that writing it again would
 * fail again: data exceptions, broken constraints, cardinality, program limits.
 */
const OF_THE_DATA = new Set(['21', '22', '23', '54']);

/** Whether a write failed because of what it holds, and not because of the database's state. */
export function isOfTheData(error: unknown): boolean {
  return codesOf(error).some(
    (code) => /^[0-9A-Z]{5}$/.test(code) && OF_THE_DATA.has(code.slice(0, 2)),
  );
}

/** A code without addresses and values; messages of drivers hold both. */
export function codeOf(error: unknown): string | undefined {
  return codesOf(error)[0];
}

/** PostgreSQL's own code first, where a library has one of its own beside it. */
function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 3) return [];
  const { code, meta, cause } = error as { code?: unknown; meta?: unknown; cause?: unknown };
  const own = typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? [code] : [];
  return [...codesOf(meta, depth + 1), ...codesOf(cause, depth + 1), ...own];
}
