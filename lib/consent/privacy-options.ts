import { Client, Schema } from '../sql/sql-options.js';
import type { SqlClient } from '../sql/sql-client.js';
import { Flag } from '../util/checks.js';
import { validate } from '../util/validate.js';

/** The options of `TrackingPrivacyModule`. */
export class TrackingPrivacyOptions {
  /**
   * The client of the database: `pgClient(pool)`, `pgliteClient(db)`, or your own. Without one,
   * consents and erasures are kept in memory, and forgotten when the process ends.
   */
  @Client()
  client?: SqlClient;

  /**
   * The schema of the tables, whose names start with `tracking_privacy`. It is created if it is
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

/** {@link TrackingPrivacyOptions} with their defaults. */
export type PrivacySettings = Required<Omit<TrackingPrivacyOptions, 'client'>> &
  Pick<TrackingPrivacyOptions, 'client'>;

/**
 * Checks the options and adds the defaults.
 *
 * @throws TrackingError `INVALID_OPTIONS`, listing every problem and no value
 */
export function toPrivacySettings(given: unknown): PrivacySettings {
  return validate(TrackingPrivacyOptions, given ?? {}, 'TrackingPrivacyModule') as PrivacySettings;
}
