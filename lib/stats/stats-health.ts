/** The health of the store, as seen by this process. */
export interface TrackingStatsHealth {
  /** `'down'` if the database does not answer, or if the last write failed. */
  status: 'up' | 'down';
  /** Whether the database answered within a second. */
  database: boolean;
  /** Events that wait in memory. */
  buffered: number;
  /** Events that were lost since the process started. */
  lost: number;
  /** Events that the database rejected. */
  refused: number;
}
