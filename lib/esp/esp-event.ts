import { createHash } from 'node:crypto';
import { ipAddressOf } from '../util/ip-address.js';
import { CATALOGUE_VERSION, type TrackingEvent, type Verdict } from '../plugin.js';
import type { EspEvent, EspVerdict } from './esp-provider.js';
import { bareAddress, isObject, listOf, objectOf, textOf, type RawObject } from './values.js';

/** The key in a mail's metadata at a provider under which events find our own message id. */
const MESSAGE_ID_KEY = 'message_id';

/** Where an event comes from. */
export interface EventOrigin {
  espName: string;
  /** When the request arrived, in milliseconds. */
  now: number;
  /** Whether nothing proves that the provider sent it. */
  insecure?: boolean;
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
  const metadata = (isObject(event.metadata) ? event.metadata : {}) as TrackingEvent['metadata'];
  const own = metadata[MESSAGE_ID_KEY];
  const recipient = bareAddress(event.recipient);
  return {
    eventType: event.eventType,
    source: 'esp',
    eventId: idOf(event.eventId) ?? hashOf(origin.espName, espEvent, index),
    timestamp: event.timestamp ?? new Date(origin.now),
    messageId: typeof own === 'string' && own !== '' ? own : idOf(event.messageId),
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
    ...(origin.insecure && { insecure: true as const }),
    verdict: event.verdict ? verdictOf(event.verdict) : null,
    sentAt: null,
    linkIndex: null,
    linkCount: null,
    linkLabel: null,
    part: null,
    list: null,
    via: null,
    result: null,
  };
}

function hashOf(espName: string, espEvent: unknown, index: number): string {
  const content = JSON.stringify(index === 0 ? [espName, espEvent] : [espName, espEvent, index]);
  return createHash('sha256').update(content).digest('base64url').slice(0, 32);
}

/** A text that is not empty. */
function idOf(value: unknown): string | null {
  return textOf(value) || null;
}

function tagsOf(tags: unknown): string[] {
  return oneOrAll(tags)
    .map(idOf)
    .filter((tag) => tag !== null);
}

/** Not `[value].flat()`, which takes 50 times as long in Node 20: this runs for each event. */
function oneOrAll(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function verdictOf({ kind, certainty, reason }: EspVerdict): Verdict {
  return { kind, certainty, reasons: [reason], rules: CATALOGUE_VERSION };
}

/**
 * Finds our own message id among the tags, as `message_id:<id>`, for providers that do not return
 * metadata.
 *
 * @param tags a list, or one
 * @param theirs the provider's id of the mail, used if no tag has ours
 * @returns the id, and the tags that are left
 */
export function takeMessageIdTag(
  tags: unknown,
  theirs: unknown,
): { messageId: unknown; tags: unknown[] } {
  const all = oneOrAll(tags);
  const idIn = (tag: unknown) => /^message_id:(.+)$/s.exec(textOf(tag) ?? '')?.[1];
  return {
    messageId: all.map(idIn).find((id) => id !== undefined) ?? theirs,
    tags: all.filter((tag) => idIn(tag) === undefined),
  };
}

/**
 * Reads tags that are pairs of name and value, and what headers of the mail add to them: the pairs
 * are metadata, and their values are tags.
 */
export function labelsOf(
  pairs: readonly (readonly [string, unknown])[],
  header: { tags: readonly unknown[]; metadata: unknown },
): Pick<EspEvent, 'metadata' | 'tags'> {
  const tags = pairs.filter(([name]) => name !== MESSAGE_ID_KEY).flatMap(([, value]) => value);
  return {
    metadata: { ...Object.fromEntries(pairs), ...objectOf(header.metadata) },
    tags: [...new Set([...tags, ...header.tags])],
  };
}

/** Returns all values of a header of the mail, in a list of names and values. */
export function headerValues(headers: unknown, name: string): unknown[] {
  const isNamed = (header: RawObject) => textOf(header.name)?.toLowerCase() === name;
  return listOf(headers)
    .map(objectOf)
    .filter(isNamed)
    .map(({ value }) => value);
}
