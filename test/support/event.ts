import type { TrackingEvent } from 'nestjs-email-tracking';

/** The event of a click, with changes. */
export function eventWith(changes: Partial<TrackingEvent> = {}): TrackingEvent {
  return {
    eventType: 'clicked',
    source: 'link',
    eventId: 'e1',
    timestamp: new Date(1_700_000_000_000),
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
    clickUrl: 'https://example.com/',
    espName: null,
    espEvent: null,
    verdict: null,
    sentAt: null,
    linkIndex: null,
    linkCount: null,
    linkLabel: null,
    part: null,
    list: null,
    via: null,
    result: null,
    ...changes,
  };
}
