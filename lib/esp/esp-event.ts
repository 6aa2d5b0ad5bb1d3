import { createHash } from 'node:crypto';
import { ipAddressOf } from '../util/ip-address.js';
import { CATALOGUE_VERSION, type TrackingEvent, type Verdict } from '../plugin.js';
import type { EspEvent, EspVerdict } from './esp-provider.js';
import { bareAddress, isObject, textOf } from './values.js';

/**
 * The key in a mail's metadata at a provider that holds our own message id, so that what the
 * provider saw and what our links saw can be joined.
 */
export const MESSAGE_ID_KEY = 'message_id';

/** Where an event comes from. */
export interface EventOrigin {
  espName: string;
  /** When the request arrived, in milliseconds. */
  now: number;
}

/**
 * Makes a `TrackingEvent` of what a provider returned: ids and texts become strings, metadata an
 * object, tags strings, and the recipient a bare address, because suppression and erasure look it up.
 *
 * @param raw the raw event, which is the event's `espEvent` and, hashed, its id if it has no other
 * @param index which of the events of this raw event it is
 */
export function toTrackingEvent(
  event: EspEvent,
  raw: unknown,
  index: number,
  origin: EventOrigin,
): TrackingEvent {
  const espEvent = event.espEvent === undefined ? raw : event.espEvent;
  const metadata = metadataOf(event.metadata);
  const own = metadata[MESSAGE_ID_KEY];
  const recipient = bareAddress(event.recipient);
  return {
    eventType: event.eventType,
    source: 'esp',
    eventId: eventIdOf(textOrNull(event.eventId), espEvent, index, origin.espName),
    timestamp: event.timestamp ?? new Date(origin.now),
    messageId: typeof own === 'string' && own !== '' ? own : textOrNull(event.messageId),
    recipient,
    recipientCertain: recipient !== null && (event.recipientCertain ?? true),
    metadata,
    tags: tagsOf(event.tags),
    rejectReason: event.rejectReason ?? null,
    permanent: event.permanent ?? null,
    description: textOf(event.description),
    mtaResponse: textOf(event.mtaResponse),
    userAgent: textOf(event.userAgent),
    userIp: ipAddressOf(event.userIp),
    clickUrl: textOf(event.clickUrl),
    espName: origin.espName,
    espEvent,
    verdict: event.verdict ? verdictOf(event.verdict) : null,
    sentAt: null,
    linkIndex: null,
    linkCount: null,
    linkLabel: null,
    part: null,
    result: null,
  };
}

/** The provider's own id, also where several events share it; else one made of the content. */
function eventIdOf(id: string | null, espEvent: unknown, index: number, espName: string): string {
  return id ?? hashOf(espName, espEvent, index);
}

function hashOf(espName: string, espEvent: unknown, index: number): string {
  const content = JSON.stringify(index === 0 ? [espName, espEvent] : [espName, espEvent, index]);
  return createHash('sha256').update(content).digest('base64url').slice(0, 32);
}

function textOrNull(value: unknown): string | null {
  return textOf(value) || null;
}

function metadataOf(value: unknown): TrackingEvent['metadata'] {
  return isObject(value) ? (value as TrackingEvent['metadata']) : {};
}

function tagsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(textOrNull).filter((tag) => tag !== null);
  const tag = textOrNull(value);
  return tag === null ? [] : [tag];
}

function verdictOf({ kind, certainty, reason }: EspVerdict): Verdict {
  return { kind, certainty, reasons: [reason], rules: CATALOGUE_VERSION };
}

/** How a tag starts that holds our own message id. */
const START = 'message_id:';

/**
 * Finds our own message id among the tags: the way home for providers that hand no metadata back.
 *
 * @param tags a list, or one
 * @param theirs the provider's id of the mail, for want of ours
 * @returns the id, and the tags that are left
 */
export function takeMessageIdTag(
  tags: unknown,
  theirs: unknown,
): { messageId: unknown; tags: unknown[] } {
  const all: unknown[] = Array.isArray(tags) ? tags : [tags];
  const own = all.find(isMessageIdTag);
  return own === undefined
    ? { messageId: theirs, tags: all }
    : { messageId: own.slice(START.length), tags: all.filter((tag) => !isMessageIdTag(tag)) };
}

function isMessageIdTag(tag: unknown): tag is string {
  return typeof tag === 'string' && tag.startsWith(START) && tag.length > START.length;
}
