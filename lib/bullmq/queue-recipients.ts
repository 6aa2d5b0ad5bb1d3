import type { Job, Queue } from 'bullmq';
import type { Person, RecipientStore } from '../plugin.js';
import { changeData, isAbout, jobsOf, type JobState } from './jobs-of-person.js';
import { isSeen, type JobData, parkedData, readableEvent } from './queued-event.js';
import type { QueueWriter } from './queue-writer.js';
import type { Rechecks } from './rechecks.js';

/** What holds events: Redis, and this process. */
export interface QueuePlaces {
  readonly queue: Queue<JobData>;
  readonly writer: Pick<QueueWriter, 'held' | 'drop' | 'emptySpool'>;
  readonly rechecks: Rechecks;
}

/** What the queue holds of a person. Jobs that are done hold nothing. */
export class QueueRecipients implements RecipientStore {
  readonly name = 'queue';
  readonly unreachable = [
    'events in the memory or the spool of other processes of the queue, until these write them to Redis: ' +
      'they then name nobody',
    'events that a worker is handling at that moment, until it is done with them',
    'the address in bounces, complaints and leavings that wait, or that are parked before the suppression ' +
      'list has taken them: until they are done, or parked events are deleted (keepParked)',
    'files of Redis (AOF, RDB) and its replicas, until Redis writes them anew',
  ];

  constructor(private readonly find: () => Promise<QueuePlaces>) {}

  async *export(person: Person): AsyncGenerator<Record<string, unknown>> {
    const { queue, writer } = await this.find();
    await writer.emptySpool();
    const told = new Set<string>();
    for (const { data, opts } of writer.held) {
      if (!isAbout(data, person)) continue;
      told.add(opts.jobId);
      yield recordOf('held', data);
    }
    for await (const { job, state } of jobsOf(queue, person)) {
      if (told.has(job.id!)) continue;
      told.add(job.id!);
      yield recordOf(state, job.data);
    }
  }

  /** The tombstone is there by now, so that rechecking says what may stay. */
  async anonymise(person: Person): Promise<void> {
    const { queue, writer, rechecks } = await this.find();
    await rechecks.narrow(writer.held.filter(({ data }) => isAbout(data, person)));
    await writer.emptySpool();
    for await (const { job, state } of jobsOf(queue, person)) {
      await changeData(queue, job, async (data) => {
        const now = await rechecks.dataNow(data);
        return state === 'parked' ? parkedData(now) : now;
      });
    }
  }

  async erase(person: Person): Promise<void> {
    const { queue, writer } = await this.find();
    const isGone = ({ data }: { data: JobData }) => isDay(data) && isAbout(data, person);
    writer.drop(isGone);
    await writer.emptySpool();
    const gone = new Map<string, Job<JobData>>();
    for await (const { job } of jobsOf(queue, person)) if (isGone(job)) gone.set(job.id!, job);
    for (const job of gone.values()) await remove(job);
  }
}

function isDay({ event }: JobData): boolean {
  return event !== undefined && isSeen(event);
}

function recordOf(state: JobState, data: JobData): Record<string, unknown> {
  const event = readableEvent(data) ?? data.event;
  const { failures } = data;
  return { state, ...(isDay(data) ? { seen: event } : { event }), ...(failures && { failures }) };
}

/** A job that runs cannot be removed: its worker asks the register before it tries it again. */
async function remove(job: Job<JobData>): Promise<void> {
  try {
    await job.remove();
  } catch (error) {
    if (!(await job.isActive())) throw error;
  }
}
