import type { TrackingEvent } from 'nestjs-email-tracking';

/** What the reference implementation made of a request. */
export interface RecordedCase {
  name: string;
  settings: Record<string, unknown>;
  now: string;
  request: {
    method: string;
    path: string;
    query: string;
    url: string;
    headers: Record<string, string>;
    body_base64: string;
  };
  response: { status: number; exception?: string; exception_message?: string };
  esp_name: string | null;
  events: RecordedEvent[];
}

export interface RecordedEvent {
  event_type: string;
  timestamp_ms: number | null | { __type__: string };
  timestamp: string | null;
  event_id: unknown;
  message_id: unknown;
  recipient: unknown;
  reject_reason: unknown;
  description: unknown;
  mta_response: unknown;
  tags: unknown;
  metadata: unknown;
  user_agent: unknown;
  click_url: unknown;
  esp_event: unknown;
}

/** The fields of an event that are compared, in one spelling for both sides. */
export interface Comparable {
  eventType: string;
  timestamp: number | null;
  eventId: unknown;
  messageId: unknown;
  recipient: unknown;
  rejectReason: unknown;
  description: unknown;
  mtaResponse: unknown;
  tags: unknown;
  metadata: unknown;
  userAgent: unknown;
  clickUrl: unknown;
  espEvent: unknown;
}

/**
 * A recorded event under the types that this package promises: metadata an object, tags strings
 * that are not empty, ids strings. (Everything that differs for another reason is a deviation.)
 */
export function fromRecorded(event: RecordedEvent): Comparable {
  const tags = [event.tags].flat().filter((tag) => tag !== null && tag !== '');
  const isObject = typeof event.metadata === 'object' && !Array.isArray(event.metadata);
  return {
    eventType: event.event_type,
    timestamp: millisecondsOf(event),
    eventId: textOf(event.event_id),
    messageId: textOf(event.message_id),
    recipient: textOf(event.recipient),
    rejectReason: event.reject_reason,
    description: event.description,
    mtaResponse: event.mta_response,
    tags: tags.map(textOf),
    metadata: plain((isObject ? event.metadata : null) ?? {}),
    userAgent: event.user_agent,
    clickUrl: event.click_url,
    espEvent: plain(event.esp_event),
  };
}

/**
 * The same fields of an event of ours. Where the reference has no id and no time, ours has a hash
 * and the time of arrival; those are checked for being there.
 */
export function fromOurs(event: TrackingEvent, recorded: Comparable | undefined): Comparable {
  return {
    eventType: event.eventType,
    timestamp: recorded?.timestamp === null ? null : event.timestamp.getTime(),
    eventId: recorded?.eventId === null && event.eventId !== '' ? null : event.eventId,
    messageId: event.messageId,
    recipient: event.recipient,
    rejectReason: event.rejectReason,
    description: event.description,
    mtaResponse: event.mtaResponse,
    tags: event.tags,
    metadata: plain(event.metadata),
    userAgent: event.userAgent,
    clickUrl: event.clickUrl,
    espEvent: plain(event.espEvent),
  };
}

/** A time without an offset is UTC here; the reference leaves it open. */
function millisecondsOf({ timestamp_ms, timestamp }: RecordedEvent): number | null {
  if (typeof timestamp_ms !== 'object' || timestamp_ms === null) return timestamp_ms;
  return Date.parse(`${timestamp}Z`);
}

function textOf(value: unknown): unknown {
  if (value === '' || value === undefined) return null;
  return typeof value === 'number' ? String(value) : plain(value);
}

/** Undoes the spellings of the vectors for what JSON cannot hold. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const { __type__: type, ...rest } = value as Record<string, unknown>;
  if (type === 'bigint') return rest.value;
  if (type === 'QueryDict') return rest.lists;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
