/** How the queue is, as far as this process can tell. */
export interface TrackingQueueHealth {
  /** `'down'` where Redis does not answer, or readers are no longer made to wait for it. */
  status: 'up' | 'down';
  /** Whether Redis answered within a second. */
  redis: boolean;
  /** Events that wait in memory. */
  buffered: number;
  /** What waits in spool files, in bytes. */
  spooledBytes: number;
  /** Events that neither Redis nor buffer nor spool could take, since the process started. */
  lost: number;
}
