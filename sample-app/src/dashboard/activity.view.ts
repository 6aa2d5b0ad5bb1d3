import type { RecordedEvent } from 'nestjs-email-tracking/stats';
import { headlineOf, noteOf, readerVerdictOf, whoOf } from '../words.js';
import { colourOf, messagePath, text, time } from './format.js';

/** The latest events, each a line. */
export function renderActivity(events: RecordedEvent[]): string {
  if (events.length === 0) return '<p class="empty">Nothing yet.</p>';
  return `<ol class="activity">${events.map(renderLine).join('')}</ol>`;
}

function renderLine(event: RecordedEvent): string {
  const { recipient, messageId, timestamp } = event;
  const verdict = readerVerdictOf(event);
  const note = noteOf(event);
  const to = note ?? text(recipient ?? 'unknown recipient');
  const mail = messageId === null ? to : `<a href="${messagePath(messageId)}">${to}</a>`;
  return `<li class="of-${colourOf(verdict)}"><p><b>${text(headlineOf(event))}</b> · ${mail}</p>
    <p><small>${verdict ? `${whoOf(verdict)} · ` : ''}${time(timestamp)}</small></p></li>`;
}
