import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventOf, verdictOf } from './events.js';
import type { TestDatabase } from './databases.js';
import { newSchema } from './schema.js';
import { TestStore } from './store.js';

/** The schema of steps 1 and 2, with what a store wrote into it then. */
const OLD = readFileSync(join(process.cwd(), 'test/stats/before-daily-counts.sql'), 'utf8');

/** A store that older code has filled. */
export function migrationCases(opened: () => TestDatabase): void {
  test('a migration keeps what an older schema holds, and its numbers', async () => {
    const schema = newSchema();
    const { client } = opened();
    await client.transaction(async (inside) => {
      await inside.query(`create schema ${schema}`, []);
      const statements = OLD.replace(/^--.*$/gm, '').replaceAll('"public"', `"${schema}"`);
      for (const statement of statements.split(/;\n+/)) {
        if (statement.trim() !== '') await inside.query(statement, []);
      }
    });
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

const LEFT = [
  ...['left_by_link_events', 'left_by_machine_events'],
  ...['uniq_left_by_provider', 'uniq_left_by_link', 'uniq_left_by_machine'],
];
