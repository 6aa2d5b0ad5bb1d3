import type { TrackingResult } from 'nestjs-email-tracking';

/** The result of a click, with changes. */
export function resultWith(changes: Partial<TrackingResult> = {}): TrackingResult {
  return {
    isOpenTracking: false,
    isClickTracking: true,
    purpose: 'click',
    trackedUrl: 'https://example.com/',
    webhookUrl: null,
    webhookTimeoutSeconds: null,
    metadata: { customer_id: 7 },
    requestData: null,
    timestamp: 1_700_000_000,
    messageId: null,
    recipient: null,
    tags: [],
    sentAt: null,
    linkIndex: null,
    linkCount: null,
    trackedLinkCount: null,
    isUnsubscribeLink: false,
    list: null,
    linkLabel: null,
    part: null,
    format: 'packed',
    keyId: null,
    ...changes,
  };
}
