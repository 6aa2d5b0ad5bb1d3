import type { RecordedEvent } from 'nestjs-email-tracking/stats';
import { classOf, eventName, messagePath, shortUrl, text, time, whoOf } from './words.js';

/** The latest events, each a line. */
export function renderActivity(events: RecordedEvent[]): string {
  if (events.length === 0) return '<p class="empty">Nothing yet.</p>';
  return `<ol class="activity">${events.map(renderLine).join('')}</ol>`;
}

function renderLine(event: RecordedEvent): string {
  const { eventType, recipient, messageId, verdict, timestamp } = event;
  const who = text(recipient ?? 'Somebody');
  const name = messageId === null ? who : `<a href="${messagePath(messageId)}">${who}</a>`;
  return `<li class="of-${classOf(verdict)}"><p><b>${eventName(eventType)}</b> · ${name}${detail(event)}</p>
    <p><small>${verdict ? `${text(whoOf(verdict))} · ` : ''}${time(timestamp)}</small></p></li>`;
}

function detail({ eventType, linkLabel, clickUrl }: RecordedEvent): string {
  if (eventType !== 'clicked') return '';
  return ` · ${text(linkLabel ? `“${linkLabel}”` : shortUrl(clickUrl ?? ''))}`;
}
