import { Injectable } from '@nestjs/common';
import { TrackingStatsService } from 'nestjs-email-tracking/stats';

/** How long a page waits for the database. */
const LIMIT_MS = 5000;

/** The database does not answer, or not in time. */
export class DatabaseAway extends Error {}

/** Asks the store of numbers, with a time limit. */
@Injectable()
export class Numbers {
  constructor(private readonly stats: TrackingStatsService) {}

  /** Events that wait in memory. */
  get waiting(): number {
    return this.stats.counts.buffered;
  }

  /** @throws DatabaseAway */
  async ask<T>(question: (stats: TrackingStatsService) => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new DatabaseAway('no answer in time')), LIMIT_MS);
    });
    try {
      return await Promise.race([question(this.stats), late]);
    } catch (error) {
      throw new DatabaseAway('the question failed', { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}
