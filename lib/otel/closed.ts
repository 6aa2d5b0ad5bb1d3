/**
 * Returns a value as an attribute has it: in snake case, and `other` if it is none of those that are known,
 * so that no attribute has more values than these.
 */
export function closed(value: string, known: readonly string[]): string {
  const name = value.replaceAll('-', '_');
  return known.includes(name) ? name : 'other';
}

/** The formats of links that have a name of their own. */
export const FORMATS = ['packed', 'fernet', 'plain', 'ptrack'];

/** Returns the class of an HTTP status, such as `2xx`. */
export function statusClass(status: number | null): string {
  return status === null ? 'none' : `${Math.floor(status / 100)}xx`;
}
