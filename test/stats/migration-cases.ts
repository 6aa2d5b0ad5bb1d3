import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SqlClient } from 'nestjs-email-tracking/stats';
import { eventOf, verdictOf } from './events.js';
import type { TestDatabase } from './databases.js';
import { newSchema } from './schema.js';
import { TestStore } from './store.js';

/** The schema of steps 1 and 2, with what a store wrote into it then. */
const OLD = readFileSync(join(process.cwd(), 'test/stats/before-daily-counts.sql'), 'utf8');

/** A store that older code has filled. */
export function migrationCases(opened: () => TestDatabase): void {
  test('a migration keeps what an older schema holds, and its numbers', async () => {
    const { client } = opened();
    const schema = await oldSchema(client);
    const store = await TestStore.start(client, { schema });
    const { stats } = store;
    const spring = {
      prepared: 3,
      recipients: 3,
      opens: { total: 2, unique: 1, people: { total: 2, unique: 1 } },
      clicks: {
        total: 2,
        unique: 2,
        people: { total: 1, unique: 1 },
        machines: { total: 1, unique: 1 },
      },
      bounces: { total: 1, unique: 1 },
      rates: { open: 1 / 3, click: 1 / 3, bounce: 1 / 3, delivery: null },
      cohort: { mails: 3, withPixel: 3, opened: 1, withLinks: 3, clicked: 1, bounced: 1 },
    };
    expect(await stats.totals({ campaign: 'spring' })).toMatchObject(spring);
    expect(await stats.totals({ tag: 'news' })).toMatchObject(spring);
    const all = await stats.totals();
    expect(all).toMatchObject({ prepared: 3, opens: { total: 4, unique: 3 } });
    // Only possibly a machine: counted as one before.
    expect(all.opens).toMatchObject({ machines: { total: 0 }, unknown: { total: 2, unique: 2 } });
    const { campaigns } = await stats.campaigns();
    expect(campaigns.map(({ campaign, opens }) => [campaign, opens.total])).toEqual([
      ['spring', 2],
      ['autumn', 1],
      ['weak', 1],
    ]);
    expect(await stats.links({ campaign: 'spring' })).toMatchObject([
      { label: 'buy', part: 'html', index: 1, clicks: { people: { total: 1 } } },
      { url: 'https://example.com/', clicks: { machines: { total: 1 } } },
    ]);
    const { mails, events } = await stats.story({ recipient: 'bob@example.com' });
    expect(mails).toMatchObject([{ machineAt: new Date('2026-10-01T14:00:00Z'), clickedAt: null }]);
    expect(events).toMatchObject([
      { campaign: 'spring', verdict: { kind: 'scanner' }, correctedFrom: { kind: 'human' } },
    ]);
    // A correction that waits for its hit, and one of a hit that is stored.
    const { eventId } = (await stats.story({ recipient: 'ann@example.com' })).events[1]!;
    await store.add(eventOf({ eventId: 'later', recipient: 'dan@example.com' }), {
      eventIds: [eventId],
      verdict: verdictOf('scanner', 'certain'),
    });
    expect((await stats.totals()).clicks.machines).toEqual({ total: 3, unique: 3 });
  });

  test('turns hashes into keys that only the secret explains, and knows readers, repeats and links again', async () => {
    const { client } = opened();
    const schema = await oldSchema(client);
    const rowsOf = async (table: string) =>
      (await client.query(`select * from "${schema}".tracking_${table} order by 1`, [])).rows;
    const before = { events: await eventsBySeq(client, schema), readers: await rowsOf('readers') };
    const store = await TestStore.start(client, { schema });
    const numbers = await store.stats.totals();
    const [{ secret }] = (await rowsOf('secrets')) as [{ secret: Uint8Array }];
    expect(secret).toHaveLength(32);
    const keyOf = (hash: unknown) => createHmac('sha256', secret).update(String(hash)).digest();
    const uuidOf = (hash: unknown) =>
      keyOf(hash)
        .toString('hex', 0, 16)
        .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    const bigintOf = (hash: unknown) =>
      hash === null ? null : keyOf(hash).readBigInt64BE().toString();
    const readers = await rowsOf('readers');
    expect(readers.map(({ key }) => key)).toEqual(
      before.readers.map(({ key }) => uuidOf(key)).toSorted(),
    );
    const events = await eventsBySeq(client, schema);
    expect(events).toEqual(
      before.events.map(({ identity, event_id, reader, place_key, url_key }) => ({
        event_id,
        identity: identity === event_id ? identity : uuidOf(identity),
        reader: uuidOf(reader),
        place_key: bigintOf(place_key),
        url_key: bigintOf(url_key),
      })),
    );
    const old = { timestamp: new Date('2026-10-01T12:00:00Z'), messageId: 'm1' };
    const bounce = { eventType: 'bounced', eventId: 'b-1', source: 'esp', espName: 'postmark' };
    await store.add(
      eventOf({ ...old, eventType: 'opened', recipient: 'ann@example.com' }),
      eventOf({ ...old, ...(bounce as { eventType: 'bounced' }), recipient: 'cid@example.com' }),
    );
    const { opens, bounces } = await store.stats.totals();
    expect(opens.people).toEqual({
      total: numbers.opens.people.total + 1,
      unique: numbers.opens.people.unique,
    });
    expect(bounces).toEqual(numbers.bounces);
  });

  test('keeps the unsubscribes of before there were links to leave by, as those of providers', async () => {
    const { client } = opened();
    const before = await TestStore.start(client);
    const esp = { source: 'esp', espName: 'Brevo' } as const;
    await before.add(eventOf({ eventType: 'unsubscribed', ...esp }));
    await before.stats.totals();
    const counts = before.table('counts');
    for (const statement of [
      `delete from ${before.table('migrations')} where id = 4`,
      `alter table ${before.table('events')} drop column list, drop column via`,
      `alter table ${counts} ${LEFT.map((name) => `drop column ${name}`).join(', ')}`,
    ]) {
      await client.query(statement, []);
    }
    const after = await TestStore.start(client, { schema: before.schema });
    const numbers = {
      ...{ total: 1, unique: 1 },
      byLink: { total: 0, unique: 0 },
      byProvider: { total: 1, unique: 1 },
    };
    expect((await after.stats.totals()).unsubscribes).toMatchObject(numbers);
    expect((await after.stats.campaigns()).campaigns).toMatchObject([{ unsubscribes: numbers }]);
  });
}

/** Makes a schema as older code left it. */
async function oldSchema(client: SqlClient): Promise<string> {
  const schema = newSchema();
  await client.transaction(async (inside) => {
    await inside.query(`create schema ${schema}`, []);
    const statements = OLD.replace(/^--.*$/gm, '').replaceAll('"public"', `"${schema}"`);
    for (const statement of statements.split(/;\n+/)) {
      if (statement.trim() !== '') await inside.query(statement, []);
    }
  });
  return schema;
}

async function eventsBySeq(client: SqlClient, schema: string) {
  const columns = `event_id, identity::text, reader::text, place_key::text, url_key::text`;
  return (await client.query(`select ${columns} from "${schema}".tracking_events order by seq`, []))
    .rows;
}

const LEFT = [
  ...['left_by_link_events', 'left_by_machine_events'],
  ...['uniq_left_by_provider', 'uniq_left_by_link', 'uniq_left_by_machine'],
];
