import { Controller, Get, Sse, type MessageEvent } from '@nestjs/common';
import { endWith, ignoreElements, map, merge, takeUntil, timer, type Observable } from 'rxjs';
import { eventName, headlineOf, noteOf, readerVerdictOf, SEEN, seenOf, whoOf } from '../words.js';
import { EventLog, type LoggedEvent } from './event-log.js';

const HEARTBEAT_MS = 15_000;

/** What the app says about an event. */
interface Words {
  name: string;
  headline: string;
  who: string | null;
  /** What is not known of it, and why. */
  note: string | null;
}

type ToldEvent = LoggedEvent & { words: Words };

const told = (event: LoggedEvent): ToldEvent => ({ ...event, words: wordsOf(event) });

function wordsOf(event: LoggedEvent): Words {
  if (event.eventType === 'seen') {
    return { name: SEEN, headline: seenOf(event, new Date()), who: null, note: null };
  }
  const verdict = readerVerdictOf(event);
  return {
    name: eventName(event.eventType),
    headline: headlineOf(event),
    who: verdict && whoOf(verdict),
    note: noteOf(event),
  };
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
