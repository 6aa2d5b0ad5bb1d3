import type { RejectReason, TrackingEventType } from '../plugin.js';
import type { EspEvent } from './esp-provider.js';

/** Looks a value up among the own members of a table. A number is looked up by its digits. */
export function lookUp<Value>(
  table: Readonly<Record<string, Value>>,
  key: unknown,
): Value | undefined {
  const name = typeof key === 'number' ? String(key) : key;
  return typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** What a provider's name for an event means. */
export type Meaning =
  | TrackingEventType
  | readonly [eventType: TrackingEventType, rejectReason: RejectReason | null, permanent?: boolean];

/**
 * Looks up an event's name.
 *
 * @param other what a name means that is not in the table
 */
export function meaningOf(
  table: Readonly<Record<string, Meaning>>,
  name: unknown,
  other: Meaning = 'unknown',
): Pick<EspEvent, 'name' | 'eventType' | 'rejectReason' | 'permanent'> {
  const meaning = lookUp(table, name) ?? other;
  if (typeof meaning === 'string') return { name, eventType: meaning };
  const [eventType, rejectReason, permanent] = meaning;
  return { name, eventType, rejectReason, permanent };
}

/** Returns true for what a reader does. Other events often carry an address of a server. */
export function isHit(eventType: TrackingEventType): boolean {
  return eventType === 'opened' || eventType === 'clicked';
}
