import type { SqlClient } from '../../sql/sql-client.js';
import { toText } from '../../sql/values.js';
import type { StatsFilter } from '../stats-filter.js';
import { type StatsTotals, toTotals } from '../stats-numbers.js';
import { countQuery, PIVOT, runCount } from './counting.js';
import { DAY_MS, DOMAIN_SCOPE, recountChangedDays, wholeBuckets } from './daily-counts.js';
import { METRICS, SUMS } from './metrics.js';
import { Values, within } from './query.js';
import type { Tables } from './tables.js';

/** Selects the mails and events whose domains are counted. */
export type DomainsFilter = Omit<StatsFilter, 'tag'>;

/** The members of a {@link DomainsFilter}. */
export const DOMAINS_FILTER = ['campaign', 'messageId', 'from', 'to'] as const;

/** The numbers of the recipients of a domain. */
export interface DomainStats extends StatsTotals {
  /** The domain, such as `gmail.com`; `null` for mails and events that name nobody. */
  domain: string | null;
}

const MAX_DOMAINS = 1000;

/** Returns the numbers of the domains with the most mails. */
export async function domains(
  client: SqlClient,
  tables: Tables,
  filter: DomainsFilter,
): Promise<DomainStats[]> {
  const values = new Values();
  const count = (part: DomainsFilter) =>
    `select nullif(domain, '') as domain, ${PIVOT}
      from (${countQuery(tables, part, {}, values, ['domain'])}) as counted group by 1`;
  const inner = wholeBuckets(filter, DAY_MS);
  const isCounted = !inner || filter.campaign !== undefined || filter.messageId !== undefined;
  if (!isCounted) await recountChangedDays(client, tables, filter);
  const parts = isCounted ? [count(filter)] : [kept(tables, inner, values)];
  if (!isCounted && filter.from && inner.from! > filter.from)
    parts.push(count({ from: filter.from, to: inner.from! }));
  if (!isCounted && filter.to && inner.to! < filter.to)
    parts.push(count({ from: inner.to!, to: filter.to }));
  const { rows } = await runCount(
    client,
    `select domain, ${SUMS} from (${parts.map((part) => `(${part})`).join(' union all ')}) as parts
      group by domain order by sum(recipients) desc, sum(prepared) desc, domain limit ${MAX_DOMAINS}`,
    values.list,
  );
  return rows.map((row) => ({ domain: toText(row.domain), ...toTotals(row) }));
}

function kept({ counts }: Tables, period: DomainsFilter, values: Values): string {
  return `select nullif(substr(scope, ${DOMAIN_SCOPE.length + 1}), '') as domain, ${METRICS.join(', ')}
    from ${counts} where starts_with(scope, '${DOMAIN_SCOPE}') and ${within('bucket', period, values)}`;
}
