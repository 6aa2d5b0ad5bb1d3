/** The health of the queue, as seen by this process. */
export interface TrackingQueueHealth {
  /** `'down'` if Redis does not answer, or if responses no longer wait for it. */
  status: 'up' | 'down';
  /** Whether Redis answered within a second. */
  redis: boolean;
  /** Events that wait in memory. */
  buffered: number;
  /** The size of the spool files, in bytes. */
  spooledBytes: number;
  /**
   * Events that were lost since the process started: Redis, buffer and spool could not accept them.
   */
  lost: number;
}
