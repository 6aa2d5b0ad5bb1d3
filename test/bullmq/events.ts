import type { INestApplicationContext } from '@nestjs/common';
import { EventPublisher, type TrackingEvent, type TrackingEvents } from 'nestjs-email-tracking';
import { eventWith } from '../support/event.js';

/** Publishes an event as a provider of mail would. */
export async function publishOpen(
  context: INestApplicationContext,
  eventId: string,
): Promise<void> {
  await context.get(EventPublisher).publish(openEvent(eventId));
}

/** What a provider says of an opening. */
export function openEvent(eventId: string): TrackingEvent {
  return eventWith({ eventType: 'opened', source: 'esp', eventId, clickUrl: null });
}

/** Takes a day to the queue of an app, as the publisher does. */
export async function seenThrough(
  publisher: EventPublisher,
  seen: TrackingEvents['tracking.seen'],
): Promise<void> {
  const { queue } = publisher as unknown as {
    queue: { seen(day: typeof seen): void | Promise<void> };
  };
  await queue.seen(seen);
}
