import type { SqlClient } from '../../sql/sql-client.js';
import type { StatsFilter, StatsPage, StatsPeriod } from '../stats-filter.js';
import { spellingsOf, spellingsOfDomain } from './values.js';

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
  domain?: string;
  recipient?: string;
  sent?: StatsPeriod;
}

/** Which readers a filter means: a condition over the table of readers, as `r`. */
export function readersOf(
  { campaign, tag, messageId, readers, domain, recipient, sent }: CountFilter,
  values: Values,
): string {
  const conditions: string[] = [];
  if (readers !== undefined) conditions.push(`r.key = any(${values.add(readers, 'uuid[]')})`);
  if (messageId !== undefined) conditions.push(`r.message_id = ${values.add(messageId, 'text')}`);
  if (campaign !== undefined) conditions.push(`r.campaign = ${values.add(campaign, 'text')}`);
  if (tag !== undefined) conditions.push(`${values.add(tag, 'text')} = any(r.tags)`);
  if (domain !== undefined)
    conditions.push(`r.domain = any(${values.add(spellingsOfDomain(domain), 'text[]')})`);
  if (recipient !== undefined)
    conditions.push(`r.recipient = any(${values.add(spellingsOf(recipient), 'text[]')})`);
  if (sent !== undefined)
    conditions.push('r.prepared_at is not null', within('r.prepared_at', sent, values));
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

/** How many rows a list counts. */
export const MAX_TOTAL = 10_000;

/** The SQL of a page. */
export function pageOf({ limit, offset }: Required<StatsPage>, values: Values): string {
  return `limit ${values.add(limit, 'int')} offset ${values.add(offset, 'int')}`;
}

/** Counts rows up to a limit, so that the count takes no longer than a page far back. */
export async function totalOf(client: SqlClient, from: string, values: Values): Promise<number> {
  const text = `select count(*)::int as n from (select 1 from ${from} limit ${MAX_TOTAL}) as found`;
  return Number((await client.query(text, [...values.list])).rows[0]?.n ?? 0);
}
