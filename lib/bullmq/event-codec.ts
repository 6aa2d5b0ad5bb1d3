import { createHash, randomUUID } from 'node:crypto';
import {
  identityOf,
  type ReclassifiedEvent,
  type TrackingEvent,
  type TrackingResult,
  type Verdict,
} from '../plugin.js';

/** An event as JSON carries it: under short names, without what `result` says anyway. */
export type EncodedEvent = Record<string, unknown>;

type Encode = (value: unknown) => unknown;

interface Field {
  /** The name in JSON. One character each: Redis holds millions of them. */
  short: string;
  /** What it is mostly: it is then left out. */
  usual: (result: TrackingResult | null) => unknown;
  encode?: Encode;
  decode?: Encode;
}

const none = () => null;
const toMillis: Encode = (value) => (value instanceof Date ? value.getTime() : value);
const toDate: Encode = (value) => (typeof value === 'number' ? new Date(value) : value);
const DATE = { encode: toMillis, decode: toDate };

/** Every member of an event; the compiler knows when one is missing. */
const EVENT: Record<Exclude<keyof TrackingEvent, 'result'>, Field> = {
  eventType: {
    short: 'e',
    usual: (result) => result && (result.isOpenTracking ? 'opened' : 'clicked'),
  },
  source: { short: 's', usual: (result) => (result ? 'link' : 'esp') },
  eventId: { short: 'i', usual: none },
  timestamp: { short: 't', usual: none, ...DATE },
  messageId: { short: 'm', usual: (result) => result?.messageId ?? null },
  recipient: { short: 'r', usual: (result) => result?.recipient ?? null },
  recipientCertain: { short: 'c', usual: (result) => (result?.recipient ?? null) !== null },
  metadata: { short: 'd', usual: (result) => result?.metadata },
  tags: { short: 'g', usual: (result) => result?.tags },
  rejectReason: { short: 'j', usual: none },
  permanent: { short: 'p', usual: none },
  description: { short: 'n', usual: none },
  mtaResponse: { short: 'a', usual: none },
  userAgent: { short: 'u', usual: (result) => result?.requestData?.userAgent ?? null },
  userIp: { short: 'y', usual: (result) => result?.requestData?.userIp ?? null },
  clickUrl: { short: 'l', usual: (result) => (result?.isClickTracking ? result.trackedUrl : null) },
  espName: { short: 'o', usual: none },
  espEvent: { short: 'v', usual: none },
  verdict: { short: 'w', usual: none },
  sentAt: { short: 'h', usual: (result) => result?.sentAt ?? null, ...DATE },
  linkIndex: { short: 'k', usual: (result) => result?.linkIndex ?? null },
  linkCount: { short: 'q', usual: (result) => result?.linkCount ?? null },
  linkLabel: { short: 'b', usual: (result) => result?.linkLabel ?? null },
  part: { short: 'f', usual: (result) => result?.part ?? null },
};

/** Every member of a result. `usual` gets the part of the result that is already there. */
const RESULT: Record<keyof TrackingResult, Field> = {
  purpose: { short: 'p', usual: () => 'click' },
  isOpenTracking: { short: 'o', usual: (result) => result!.purpose === 'open' },
  isClickTracking: { short: 'c', usual: (result) => result!.purpose === 'click' },
  trackedUrl: { short: 'l', usual: none },
  webhookUrl: { short: 'w', usual: none },
  webhookTimeoutSeconds: { short: 'x', usual: none },
  metadata: { short: 'd', usual: none },
  requestData: { short: 'q', usual: none },
  timestamp: { short: 't', usual: none },
  messageId: { short: 'm', usual: none },
  recipient: { short: 'r', usual: none },
  tags: { short: 'g', usual: none },
  sentAt: { short: 'h', usual: none, ...DATE },
  linkIndex: { short: 'i', usual: none },
  linkCount: { short: 'n', usual: none },
  trackedLinkCount: { short: 'j', usual: none },
  isUnsubscribeLink: { short: 'u', usual: () => false },
  linkLabel: { short: 'b', usual: none },
  part: { short: 'a', usual: none },
  format: { short: 'f', usual: () => 'packed' },
  keyId: { short: 'k', usual: none },
};

const EVENT_FIELDS = Object.entries(EVENT);
const RESULT_FIELDS = Object.entries(RESULT);
/** Under this name travels what `beforePublish` added. */
const EXTRA = 'extra';
const RESULT_NAME = 'R';

/**
 * An event as plain JSON. What an event repeats of its result is left out, as long as it is the
 * same: `beforePublish` may have changed one of them.
 */
export function encodeEvent(event: TrackingEvent): EncodedEvent {
  const { result } = event;
  const encoded: EncodedEvent = {};
  encodeFields(event, EVENT_FIELDS, result, encoded);
  if (result) {
    const inner: EncodedEvent = {};
    encodeFields(result, RESULT_FIELDS, result, inner);
    encoded[RESULT_NAME] = inner;
  }
  for (const name in event) {
    if (name in EVENT || name === 'result') continue;
    const extra = (encoded[EXTRA] ??= {}) as Record<string, unknown>;
    extra[name] = (event as unknown as Record<string, unknown>)[name];
  }
  return encoded;
}

/** What the queue carries. */
export type QueuedEvent = TrackingEvent | ReclassifiedEvent;

/** Whether it is a correction of verdicts. */
export function isCorrection(queued: QueuedEvent): queued is ReclassifiedEvent {
  return 'eventIds' in queued;
}

/** In the place of the type of an event. */
const CORRECTION = 'reclassified';

/** A correction as plain JSON, under an id of its own. */
export function encodeCorrection({ eventIds, verdict }: ReclassifiedEvent): EncodedEvent {
  return { i: randomUUID(), e: CORRECTION, ids: eventIds, w: verdict };
}

/**
 * What {@link encodeEvent} or {@link encodeCorrection} was given.
 *
 * @throws TypeError if it is none
 */
export function decodeQueued(encoded: EncodedEvent): QueuedEvent {
  if (encoded?.e !== CORRECTION) return decodeEvent(encoded);
  return { eventIds: encoded.ids as string[], verdict: encoded.w as Verdict };
}

/**
 * The event that {@link encodeEvent} was given, with its dates.
 *
 * @throws TypeError if it is none
 */
export function decodeEvent(encoded: EncodedEvent): TrackingEvent {
  if (typeof encoded !== 'object' || encoded === null || typeof encoded.i !== 'string') {
    throw new TypeError('This is not an event of the queue.');
  }
  const inner = encoded[RESULT_NAME] as EncodedEvent | undefined;
  const event = { ...BLANK_EVENT } as unknown as TrackingEvent;
  const result = inner ? ({ ...BLANK_RESULT } as unknown as TrackingResult) : null;
  if (inner && result) decodeFields(inner, RESULT_FIELDS, result, result);
  decodeFields(encoded, EVENT_FIELDS, result, event);
  event.result = result;
  const extra = encoded[EXTRA];
  return extra ? { ...event, ...extra } : event;
}

/**
 * What tells an encoded event from all others. That of a provider is hashed: its recipient is part
 * of it, and Redis remembers ids for longer than events.
 */
export function idOf({ i, o, e, r }: EncodedEvent): string {
  const identity = identityOf({
    espName: (o as string | undefined) ?? null,
    eventId: i as string,
    eventType: e as TrackingEvent['eventType'],
    recipient: (r as string | undefined) ?? null,
  });
  return o === undefined ? identity : createHash('sha256').update(identity).digest('base64url');
}

function encodeFields(
  from: object,
  fields: [string, Field][],
  result: TrackingResult | null,
  into: EncodedEvent,
): void {
  for (const [name, field] of fields) {
    const value = (from as Record<string, unknown>)[name];
    if (value === undefined || isUsual(value, field.usual(result))) continue;
    into[field.short] = field.encode ? field.encode(value) : value;
  }
}

function isUsual(value: unknown, usual: unknown): boolean {
  if (value === usual) return true;
  return value instanceof Date && usual instanceof Date && value.getTime() === usual.getTime();
}

/** @param result says what was left out: that of an event, or the part of itself that is there */
function decodeFields(
  from: EncodedEvent,
  fields: [string, Field][],
  result: TrackingResult | null,
  into: object,
): void {
  for (const [name, { short, usual, decode }] of fields) {
    const value = from[short];
    const decoded = value === undefined ? usual(result) : decode ? decode(value) : value;
    (into as Record<string, unknown>)[name] = decoded ?? null;
  }
}

/** All members at once, so that the engine knows the shape. */
const BLANK_EVENT = Object.fromEntries(EVENT_FIELDS.map(([name]) => [name, null]));
const BLANK_RESULT = Object.fromEntries(RESULT_FIELDS.map(([name]) => [name, null]));
