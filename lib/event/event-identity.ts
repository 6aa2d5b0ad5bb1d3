import type { TrackingEvent } from './tracking-event.js';

/**
 * What tells an event from all others, so that a repeat is known as one. For our own links that is
 * `eventId`. A provider may give one id to all recipients of an event (Amazon SES) or to several
 * things that happened to one mail (SendGrid), so there all of it counts together.
 */
export function identityOf({
  espName,
  eventId,
  eventType,
  recipient,
}: Pick<TrackingEvent, 'espName' | 'eventId' | 'eventType' | 'recipient'>): string {
  return espName === null ? eventId : [espName, eventId, eventType, recipient].join('\n');
}
