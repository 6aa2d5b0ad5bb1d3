import type { TrackingEvent } from '../event/tracking-event.js';
import type { TrackingResult } from '../link/tracking-result.js';
import { type HitMessage, TRACKING_CHANNELS } from '../util/diagnostics.js';

/** Follows one hit for the channel of hits. */
export class HitTrace {
  private outcome: HitMessage['outcome'] = 'not-recorded';
  private format: string | null = null;
  private event: TrackingEvent | undefined;

  private constructor(private readonly begun: number) {}

  /** Returns one if somebody listens. */
  static begin(): HitTrace | undefined {
    const begun = TRACKING_CHANNELS.hit.begin();
    return begun === undefined ? undefined : new HitTrace(begun);
  }

  /** The link was read. */
  reads({ format }: TrackingResult): void {
    this.format = format;
  }

  /** An event is published. Its verdict is known when the answer is sent. */
  publishes(event: TrackingEvent): void {
    this.event = event;
  }

  ends(outcome: HitMessage['outcome']): void {
    this.outcome = outcome;
  }

  /** A step failed, or took too long. What is published already stays published. */
  fails(): void {
    if (!this.event) this.outcome = 'failed';
  }

  /** @param isRecorded false for requests that are answered, and nothing else */
  publish(purpose: HitMessage['purpose'], isRecorded: boolean, status: number): void {
    TRACKING_CHANNELS.hit.end(this.begun, {
      purpose,
      outcome: isRecorded ? this.outcome : 'not-recorded',
      verdict: this.event?.verdict?.kind ?? null,
      format: this.format,
      status,
    });
  }
}
