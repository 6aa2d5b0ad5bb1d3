import { isProtected } from '../event/before-publish.js';
import type { TrackingEvent } from '../event/tracking-event.js';
import { keptOf, type LinkPrivacy } from '../link/privacy-mode.js';
import type { TrackingResult } from '../link/tracking-result.js';
import { statusOf } from '../util/enhanced-status.js';
import { parseUrl } from '../util/parse-url.js';

/**
 * Takes away all that names the reader of an event: what is left is counted. The recipient of a bounce, a
 * complaint or a leaving stays, because such an address must not get mail.
 *
 * @param idOf makes the id that takes the place of a provider's, which may hold an address
 */
export function narrowEvent(
  event: TrackingEvent,
  privacy: LinkPrivacy,
  idOf: (event: TrackingEvent) => string,
): void {
  if (event.source === 'esp') event.eventId = idOf(event);
  const { result } = event;
  // A subclass may have set a URL that the narrowed result no longer has.
  const isFromLink = result?.mode === 'anonymous' && result.trackedUrl === event.clickUrl;
  if (!isFromLink) event.clickUrl = originAndPath(event.clickUrl);
  Object.assign(event, keptOf(event, privacy));
  event.mode = 'anonymous';
  if (!isProtected(event)) {
    event.recipient = null;
    event.recipientCertain = false;
  }
  event.messageId = null;
  event.userIp = null;
  event.userAgent = null;
  event.espEvent = null;
  // A code says of a bounce whether it is about the address, which must then not get mail.
  event.mtaResponse = isProtected(event)
    ? (statusOf(event.mtaResponse) ?? statusOf(event.description) ?? null)
    : null;
  event.description = null;
  event.sentAt = null;
  event.result &&= narrowResult(event.result, privacy);
}

/** Takes away what a request says about its reader. */
export function hideReader(event: TrackingEvent): void {
  event.userIp = null;
  event.userAgent = null;
  event.result &&= { ...event.result, requestData: null };
}

/** Returns a result that names nobody. Of a link that names somebody, only where it leads is left. */
export function narrowResult(result: TrackingResult, privacy: LinkPrivacy): TrackingResult {
  const { mode, trackedUrl } = result;
  return {
    ...result,
    ...keptOf(result, privacy),
    mode: 'anonymous',
    trackedUrl: mode === 'anonymous' ? trackedUrl : originAndPath(trackedUrl),
    recipient: null,
    messageId: null,
    sentAt: null,
    requestData: null,
    webhookUrl: null,
    webhookTimeoutSeconds: null,
  };
}

/** The query and the fragment of a link are often made for one recipient. */
function originAndPath(url: string | null): string | null {
  const parsed = url === null ? undefined : parseUrl(url);
  if (!parsed) return null;
  const { protocol, host, pathname } = parsed;
  return host === '' ? `${protocol}${pathname}` : `${protocol}//${host}${pathname}`;
}
