import { randomUUID } from 'node:crypto';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import {
  OnTrackingEvent,
  TRACKING_RECLASSIFIED,
  TRACKING_SEEN,
  type ReclassifiedEvent,
  type SeenEvent,
  type TrackingEvent,
} from 'nestjs-email-tracking';
import { Subject, type Observable } from 'rxjs';

const MAX_EVENTS = 500;

/** The last day on which somebody opened a mail, where nothing else is kept. */
export interface SeenDay extends SeenEvent {
  eventId: string;
  eventType: 'seen';
}

export type LoggedEvent = TrackingEvent | SeenDay;

/** Where an app would store events, count them or tell a customer system; here a list in memory. */
@Injectable()
export class EventLog implements BeforeApplicationShutdown {
  private events: LoggedEvent[] = [];
  private readonly arrivals = new Subject<LoggedEvent>();

  /** The same as one `@OnEvent` for each name: hits on links, and reports of providers. */
  @OnTrackingEvent()
  record(event: TrackingEvent): void {
    // Bounces and the like of somebody who was erased still name their recipient, for suppression.
    this.add(event.mode === 'anonymous' ? { ...event, recipient: null } : event);
  }

  /** Keeps the latest day of each recipient, and no history. */
  @OnEvent(TRACKING_SEEN)
  see({ recipient, day, tenant }: SeenEvent): void {
    const earlier = this.events.find(
      (event) =>
        event.eventType === 'seen' && event.recipient === recipient && event.tenant === tenant,
    );
    this.events = this.events.filter((event) => event !== earlier);
    const eventId = earlier?.eventId ?? randomUUID();
    this.add({ eventId, eventType: 'seen', recipient, day, tenant });
  }

  /** Later hits can show who made earlier ones. */
  @OnEvent(TRACKING_RECLASSIFIED)
  correct({ eventIds, verdict }: ReclassifiedEvent): void {
    this.events = this.events.map((event) => {
      if (event.eventType === 'seen' || !eventIds.includes(event.eventId)) return event;
      const corrected = { ...event, verdict };
      this.arrivals.next(corrected);
      return corrected;
    });
  }

  /** Newest first, each with its latest verdict. */
  list(): readonly LoggedEvent[] {
    return this.events;
  }

  /** The events that name a recipient, by an address in lower case. */
  of(addresses: readonly string[]): LoggedEvent[] {
    return this.events.filter(({ recipient }) => isOneOf(addresses, recipient));
  }

  forget(addresses: readonly string[]): void {
    this.events = this.events.filter(({ recipient }) => !isOneOf(addresses, recipient));
  }

  /** Events from now on, and again those whose verdict changes. Ends when the app stops. */
  live(): Observable<LoggedEvent> {
    return this.arrivals;
  }

  beforeApplicationShutdown(): void {
    this.arrivals.complete();
  }

  private add(event: LoggedEvent): void {
    this.events = [event, ...this.events].slice(0, MAX_EVENTS);
    this.arrivals.next(event);
  }
}

const isOneOf = (addresses: readonly string[], recipient: string | null): boolean =>
  recipient !== null && addresses.includes(recipient.toLowerCase());
