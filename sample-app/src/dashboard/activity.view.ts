import type { RecordedEvent } from 'nestjs-email-tracking/stats';
import { burstOf, headlineOf, noteOf, readerVerdictOf, whoOf } from '../words.js';
import { ago, colourOf, messagePath, text } from './format.js';

/** Hits that are as close to each other are one burst. */
const BURST_MS = 10_000;

interface ActivityOptions {
  /** How many entries there are at the most. */
  limit?: number;
  /** What the mail of an event is called: by default, by its recipient. */
  nameOf?: (event: RecordedEvent) => string;
}

/** The latest events, the latest first. Hits of one reader on one mail within seconds are one entry. */
export function renderActivity(
  events: RecordedEvent[],
  { limit, nameOf = ({ recipient }) => recipient ?? 'unknown recipient' }: ActivityOptions = {},
): string {
  if (events.length === 0) return '<p class="empty">Nothing yet.</p>';
  const entries = burstsOf(events).slice(0, limit);
  return `<ol class="activity">${entries.map((burst) => renderEntry(burst, nameOf)).join('')}</ol>`;
}

function renderEntry(burst: RecordedEvent[], nameOf: (event: RecordedEvent) => string): string {
  const event = burst[0]!;
  const { messageId, timestamp } = event;
  const verdict = readerVerdictOf(event);
  const to = noteOf(event) ?? text(nameOf(event));
  const mail = messageId === null ? to : `<a href="${messagePath(messageId)}">${to}</a>`;
  const headline = burst.length > 1 ? burstOf(burst) : headlineOf(event);
  return `<li class="of-${colourOf(verdict)}"><p><b>${text(headline)}</b> · ${mail}</p>
    <p><small>${verdict ? `${whoOf(verdict)} · ` : ''}${ago(timestamp)}</small></p></li>`;
}

function burstsOf(events: RecordedEvent[]): RecordedEvent[][] {
  const bursts: RecordedEvent[][] = [];
  /** The burst of a reader and a mail that may still go on. */
  const open = new Map<string, RecordedEvent[]>();
  for (const event of events) {
    const key = keyOf(event);
    const burst = key === null ? undefined : open.get(key);
    const next = burst?.at(-1)?.timestamp.getTime() ?? Infinity;
    if (burst && next - event.timestamp.getTime() <= BURST_MS) {
      burst.push(event);
      continue;
    }
    const fresh = [event];
    bursts.push(fresh);
    if (key !== null) open.set(key, fresh);
  }
  return bursts;
}

/** What the hits of a burst have in common; null for what is no hit, or names no mail. */
function keyOf(event: RecordedEvent): string | null {
  const { eventType, messageId, recipient, verdict, espName } = event;
  const isHit = eventType === 'opened' || eventType === 'clicked';
  if (!isHit || messageId === null || verdict === null) return null;
  return JSON.stringify([messageId, recipient, whoOf(verdict), espName]);
}
