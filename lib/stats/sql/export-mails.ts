import type { SqlClient } from '../../sql/sql-client.js';
import { readersOf, Values } from './query.js';
import { mailsFrom, type MailsFilter, type MailState, toMail } from './story.js';
import type { Tables } from './tables.js';

/** Mails that are read at a time. */
const AT_A_TIME = 500;

/** Yields the mails of a campaign or message in pages, by recipient. A mail never comes twice. */
export async function* exportMails(
  client: SqlClient,
  { readers, events }: Tables,
  { recipient, ...filter }: MailsFilter,
): AsyncGenerator<MailState[]> {
  let [lastRecipient, lastKey] = ['', '00000000-0000-0000-0000-000000000000'];
  for (let count = AT_A_TIME; count === AT_A_TIME;) {
    const values = new Values();
    const begins = recipient
      ? `and starts_with(r.recipient, ${values.add(recipient, 'text')})`
      : '';
    const after = `(${values.add(lastRecipient, 'text')}, ${values.add(lastKey, 'uuid')})`;
    const { rows } = await client.query(
      `${mailsFrom(
        `(select * from ${readers} r
          where ${readersOf(filter, values)} and (r.recipient, r.key) > ${after} ${begins}
          order by recipient, key limit ${AT_A_TIME}) as r`,
        events,
      )} order by recipient, key`,
      values.list,
    );
    count = rows.length;
    if (count === 0) return;
    const last = rows.at(-1)!;
    [lastRecipient, lastKey] = [last.recipient as string, last.key as string];
    yield rows.map(toMail);
  }
}
