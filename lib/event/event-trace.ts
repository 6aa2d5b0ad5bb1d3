import type { TrackingSpans } from '../util/spans.js';
import type { TrackingEvent } from './tracking-event.js';

/**
 * Returns the span in which an event is published, for what is done about the event later.
 *
 * A trace of a request may hold its address, its agent and its URL. So an event that names nobody must not
 * lead to it, nor one of which the reader's request was taken off; such work is traced without a link.
 */
export function traceOf(event: TrackingEvent, spans: TrackingSpans): string | undefined {
  const { mode, source, userIp, userAgent } = event;
  if (mode !== undefined) return undefined;
  if (source === 'link' && userIp === null && userAgent === null) return undefined;
  return spans.capture();
}
