import type { INestApplicationContext } from '@nestjs/common';
import { EventPublisher, type TrackingEvent } from 'nestjs-email-tracking';

/** Publishes an event as a provider of mail would. */
export async function publishOpen(
  context: INestApplicationContext,
  eventId: string,
): Promise<void> {
  await context.get(EventPublisher).publish(openEvent(eventId));
}

/** The least that an event can be. */
export function openEvent(eventId: string): TrackingEvent {
  return {
    eventType: 'opened',
    source: 'esp',
    eventId,
    timestamp: new Date(0),
    messageId: null,
    recipient: null,
    recipientCertain: false,
    metadata: {},
    tags: [],
    rejectReason: null,
    permanent: null,
    description: null,
    mtaResponse: null,
    userAgent: null,
    userIp: null,
    clickUrl: null,
    espName: null,
    espEvent: null,
    verdict: null,
    sentAt: null,
    linkIndex: null,
    linkCount: null,
    linkLabel: null,
    part: null,
    result: null,
  };
}
