import type { HitHints } from '../event/event-classifier.js';
import type { TrackingEvent } from '../event/tracking-event.js';
import type { HitType } from './rule.js';

/** The facts of a hit that rules for single hits look at. */
export interface HitFacts {
  type: HitType;
  /** When it happened, in milliseconds since 1970. */
  at: number;
  /** The `User-Agent`: `''` if it was sent empty, `null` if it is not known. */
  userAgent: string | null;
  /** The address in any spelling, not validated. */
  userIp: string | null;
  method: string | undefined;
  /** The headers of `RequestData.headers`; `undefined` if they are not known (a provider's hit). */
  headers: Readonly<Record<string, string>> | undefined;
  /** When the link was made, in milliseconds since 1970. */
  sentAt: number | null;
}

/** @returns `undefined` for an event that is no hit */
export function factsOf(event: TrackingEvent, hints: HitHints): HitFacts | undefined {
  const { result } = event;
  const type = typeOf(event);
  if (type === undefined) return undefined;
  // RFC 8058: the server of a mail program makes this request, so it says nothing about the reader.
  if (event.via === 'one-click') return { ...UNKNOWN_HIT, type, at: event.timestamp.getTime() };
  return {
    type,
    at: event.timestamp.getTime(),
    userAgent: event.userAgent,
    userIp: event.userIp,
    method: result?.requestData?.method,
    headers: result?.requestData?.headers ?? hints.headers,
    sentAt: event.sentAt?.getTime() ?? null,
  };
}

/** Returns the type of a hit: leaving by a link counts as a click. */
function typeOf({ eventType, result }: TrackingEvent): HitType | undefined {
  if (eventType === 'opened' || eventType === 'clicked') return eventType;
  return eventType === 'unsubscribed' && result?.requestData ? 'clicked' : undefined;
}

/** The facts of a hit of which only type and time are known. */
export const UNKNOWN_HIT = {
  userAgent: null,
  userIp: null,
  method: undefined,
  headers: undefined,
  sentAt: null,
};
