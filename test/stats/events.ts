import { randomUUID } from 'node:crypto';
import type { PreparedEvent, TrackingEvent, Verdict, VerdictKind } from 'nestjs-email-tracking';

export const NOON = Date.UTC(2026, 10, 20, 12);

export function verdictOf(
  kind: VerdictKind,
  certainty: Verdict['certainty'] = 'probable',
): Verdict {
  return { kind, certainty, reasons: ['TEST'], rules: '2026-11-20' };
}

/** An event with what a test says; a person's click, otherwise. */
export function eventOf(some: Partial<TrackingEvent> = {}): TrackingEvent {
  const isHit = (some.eventType ?? 'clicked') === 'clicked' || some.eventType === 'opened';
  return {
    eventType: 'clicked',
    source: 'link',
    eventId: randomUUID(),
    timestamp: new Date(NOON),
    messageId: 'm1@example.com',
    recipient: 'ann@example.com',
    recipientCertain: true,
    metadata: { campaign: 'spring' },
    tags: [],
    rejectReason: null,
    permanent: null,
    description: null,
    mtaResponse: null,
    userAgent: 'Mozilla/5.0',
    userIp: '203.0.113.7',
    clickUrl: some.eventType && some.eventType !== 'clicked' ? null : 'https://example.com/',
    espName: null,
    espEvent: null,
    verdict: isHit ? verdictOf('human') : null,
    sentAt: null,
    linkIndex: null,
    linkCount: null,
    linkLabel: null,
    part: null,
    list: null,
    via: null,
    result: null,
    ...some,
  };
}

export function preparedOf(some: Partial<PreparedEvent> = {}): PreparedEvent {
  return {
    messageId: 'm1@example.com',
    recipient: 'ann@example.com',
    metadata: { campaign: 'spring' },
    tags: [],
    counts: { links: 2, trackedLinks: 2, pixels: 1 },
    timestamp: new Date(),
    ...some,
  };
}
