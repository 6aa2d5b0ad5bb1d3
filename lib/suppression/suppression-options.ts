import { Client, Schema } from '../sql/sql-options.js';
import type { SqlClient } from '../sql/sql-client.js';
import { Flag, OneOf } from '../util/checks.js';
import { validate } from '../util/validate.js';

/** The options of `TrackingSuppressionModule`. */
export class TrackingSuppressionOptions {
  /**
   * The client of the database: `pgClient(pool)`, `pgliteClient(db)`, or your own. Without one,
   * suppressions are kept in memory, and forgotten when the process ends.
   */
  @Client()
  client?: SqlClient;

  /**
   * The mails that a complaint stops: those of lists, or all.
   *
   * @default 'lists'
   */
  @OneOf('lists', 'all')
  complaintScope?: 'lists' | 'all' = 'lists';

  /**
   * Whether events count although their provider has no authentication (its option `insecure` is
   * true). Anybody who knows the URL could then suppress any address, and lift unsubscribes that this
   * provider reported.
   *
   * @default false
   */
  @Flag()
  trustInsecure?: boolean = false;

  /**
   * The schema of the tables, whose names start with `tracking_suppression`. It is created if it is
   * missing.
   *
   * @default 'public'
   */
  @Schema()
  schema?: string = 'public';

  /**
   * Whether the tables are created and migrated when the app starts.
   *
   * @default true
   */
  @Flag()
  migrate?: boolean = true;
}

/** {@link TrackingSuppressionOptions} with their defaults. */
export type SuppressionSettings = Required<Omit<TrackingSuppressionOptions, 'client'>> &
  Pick<TrackingSuppressionOptions, 'client'>;

/**
 * Checks the options and adds the defaults.
 *
 * @throws TrackingError `INVALID_OPTIONS`, listing every problem and no value
 */
export function toSuppressionSettings(given: unknown): SuppressionSettings {
  return validate(
    TrackingSuppressionOptions,
    given ?? {},
    'TrackingSuppressionModule',
  ) as SuppressionSettings;
}
