import type { TrackingEvent } from './tracking-event.js';

/**
 * Returns a text that is the same for repeats of an event and for no other event. For our own links
 * it is `eventId`. A provider may give one id to all recipients of an event (Amazon SES) or to
 * several events of one mail (SendGrid), so there further fields are part of it.
 */
export function identityOf({
  espName,
  eventId,
  eventType,
  recipient,
}: Pick<TrackingEvent, 'espName' | 'eventId' | 'eventType' | 'recipient'>): string {
  return espName === null ? eventId : [espName, eventId, eventType, recipient].join('\n');
}
