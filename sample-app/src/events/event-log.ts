import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import {
  OnTrackingEvent,
  TRACKING_RECLASSIFIED,
  type ReclassifiedEvent,
  type TrackingEvent,
} from 'nestjs-email-tracking';
import { Subject, type Observable } from 'rxjs';

const MAX_EVENTS = 500;

/** Where an app would store events, count them or tell a customer system; here a list in memory. */
@Injectable()
export class EventLog implements BeforeApplicationShutdown {
  private events: TrackingEvent[] = [];
  private readonly arrivals = new Subject<TrackingEvent>();

  /** The same as one `@OnEvent` for each name: hits on links, and reports of providers. */
  @OnTrackingEvent()
  record(event: TrackingEvent): void {
    this.events = [event, ...this.events].slice(0, MAX_EVENTS);
    this.arrivals.next(event);
  }

  /** Later hits can show who made earlier ones. */
  @OnEvent(TRACKING_RECLASSIFIED)
  correct({ eventIds, verdict }: ReclassifiedEvent): void {
    this.events = this.events.map((event) => {
      if (!eventIds.includes(event.eventId)) return event;
      const corrected = { ...event, verdict };
      this.arrivals.next(corrected);
      return corrected;
    });
  }

  /** Newest first, each with its latest verdict. */
  list(): readonly TrackingEvent[] {
    return this.events;
  }

  /** Events from now on, and again those whose verdict changes. Ends when the app stops. */
  live(): Observable<TrackingEvent> {
    return this.arrivals;
  }

  beforeApplicationShutdown(): void {
    this.arrivals.complete();
  }
}
