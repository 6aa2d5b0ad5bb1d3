import type { INestApplicationContext } from '@nestjs/common';
import { EventPublisher, type TrackingEvent } from 'nestjs-email-tracking';
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
