import { Controller, Get, Sse, type MessageEvent } from '@nestjs/common';
import type { TrackingEvent } from 'nestjs-email-tracking';
import { endWith, ignoreElements, map, merge, takeUntil, timer, type Observable } from 'rxjs';
import { EventLog } from './event-log.js';

const HEARTBEAT_MS = 15_000;

@Controller('api/events')
export class EventsController {
  constructor(private readonly log: EventLog) {}

  @Get()
  list(): readonly TrackingEvent[] {
    return this.log.list();
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
      map((event): MessageEvent => ({ id: event.eventId, data: event })),
    );
    return merge(messages, heartbeat);
  }
}
