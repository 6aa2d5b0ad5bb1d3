import type { SqlClient } from '../../sql/sql-client.js';
import { outweighs, type ReclassifiedEvent, type Verdict } from '../../plugin.js';
import { firstTimes, lockReaders, markChangedDays } from './changed-days.js';
import { withHits } from './hit-locks.js';
import { classOfHit } from './reader.js';
import type { RowKeys } from './row-keys.js';
import type { Tables } from './tables.js';
import { cleanText } from '../../util/clean-text.js';
import { cleanJson, fromJson, KEY_LENGTH, toDate } from './values.js';
import { knownVerdicts } from './write-events.js';

type Verdicts = ReadonlyMap<string, Verdict>;

/**
 * Corrects hits, and keeps the corrections for hits that are written later. A verdict with less
 * weight than what is known changes nothing, so that their order does not matter.
 *
 * @param now in milliseconds since 1970
 */
export function writeCorrections(
  client: SqlClient,
  tables: Tables,
  keys: RowKeys,
  corrections: readonly ReclassifiedEvent[],
  now: number,
): Promise<void> {
  const verdicts = surest(corrections);
  const ids = [...verdicts.keys()];
  return client.transaction((inside) =>
    withHits(inside, tables, ids, async () => {
      const known = await knownVerdicts(inside, tables, ids);
      const better = new Map(
        [...verdicts].filter(([id, verdict]) => outweighs(verdict, known.get(id))),
      );
      if (better.size === 0) return;
      await keep(inside, tables, better, now);
      await correct(inside, tables, keys, better);
    }),
  );
}

/** Returns the surest of the verdicts on each hit, cleaned of what PostgreSQL cannot hold. */
function surest(corrections: readonly ReclassifiedEvent[]): Verdicts {
  const found = new Map<string, Verdict>();
  for (const { eventIds, verdict } of corrections) {
    const clean = cleanJson(verdict) as Verdict;
    for (const eventId of eventIds) {
      const id = cleanText(eventId, KEY_LENGTH);
      if (outweighs(clean, found.get(id))) found.set(id, clean);
    }
  }
  return found;
}

async function keep(
  client: SqlClient,
  { corrections }: Tables,
  verdicts: Verdicts,
  now: number,
): Promise<void> {
  const at = new Date(now).toISOString();
  await client.query(
    `insert into ${corrections} (event_id, verdict, at)
    select event_id, verdict, at
      from json_to_recordset($1::json) as t(event_id text, verdict jsonb, at timestamptz)
    on conflict (event_id) do update set verdict = excluded.verdict, at = excluded.at`,
    [JSON.stringify([...verdicts].map(([event_id, verdict]) => ({ event_id, verdict, at })))],
  );
}

/** Updates the rows of the hits that are written. */
async function correct(
  client: SqlClient,
  tables: Tables,
  keys: RowKeys,
  verdicts: Verdicts,
): Promise<void> {
  const { events } = tables;
  const ids = [...verdicts.keys()];
  // Of our own links, the identity is the id; a provider may give one id to several events.
  const { rows } = await client.query(
    `select identity, event_id, reader, at, verdict, via from ${events}
      where identity = any($1::uuid[]) and class is not null and esp_name is null
    union all
    select identity, event_id, reader, at, verdict, via from ${events}
      where esp_name is not null and event_id = any($2::text[]) and class is not null`,
    [ids.map((id) => keys.identity(id)), ids],
  );
  const changed = rows.filter(({ event_id: id, verdict }) => {
    const said = verdicts.get(id as string);
    return said && outweighs(said, fromJson<Verdict | null>(verdict));
  });
  if (changed.length === 0) return;
  const since = firstTimes(
    changed.map(({ reader, at }) => ({
      reader: reader as string,
      at: toDate(at)!.toISOString(),
    })),
  );
  await lockReaders(client, tables, [...since.keys()]);
  const updates = changed.map(({ identity, event_id: id, via }) => {
    const verdict = verdicts.get(id as string)!;
    return { identity, class: classOfHit(verdict, via), verdict };
  });
  await client.query(
    `update ${events} e set
      class = t.class, verdict = t.verdict, corrected_from = coalesce(e.corrected_from, e.verdict)
    from json_to_recordset($1::json) as t(identity uuid, class smallint, verdict jsonb)
    where e.identity = t.identity`,
    [JSON.stringify(updates)],
  );
  await markChangedDays(client, tables, since);
}
