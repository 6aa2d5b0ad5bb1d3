import { codeOf } from '../sql/sql-client.js';
import { SYSTEM_CLOCK } from '../util/clock.js';
import type { LineLog } from '../util/log.js';
import { anonymise } from './sql/anonymising.js';
import { DAY_MS } from './sql/daily-counts.js';
import { prune, type Removed } from './sql/removal.js';
import { pruneSeen } from './sql/seen.js';
import type { StatsSettings } from './stats-options.js';
import type { StatsStore } from './stats-store.js';

/** The counts of what was too old. */
export interface Retained extends Removed {
  /** Events that became anonymous. */
  anonymised: number;
}

/** How often a process looks whether a day has passed since any process has done it. */
const LOOK_MS = 3_600_000;

/** Keeps what is stored no longer than the options say. */
export class StatsRetention {
  private stopLooking: (() => void) | undefined;
  private isStopped = false;

  constructor(
    private readonly settings: Pick<StatsSettings, 'client' | 'campaignKey' | 'retention'>,
    private readonly store: StatsStore,
    private readonly log: LineLog<'TrackingStats'>,
  ) {}

  /** Runs once a day, in one of the processes, until it is stopped. Its timer keeps no process alive. */
  start(firstMs = 60_000): void {
    const { eventsDays, identifiedDays } = this.settings.retention;
    if (eventsDays === undefined && identifiedDays === undefined) return;
    if (this.isStopped) return;
    this.stopLooking = SYSTEM_CLOCK.after(firstMs, () => {
      void this.look().finally(() => this.start(LOOK_MS));
    });
  }

  stop(): void {
    this.isStopped = true;
    this.stopLooking?.();
  }

  /** Does it now. */
  async run(now = Date.now()): Promise<Retained> {
    const { client, campaignKey, retention } = this.settings;
    const { eventsDays, identifiedDays } = retention;
    const { tables } = this.store;
    const keys = await this.store.rowKeys();
    const retained: Retained = { anonymised: 0, events: 0, mails: 0 };
    if (eventsDays !== undefined) {
      const before = new Date(now - eventsDays * DAY_MS);
      Object.assign(retained, await prune(client, tables, before));
    }
    if (identifiedDays !== undefined) {
      const until = new Date(now - identifiedDays * DAY_MS);
      retained.anonymised = await anonymise(client, tables, { until, campaignKey, keys });
      await pruneSeen(client, tables, until);
    }
    return retained;
  }

  private async look(): Promise<void> {
    try {
      if (await this.isDue()) await this.run();
    } catch (error) {
      this.log.write(
        'STATS_RETENTION_FAILED',
        `Old statistics could not be removed (${codeOf(error) ?? 'no code'}); the next attempt is made ` +
          'within a day. TrackingStatsService.retain() does it now.',
      );
    }
  }

  /** Of the processes that ask at the same time, one is told so. */
  private async isDue(): Promise<boolean> {
    await this.store.ready();
    const { rows } = await this.settings.client.query(
      `update ${this.store.tables.retention} set started_at = now()
        where started_at is null or started_at < now() - interval '23 hours 30 minutes'
        returning 1 as due`,
      [],
    );
    return rows.length > 0;
  }
}
