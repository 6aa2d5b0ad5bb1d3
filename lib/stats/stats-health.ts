/** How the store is, as far as this process can tell. */
export interface TrackingStatsHealth {
  /** `'down'` where the database does not answer, or did not take the last write. */
  status: 'up' | 'down';
  /** Whether the database answered within a second. */
  database: boolean;
  /** Events that wait in memory. */
  buffered: number;
  /** Events that were given up, since the process started. */
  lost: number;
  /** Events that PostgreSQL cannot hold. */
  refused: number;
}

/** Whether a promise is kept in time. */
export async function answersIn(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What @nestjs/terminus takes for a failed check, in all its versions: known by its members, so that
 * nothing has to be imported.
 */
export class StatsIsDown extends Error {
  readonly isHealthCheckError = true;

  constructor(readonly causes: Record<string, TrackingStatsHealth>) {
    super('The store of tracking numbers is down.');
  }
}
