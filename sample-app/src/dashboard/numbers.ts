import { BadRequestException, Injectable } from '@nestjs/common';
import { isTrackingError } from 'nestjs-email-tracking';
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

  /** @throws DatabaseAway, or BadRequestException where the question itself is wrong */
  async ask<T>(question: (stats: TrackingStatsService) => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new DatabaseAway('no answer in time')), LIMIT_MS);
    });
    try {
      return await Promise.race([question(this.stats), late]);
    } catch (error) {
      if (isTrackingError(error) && error.code === 'INVALID_OPTIONS') {
        throw new BadRequestException([error.message]);
      }
      throw new DatabaseAway('the question failed', { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Starts an answer of many parts. It waits for the first one: until then, a failure is an error of
   * the question; later, the answer breaks off.
   *
   * @throws DatabaseAway, or BadRequestException where the question itself is wrong
   */
  async stream(
    question: (stats: TrackingStatsService) => AsyncIterable<string>,
  ): Promise<AsyncIterable<string>> {
    const parts = await this.ask((stats) =>
      Promise.resolve(question(stats)[Symbol.asyncIterator]()),
    );
    const first = await this.ask(() => parts.next());
    return rest(first, parts);
  }
}

async function* rest(
  first: IteratorResult<string>,
  parts: AsyncIterator<string>,
): AsyncGenerator<string> {
  try {
    for (let part = first; !part.done; part = await parts.next()) yield part.value;
  } finally {
    // Whoever downloads it may stop.
    await parts.return?.();
  }
}
