import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { OnTrackingEvent, type TrackingEvent } from 'nestjs-email-tracking';
import { Subject, type Observable } from 'rxjs';

const MAX_EVENTS = 500;

/** Where an app would store events, count them or tell a customer system; here a list in memory. */
@Injectable()
export class EventLog implements BeforeApplicationShutdown {
  private events: TrackingEvent[] = [];
  private readonly arrivals = new Subject<TrackingEvent>();

  /** The same as one `@OnEvent` for each name: hits on links, and what providers report. */
  @OnTrackingEvent()
  record(event: TrackingEvent): void {
    this.events = [event, ...this.events].slice(0, MAX_EVENTS);
    this.arrivals.next(event);
  }

  /** Newest first. */
  list(): readonly TrackingEvent[] {
    return this.events;
  }

  /** Events from now on; ends when the app stops. */
  live(): Observable<TrackingEvent> {
    return this.arrivals;
  }

  beforeApplicationShutdown(): void {
    this.arrivals.complete();
  }
}
