import { Job, type Queue, type Worker } from 'bullmq';
import type { Person } from '../plugin.js';
import { addressKey } from '../util/address-key.js';
import { clientOf } from './connection.js';
import { isCorrection, isSeen, type JobData } from './queued-event.js';

/** Where a job is, as an export says it. */
export type JobState = 'delayed' | 'parked' | 'waiting' | 'active' | 'held';

/**
 * Jobs go from the first to the last by themselves, so that none is passed over. What was active may be
 * delayed or parked when active jobs are read.
 */
const STATES = [
  ['delayed', 'delayed'],
  ['failed', 'parked'],
  ['waiting', 'waiting'],
  ['active', 'active'],
  ['delayed', 'delayed'],
  ['failed', 'parked'],
] as const satisfies readonly (readonly [string, JobState])[];

const PAGE = 1000;
/** Pages overlap, because jobs move up where others before them are taken out. */
const OVERLAP = 100;

/** Replaces the data of a job, unless somebody else has done so. */
const REPLACE = {
  name: 'emailTrackingReplaceData',
  numberOfKeys: 1,
  lua: `
if redis.call('HGET', KEYS[1], 'data') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'data', ARGV[2])
return 1`,
};

/** Returns true if the event of a job names the person. */
export function isAbout({ event }: JobData, { address }: Person): boolean {
  if (!event || isCorrection(event)) return false;
  const named = isSeen(event) ? [event.recipient] : [event.recipient, event.result?.recipient];
  return named.some((recipient) => !!recipient && addressKey(recipient) === address);
}

/** Finds the jobs of a person in Redis: those that wait, run, or are delayed or parked. Some may come twice. */
export async function* jobsOf(
  queue: Queue<JobData>,
  person: Person,
): AsyncGenerator<{ job: Job<JobData>; state: JobState }> {
  for (const [type, state] of STATES) {
    for (let start = 0; ; start += PAGE - OVERLAP) {
      const jobs = await queue.getJobs([type], start, start + PAGE - 1, false);
      if (jobs.length === 0) break;
      for (const job of jobs) if (isAbout(job.data, person)) yield { job, state };
    }
  }
}

/**
 * Changes the data of a job that others may change, too: an erasure, and the worker that runs it. What the
 * other one writes meanwhile is given to `change` again.
 *
 * @param change returns the same object where nothing is to change
 * @returns the data that the job has then; `undefined` if there is no such job any more
 */
export async function changeData(
  queue: Queue<JobData> | Worker<JobData>,
  job: Job<JobData>,
  change: (data: JobData) => JobData | Promise<JobData>,
): Promise<JobData | undefined> {
  const client = await clientOf(queue);
  client.defineCommand(REPLACE.name, REPLACE);
  let current: Job<JobData> | undefined = job;
  while (current) {
    const { data } = current;
    const changed = await change(data);
    if (changed === data) return data;
    const args = [queue.toKey(job.id!), JSON.stringify(data), JSON.stringify(changed)];
    if ((await client.runCommand(REPLACE.name, args)) === 1) return (job.data = changed);
    current = await Job.fromId<JobData>(queue, job.id!);
  }
  return undefined;
}
