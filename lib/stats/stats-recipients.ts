import type { Person, RecipientStore } from '../plugin.js';
import type { SqlClient } from '../sql/sql-client.js';
import { anonymise } from './sql/anonymising.js';
import { eventsOf, mailsOf } from './sql/story.js';
import { readSeen, removeSeen } from './sql/seen.js';
import { spellingsOf } from './sql/values.js';
import type { StatsSettings } from './stats-options.js';
import type { StatsSink } from './stats-sink.js';
import type { StatsStore } from './stats-store.js';

/** What the statistics keep about a person, for whoever exports or erases it. */
export class StatsRecipients implements RecipientStore {
  readonly name = 'stats';

  readonly unreachable = [
    'Statistics: backups of the database, and events of the last moment in the memory of other processes.',
  ];

  constructor(
    private readonly settings: Pick<StatsSettings, 'client' | 'campaignKey'>,
    private readonly store: StatsStore,
    private readonly sink: StatsSink,
  ) {}

  /** Yields the mails, the events in order, and the days on which the person was last seen. */
  async *export(person: Person): AsyncGenerator<Record<string, unknown>> {
    const [client, spellings] = await this.reach(person);
    const { tables } = this.store;
    for await (const mail of mailsOf(client, tables, spellings)) yield { kind: 'mail', ...mail };
    for await (const event of eventsOf(client, tables, spellings))
      yield { kind: 'event', ...event };
    for (const { recipient, tenant, day } of await readSeen(client, tables, spellings)) {
      yield { kind: 'seen', recipient, tenant: tenant || null, day };
    }
  }

  /** Makes the mails and events up to a time anonymous, those that wait in memory too. */
  async anonymise(person: Person, before: Date): Promise<void> {
    const [client, recipients] = await this.reach(person);
    const keys = await this.store.rowKeys();
    const { campaignKey } = this.settings;
    await anonymise(client, this.store.tables, { until: before, recipients, campaignKey, keys });
  }

  /** Removes the days on which the person was last seen. */
  async erase(person: Person): Promise<void> {
    const [client, spellings] = await this.reach(person);
    await removeSeen(client, this.store.tables, spellings);
  }

  /** What waits in memory is written first: there is one way in which rows are read and changed. */
  private async reach({ address }: Person): Promise<[SqlClient, string[]]> {
    await this.store.ready();
    await this.sink.flush();
    return [this.settings.client, spellingsOf(address)];
  }
}
