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

/** How long Redis may take to answer, in milliseconds. */
const PATIENCE_MS = 1000;

/** Whether a promise is kept within a second. */
export async function answers(promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, false);
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
 * What @nestjs/terminus takes for a failed check, in all its versions: known by its members, so
 * that nothing has to be imported.
 */
export class QueueIsDown extends Error {
  readonly isHealthCheckError = true;

  constructor(readonly causes: Record<string, TrackingQueueHealth>) {
    super('The queue of tracking events is down.');
  }
}
