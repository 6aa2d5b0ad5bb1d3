import { canBeJson } from '../util/can-be-json.js';
import { LATE, withDeadline } from '../util/deadline.js';
import type { LineLog } from '../util/log.js';
import type { TrackingEvent, TrackingEventType } from './tracking-event.js';
import { EVENT_NAMES } from './tracking-events.js';

/** The option `beforePublish`. */
export type AskBeforePublish = (
  event: TrackingEvent,
) => TrackingEvent | null | Promise<TrackingEvent | null>;

/** Who bounced, complained or left must not get another mail, whatever an app wants to record. */
const PROTECTED: ReadonlySet<TrackingEventType> = new Set([
  'bounced',
  'rejected',
  'complained',
  'unsubscribed',
  'subscribed',
]);

/** Returns true for an event that nobody may withhold. */
export function isProtected({ eventType }: Pick<TrackingEvent, 'eventType'>): boolean {
  return PROTECTED.has(eventType);
}

/** How long a protected event waits, in milliseconds. */
const PATIENCE_MS = 1000;

/** Calls `beforePublish`, and undoes what it must not do. */
export class BeforePublish {
  private hasWarned = false;

  constructor(
    private readonly ask: AskBeforePublish,
    private readonly tally: { withheld: number; failed: number },
    private readonly log: LineLog<'TrackingEvents'>,
  ) {}

  /** Returns the event to publish; `null` to publish nothing. Never rejects. */
  async finalOf(event: TrackingEvent): Promise<TrackingEvent | null> {
    if (isProtected(event)) return this.protectedOf(event);
    try {
      const final = await this.ask(event);
      if (final === null) this.tally.withheld++;
      else if (EVENT_NAMES[final?.eventType] === undefined) {
        throw new Error('beforePublish must return an event or null');
      }
      return final;
    } catch (error) {
      this.fail('beforePublish failed, so an event was withheld.', error);
      return null;
    }
  }

  /** Returns an event that cannot be withheld: its recipient, list, type and time stay as they are. */
  async protectedOf(event: TrackingEvent): Promise<TrackingEvent> {
    // It may change the event in place.
    const before = { ...event, timestamp: new Date(event.timestamp) };
    try {
      const answer = await withDeadline(Promise.resolve(this.ask(event)), PATIENCE_MS);
      if (answer === LATE) throw new Error(`beforePublish took longer than ${PATIENCE_MS} ms`);
      if (answer !== null && !isEvent(answer)) {
        throw new Error('beforePublish must return an event that JSON can carry, or null');
      }
      if (answer && isSame(before, answer)) return answer;
      this.warnOnce();
      return answer ? withEssentials(before, answer) : withoutReader(before);
    } catch (error) {
      this.fail('beforePublish failed for an event that cannot be withheld.', error);
      return withoutReader(before);
    }
  }

  private fail(message: string, error: unknown): void {
    this.tally.failed++;
    this.log.write('BEFORE_PUBLISH_FAILED', message, error);
  }

  private warnOnce(): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    this.log.write(
      'BEFORE_PUBLISH_UNDONE',
      'beforePublish withheld a bounce, rejection, complaint, unsubscribe or subscribe, or changed ' +
        'its recipient, list, type or time. That is undone, because such addresses must not get ' +
        'mail. This is logged once.',
    );
  }
}

/** A queue and stores keep events as JSON. */
function isEvent(answer: TrackingEvent): boolean {
  return (
    EVENT_NAMES[answer?.eventType] !== undefined &&
    typeof answer.eventId === 'string' &&
    canBeJson(answer)
  );
}

/** What says that, and from when on, somebody must not be written to. */
const ESSENTIAL = [
  'eventType',
  'source',
  'recipient',
  'recipientCertain',
  'insecure',
  'list',
] as const satisfies readonly (keyof TrackingEvent)[];

function isSame(before: TrackingEvent, after: TrackingEvent): boolean {
  return (
    ESSENTIAL.every((name) => after[name] === before[name]) &&
    after.timestamp instanceof Date &&
    after.timestamp.getTime() === before.timestamp.getTime()
  );
}

function withEssentials(
  { eventType, source, recipient, recipientCertain, insecure, list, timestamp }: TrackingEvent,
  after: TrackingEvent,
): TrackingEvent {
  const { insecure: _changed, ...others } = after;
  return {
    ...others,
    eventType,
    source,
    recipient,
    recipientCertain,
    ...(insecure && { insecure }),
    list,
    timestamp,
  };
}

/** An app that withholds an event wants nothing recorded about its reader. */
function withoutReader(event: TrackingEvent): TrackingEvent {
  const result = event.result && { ...event.result, requestData: null };
  const left = { ...event, userIp: null, userAgent: null, espEvent: null, result };
  // It may have changed these in place.
  return canBeJson(left) ? left : { ...left, metadata: {}, result: null };
}
