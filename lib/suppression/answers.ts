import type { Row } from './suppression-store.js';
import { stops, type Suppression, widthOf } from './suppression.js';

/** Splits items into parts of a size. */
export function* partsOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let part: T[] = [];
  for (const item of items) {
    if (part.push(item) < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

/** Returns for each address the widest suppression that stops a mail. */
export function widestOfEach(rows: readonly Row[], list: string | undefined): Map<string, Row> {
  const found = new Map<string, Row>();
  for (const row of rows) {
    const known = found.get(row.key);
    const wider = widest(known ? [known, row] : [row], list);
    if (wider) found.set(row.key, wider);
  }
  return found;
}

/** The widest suppression that stops a mail, or the newest of them. */
export function widest(rows: readonly Row[], list: string | undefined): Row | undefined {
  return rows
    .filter(({ scope }) => stops(scope, list))
    .sort((one, other) => widthOf(one.scope) - widthOf(other.scope) || other.at - one.at)[0];
}

/** A row as users see it. */
export function toSuppression({ written, scope, reason, at, until, ...row }: Row): Suppression {
  const { reportedBy, why, by } = row;
  return {
    address: written,
    scope,
    reason,
    at: new Date(at),
    until: until === null ? null : new Date(until),
    reportedBy,
    why,
    by,
  };
}
