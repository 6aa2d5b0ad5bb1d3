import { canBeJson } from '../util/can-be-json.js';
import { type QueueMessage, TRACKING_CHANNELS } from '../util/diagnostics.js';
import { codeOf } from '../util/error-code.js';
import type { LineLog } from '../util/log.js';
import type { NewJob } from './queued-event.js';
import type { Spool } from './spool.js';

/** The most events that wait for the disk, beside those in the buffer. */
const MAX_WAITING = 10_000;

/** Publishes what became of events, if somebody listens. */
export function tellOfEvents(outcome: QueueMessage['outcome'], events: number): void {
  const { queue } = TRACKING_CHANNELS;
  if (events > 0 && queue.hasSubscribers) queue.tell({ outcome, events, duration: null });
}

/** Takes what neither Redis nor the buffer takes: to the spool, and what that cannot hold is counted as lost. */
export class Overflow {
  private spool: Spool | undefined;
  /** What goes to the spool next. */
  private jobs: NewJob[] = [];
  /** How many are being written. */
  private writing = 0;
  private spilling: Promise<void> | undefined;
  private losses = 0;
  private isEnding = false;

  constructor(private readonly log: LineLog<'TrackingQueue'>) {}

  /** How many events wait for the disk. */
  get waiting(): number {
    return this.jobs.length + this.writing;
  }

  /** Those of them that are not being written yet. */
  get held(): readonly NewJob[] {
    return this.jobs;
  }

  /** The size of the spool, in bytes. */
  get bytes(): number {
    return this.spool?.bytes ?? 0;
  }

  /** How many events were lost since the process started. */
  get lost(): number {
    return this.losses;
  }

  get hasSpool(): boolean {
    return this.spool !== undefined;
  }

  /** From now on, the spool takes what comes. */
  use(spool: Spool): void {
    this.spool = spool;
  }

  /** A shutdown begins: everything is taken, and one line at its end says how many were lost. */
  beginEnd(): void {
    this.isEnding = true;
  }

  /** Returns those that JSON can carry: one that it cannot must not keep the others waiting for ever. */
  storable(jobs: readonly NewJob[]): NewJob[] {
    const storable = jobs.filter(canBeJson);
    this.lose(jobs.length - storable.length, 'JSON cannot carry what they hold');
    return storable;
  }

  /** Writes jobs at once. @returns whether the spool took them; otherwise their sender keeps them */
  async append(jobs: readonly NewJob[]): Promise<boolean> {
    const storable = this.storable(jobs);
    try {
      if (storable.length === 0) return true;
      const isWritten = (await this.spool?.append(storable)) ?? false;
      if (isWritten) tellOfEvents('spooled', storable.length);
      return isWritten;
    } catch (error) {
      this.log.write('SPOOL_WRITE_FAILED', `The spool cannot be written (${codeOf(error)}).`);
      return false;
    }
  }

  /** Writes jobs, together with all that comes while the disk is busy. */
  spill(jobs: readonly NewJob[]): Promise<void> {
    const storable = this.storable(jobs);
    if (!this.spool) {
      this.lose(storable.length, 'the buffer is full (bufferSize), and spoolDir is not set');
      return Promise.resolve();
    }
    const room = this.isEnding ? Infinity : MAX_WAITING - this.jobs.length;
    this.jobs.push(...storable.slice(0, room));
    this.lose(Math.max(0, storable.length - room), 'the disk of the spool is too slow');
    if (this.jobs.length === 0) return Promise.resolve();
    return (this.spilling ??= this.spillAll(this.spool));
  }

  /** Waits for the disk. */
  async written(): Promise<void> {
    await this.spilling;
  }

  /** Gives the records of the spool away, until `give` returns false. */
  async drain(give: (jobs: NewJob[]) => Promise<boolean>): Promise<void> {
    try {
      await this.spool?.drain((records) => give(records as NewJob[]));
    } catch (error) {
      this.log.write('SPOOL_READ_FAILED', `The spool cannot be read (${codeOf(error)}).`);
    }
  }

  /** Counts events as lost. */
  lose(count: number, why: string): void {
    if (count === 0) return;
    this.losses += count;
    tellOfEvents('lost', count);
    if (!this.isEnding) {
      this.log.write('EVENTS_LOST', `${count} events were lost (${this.losses} in total): ${why}.`);
    }
  }

  async close(): Promise<void> {
    await this.spool?.close();
  }

  private async spillAll(spool: Spool): Promise<void> {
    while (this.jobs.length > 0) {
      const { jobs } = this;
      this.jobs = [];
      this.writing = jobs.length;
      try {
        const isWritten = await spool.append(jobs);
        if (isWritten) tellOfEvents('spooled', jobs.length);
        else this.lose(jobs.length, 'the spool has reached spoolMaxBytes');
      } catch (error) {
        this.lose(jobs.length, `the spool cannot be written (${codeOf(error)})`);
      }
      this.writing = 0;
    }
    this.spilling = undefined;
  }
}
