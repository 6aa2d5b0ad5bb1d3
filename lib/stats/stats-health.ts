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
