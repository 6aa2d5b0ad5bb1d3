import type { EventPublisher, PrivacyRegister, ReclassifiedEvent, SeenEvent } from '../plugin.js';
import { LATE, withDeadline } from '../util/deadline.js';
import {
  FINISHED,
  isCorrection,
  isSeen,
  type JobData,
  narrowedData,
  type QueuedEvent,
  readableEvent,
} from './queued-event.js';

/** The name of this step among what failed. */
export const REGISTER = 'the register of erasures';

/** How long the register is waited for, in milliseconds. */
const PATIENCE_MS = 5000;
/** How many jobs are asked about at a time. */
const AT_ONCE = 100;

/** Finds out what may still be said of somebody whose events waited, because they may have been erased. */
export class Rechecks {
  /** @param findRegister is asked about days; events are rechecked by the publisher */
  constructor(
    private readonly publisher: Pick<EventPublisher, 'recheck'>,
    private readonly findRegister: () => PrivacyRegister | undefined,
  ) {}

  /**
   * Returns an event as it may be given now: the same one, one that names nobody, or `undefined` for the
   * day of somebody who was erased. Rejects where that cannot be found out now.
   */
  async now(queued: QueuedEvent): Promise<QueuedEvent | undefined> {
    if (isCorrection(queued)) return queued;
    const checked = await withDeadline(this.ask(queued), PATIENCE_MS);
    if (checked !== LATE) return checked;
    throw Object.assign(new Error(`${REGISTER} did not answer in time`), { code: 'ETIMEDOUT' });
  }

  /** Returns the data of a job as it may be kept now: the same object if nothing changes. */
  async dataNow(data: JobData): Promise<JobData> {
    // What another release wrote is left to the worker, which parks it.
    const queued = readableEvent(data);
    if (!queued) return data;
    return changed(data, queued, await this.now(queued));
  }

  /** Changes the data of jobs to what may be kept now. Rejects where that cannot be found out now. */
  async narrow(jobs: readonly { data: JobData }[]): Promise<void> {
    for (let i = 0; i < jobs.length; i += AT_ONCE) {
      const some = jobs.slice(i, i + AT_ONCE);
      await Promise.all(some.map(async (job) => (job.data = await this.dataNow(job.data))));
    }
  }

  private async ask(queued: Exclude<QueuedEvent, ReclassifiedEvent>) {
    return isSeen(queued) ? this.seenNow(queued) : this.publisher.recheck(queued);
  }

  /** Nothing but the day is known of the mail, so whoever was erased later on that day counts as erased. */
  private async seenNow(seen: SeenEvent): Promise<SeenEvent | undefined> {
    const { recipient, day } = seen;
    const mail = { recipient, messageId: null, sentAt: new Date(day), source: 'link' } as const;
    return (await this.findRegister()?.isErased(mail)) ? undefined : seen;
  }
}

/** Returns the data of a job whose event became another one. */
export function changed(
  data: JobData,
  before: QueuedEvent,
  after: QueuedEvent | undefined,
): JobData {
  if (after === before) return data;
  return after ? narrowedData(data, after) : FINISHED;
}
