import { none, text } from '../util/readers.js';
import { checkedBy } from '../util/validate.js';
import type { SqlClient } from './sql-client.js';

/** What can be a client, for messages. */
export const CLIENT = 'pgClient(pool), pgliteClient(db), or one of your own';

/** Checks for a `SqlClient`. */
export const Client = checkedBy(none, (value) =>
  typeof (value as SqlClient).query === 'function' &&
  typeof (value as SqlClient).transaction === 'function'
    ? undefined
    : `must have query() and transaction(): ${CLIENT}`,
);

/** Checks for the name of a schema. */
export const Schema = checkedBy(text, (value) =>
  typeof value === 'string' && /^[a-z_][a-z0-9_]{0,62}$/.test(value)
    ? undefined
    : 'must be 1 to 63 lower-case letters, digits and underscores, and must not start with a digit',
);
