import { Controller, Get, Sse, type MessageEvent } from '@nestjs/common';
import type { TrackingEvent } from 'nestjs-email-tracking';
import { endWith, ignoreElements, map, merge, takeUntil, timer, type Observable } from 'rxjs';
import { eventName, headlineOf, readerVerdictOf, whoOf } from '../words.js';
import { EventLog } from './event-log.js';

const HEARTBEAT_MS = 15_000;

/** An event, with the words of this app for it. */
type ToldEvent = TrackingEvent & { words: { name: string; headline: string; who: string | null } };

function told(event: TrackingEvent): ToldEvent {
  const { eventType } = event;
  const verdict = readerVerdictOf(event);
  const words = {
    name: eventName(eventType),
    headline: headlineOf(event),
    who: verdict && whoOf(verdict),
  };
  return { ...event, words };
}

@Controller('api/events')
export class EventsController {
  constructor(private readonly log: EventLog) {}

  @Get()
  list(): ToldEvent[] {
    return this.log.list().map(told);
  }

  /**
   * Server-sent events. The heartbeat is a comment, which clients ignore; the first one goes out
   * at once, so that the browser knows it is connected.
   */
  @Sse('stream')
  stream(): Observable<MessageEvent> {
    const events = this.log.live();
    const end = events.pipe(ignoreElements(), endWith(null));
    const heartbeat = timer(0, HEARTBEAT_MS).pipe(
      map((): MessageEvent => ({ comment: 'heartbeat' })),
      takeUntil(end),
    );
    const messages = events.pipe(
      map((event): MessageEvent => ({ id: event.eventId, data: told(event) })),
    );
    return merge(messages, heartbeat);
  }
}
