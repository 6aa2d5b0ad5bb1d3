import { randomUUID } from 'node:crypto';
import type { EncodedEvent } from './event-codec.js';

/**
 * Events that are written together, under an id that stays: whatever is written a second time, for
 * lack of an answer, is the same job to BullMQ.
 */
export class HitBatch {
  /** How many events it has. */
  readonly count: number;
  private events: EncodedEvent[] | undefined;
  private json: string | undefined;

  private constructor(
    readonly id: string,
    content: EncodedEvent[] | string,
    count: number,
  ) {
    if (typeof content === 'string') this.json = content;
    else this.events = content;
    this.count = count;
  }

  static of(events: EncodedEvent[]): HitBatch {
    return new HitBatch(`b-${randomUUID()}`, events, events.length);
  }

  /** Reads what {@link toRecord} wrote. @throws if it is something else */
  static fromRecord(record: Buffer): HitBatch {
    const text = record.toString();
    const [, id, count] = /^(b-[\w-]+) (\d+) \[/.exec(text) ?? [];
    if (id === undefined) throw new TypeError('This is not a batch of hits.');
    return new HitBatch(id, text.slice(text.indexOf('[')), Number(count));
  }

  toRecord(): Buffer {
    return Buffer.from(`${this.id} ${this.count} ${this.pack()}`);
  }

  /** What the job carries. */
  toEvents(): EncodedEvent[] {
    return this.events ?? (JSON.parse(this.json!) as EncodedEvent[]);
  }

  /** Makes it small, to wait for longer: one string is a third of the objects that it stands for. */
  pack(): string {
    this.json ??= JSON.stringify(this.events);
    this.events = undefined;
    return this.json;
  }
}
