import type { StatsFilter } from '../stats-filter.js';

/** The values of a statement, which names them by `$1`, `$2` … */
export class Values {
  readonly list: unknown[] = [];
  private readonly names = new Map<unknown, string>();

  /** @returns the name of a value, the same one for the same text */
  add(value: unknown, type: string): string {
    const key = typeof value === 'string' ? `${type} ${value}` : {};
    const name = this.names.get(key) ?? `$${this.list.push(value)}::${type}`;
    this.names.set(key, name);
    return name;
  }
}

/** A filter of counts. */
export interface CountFilter extends StatsFilter {
  /** The keys of the readers. */
  readers?: readonly string[];
}

/** Which readers a filter means: a condition over the table of readers, as `r`. */
export function readersOf(
  { campaign, tag, messageId, readers }: CountFilter,
  values: Values,
): string {
  const conditions: string[] = [];
  if (readers !== undefined) conditions.push(`r.key = any(${values.add(readers, 'uuid[]')})`);
  if (messageId !== undefined) conditions.push(`r.message_id = ${values.add(messageId, 'text')}`);
  if (campaign !== undefined) conditions.push(`r.campaign = ${values.add(campaign, 'text')}`);
  if (tag !== undefined) conditions.push(`${values.add(tag, 'text')} = any(r.tags)`);
  return conditions.length > 0 ? conditions.join(' and ') : 'true';
}

/** The period of a filter: a condition over a column of times. */
export function within(column: string, { from, to }: StatsFilter, values: Values): string {
  const at = (time: Date) => values.add(time.toISOString(), 'timestamptz');
  const conditions = [
    ...(from === undefined ? [] : [`${column} >= ${at(from)}`]),
    ...(to === undefined ? [] : [`${column} < ${at(to)}`]),
  ];
  return conditions.length > 0 ? conditions.join(' and ') : 'true';
}
