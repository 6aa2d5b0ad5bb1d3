import { randomUUID } from 'node:crypto';
import { identityOf, type PreparedEvent, type TrackingEvent, type Verdict } from '../../plugin.js';
import { cleanText } from '../../util/clean-text.js';
import {
  bareRecipient,
  bigintOf,
  cleanInt,
  cleanJson,
  cleanOptional,
  cleanTime,
  KEY_LENGTH,
  TAG_LENGTH,
  TEXT_LENGTH,
  uuidOf,
} from './values.js';
import { classOfHit, type ReaderRow } from './reader.js';
import { bareMessageId } from '../../util/bare-message-id.js';

/** An event as a row, as JSON carries it. */
export interface EventRow {
  identity: string;
  event_id: string;
  /** The key of the reader, who is counted once. */
  reader: string;
  type: string;
  at: string;
  /** The number of its class; `null` for what came by no link or pixel. */
  class: number | null;
  verdict: Verdict | null;
  /** The first verdict, if it was corrected. */
  corrected_from: Verdict | null;
  /** Groups clicks by the place of the link; `null` for other events. */
  place_key: string | null;
  /** Groups clicks by their destination. */
  url_key: string | null;
  /**
   * Null if the event names its reader; `anonymous` if it never did, and only counts in totals;
   * `anonymised` if it named one of the unique people once.
   */
  mode: 'anonymous' | 'anonymised' | null;
  /** The other columns. */
  [column: string]: unknown;
}

/** The columns of an event. */
export const EVENT_COLUMNS = [
  'identity uuid',
  'event_id text',
  'reader uuid',
  'type text',
  'at timestamptz',
  'class smallint',
  'source text',
  'esp_name text',
  'metadata jsonb',
  'verdict jsonb',
  'corrected_from jsonb',
  'url text',
  'part text',
  'link_index int',
  'link_label text',
  'place_key bigint',
  'url_key bigint',
  'reject_reason text',
  'permanent boolean',
  'description text',
  'mta_response text',
  'user_agent text',
  'user_ip text',
  'sent_at timestamptz',
  'list text',
  'via text',
  'mode text',
] as const;

/** Only the first ones count. */
const MAX_TAGS = 20;

/** What an anonymous event does not say. It may name somebody who was erased, for those who must know. */
const NOBODY = {
  recipient: null,
  messageId: null,
  userAgent: null,
  userIp: null,
  description: null,
  mtaResponse: null,
  sentAt: null,
};

/**
 * Returns an event as a row, cleaned of what PostgreSQL cannot hold, and its reader. `RowKeys` turns its
 * hashes into keys when it is written: until then, the secret may not be known.
 */
export function toStored(
  given: TrackingEvent,
  campaignKey: string,
  now: number,
): { event: EventRow; reader: ReaderRow } {
  const event = given.mode === 'anonymous' ? { ...given, ...NOBODY } : given;
  const identity = uuidOf(identityOf(event));
  const reader = toReaderOf(event, campaignKey, identity);
  const isLeaving = event.eventType === 'unsubscribed' && event.source === 'link';
  const isHit = event.eventType === 'opened' || event.eventType === 'clicked' || isLeaving;
  const verdict = isHit ? (cleanJson(event.verdict) as Verdict | null) : null;
  const isClick = event.eventType === 'clicked';
  const url = cleanOptional(event.clickUrl, TEXT_LENGTH);
  const part = cleanOptional(event.part, 10);
  const index = cleanInt(event.linkIndex);
  const label = cleanOptional(event.linkLabel, KEY_LENGTH);
  // A link stands at its place, whatever its URL says of the recipient; a provider knows no places.
  const place = index === null && label === null ? url : JSON.stringify([part, index, label]);
  return {
    reader,
    event: {
      identity,
      event_id: cleanText(String(event.eventId), KEY_LENGTH),
      reader: reader.key,
      type: event.eventType,
      at: new Date(cleanTime(event.timestamp, now)).toISOString(),
      class: isHit ? classOfHit(verdict, event.via) : null,
      verdict,
      corrected_from: null,
      source: cleanText(event.source, 10),
      esp_name: cleanOptional(event.espName, KEY_LENGTH),
      metadata: cleanJson(event.metadata),
      url,
      part,
      link_index: index,
      link_label: label,
      place_key: isClick ? bigintOf(place ?? '') : null,
      url_key: isClick ? bigintOf(url ?? '') : null,
      reject_reason: cleanOptional(event.rejectReason, KEY_LENGTH),
      permanent: typeof event.permanent === 'boolean' ? event.permanent : null,
      description: cleanOptional(event.description, TEXT_LENGTH),
      mta_response: cleanOptional(event.mtaResponse, TEXT_LENGTH),
      user_agent: cleanOptional(event.userAgent, 1000),
      user_ip: cleanOptional(event.userIp, 100),
      sent_at: event.sentAt ? isoOrNull(cleanTime(event.sentAt, Number.NaN)) : null,
      list: cleanOptional(event.list, KEY_LENGTH),
      via: cleanOptional(event.via, 10),
      mode: event.mode ?? null,
    },
  };
}

/** Returns the reader of a mail that was prepared. */
export function toPreparedReader(
  prepared: PreparedEvent,
  campaignKey: string,
  now: number,
): ReaderRow {
  return {
    ...(prepared.mode === 'anonymous'
      ? toReaderOf({ ...prepared, ...NOBODY }, campaignKey, randomUUID())
      : toReaderOf(prepared, campaignKey, '')),
    prepared_at: new Date(cleanTime(prepared.timestamp, now)).toISOString(),
    tracked_links: cleanInt(prepared.counts.trackedLinks) ?? 0,
    pixels: cleanInt(prepared.counts.pixels) ?? 0,
  };
}

/** @param own tells the reader of an event that names none from all others */
function toReaderOf(
  {
    messageId,
    recipient,
    metadata,
    tags,
  }: Pick<TrackingEvent, 'messageId' | 'recipient' | 'metadata' | 'tags'>,
  campaignKey: string,
  own: string,
): ReaderRow {
  const id = typeof messageId === 'string' && messageId ? bareMessageId(messageId) : null;
  const address = typeof recipient === 'string' && recipient ? bareRecipient(recipient) : null;
  const campaign = campaignOf(metadata, campaignKey);
  return {
    // Without a message id, a campaign's mails to one recipient are taken for one mail.
    key: uuidOf(
      JSON.stringify(
        address === null ? [id, own] : [id, address, ...(id === null ? [campaign] : [])],
      ),
    ),
    message_id: cleanOptional(id, KEY_LENGTH),
    recipient: cleanOptional(address, KEY_LENGTH),
    is_known: address !== null,
    campaign,
    tags: Array.isArray(tags) ? cleanTags(tags) : [],
    prepared_at: null,
    tracked_links: 0,
    pixels: 0,
  };
}

function campaignOf(metadata: unknown, key: string): string | null {
  const value = (metadata as Record<string, unknown> | null | undefined)?.[key];
  if (typeof value === 'number') return String(value);
  return cleanOptional(value, KEY_LENGTH) || null;
}

function cleanTags(tags: readonly unknown[]): string[] {
  const known = tags.filter((tag): tag is string => typeof tag === 'string' && tag !== '');
  const clean = known.map((tag) => cleanText(tag, TAG_LENGTH));
  return [...new Set(clean)].slice(0, MAX_TAGS);
}

function isoOrNull(at: number): string | null {
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
