import type { TrackingEvent } from 'nestjs-email-tracking';
import { DAY } from './suppression-app.js';

/** What a mail is stopped by, computed from all events, in the words of `docs/suppression.md`. */
export function naiveScope(
  events: readonly TrackingEvent[],
  list: string | undefined,
  now: number,
): string | null {
  if (events.some(isHard) || now < softUntil(events)) return 'all';
  if (list === undefined) return null;
  const areListsLeft = events.some(
    (event) =>
      event.eventType === 'complained' || (hasLeft(event, null) && !isLifted(event, events)),
  );
  if (areListsLeft) return 'lists';
  const isListLeft = events.some((event) => hasLeft(event, list) && !isLifted(event, events));
  return isListLeft ? `list:${list}` : null;
}

function isHard({ eventType, permanent }: TrackingEvent): boolean {
  return eventType === 'bounced' && permanent === true;
}

function hasLeft({ eventType, list }: TrackingEvent, of: string | null): boolean {
  return eventType === 'unsubscribed' && list === of;
}

function isLifted(left: TrackingEvent, events: readonly TrackingEvent[]): boolean {
  return events.some(
    ({ eventType, list, source, espName, timestamp }) =>
      eventType === 'subscribed' &&
      list === left.list &&
      timestamp > left.timestamp &&
      (source === 'link' || espName === left.espName),
  );
}

/** The end of 30 days after the latest third soft bounce: the first one on a third day. */
function softUntil(events: readonly TrackingEvent[]): number {
  const timesOf = (isOne: (event: TrackingEvent) => boolean) =>
    events.filter(isOne).map(({ timestamp }) => timestamp.getTime());
  const bounces = timesOf(({ eventType, permanent }) => eventType === 'bounced' && !permanent);
  const deliveries = timesOf(({ eventType }) => eventType === 'delivered');
  const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
  const isThird = (third: number) =>
    bounces.some((first) =>
      bounces.some((second) => {
        const days = new Set([first, second, third].map(dayOf));
        const isInOrder = first < second && second < third && third - first <= 365 * DAY;
        return isInOrder && days.size === 3 && !deliveries.some((at) => first < at && at < third);
      }),
    );
  const firstOfDay = (at: number) =>
    bounces.every((other) => other >= at || dayOf(other) !== dayOf(at));
  return Math.max(
    0,
    ...bounces
      .filter(firstOfDay)
      .filter(isThird)
      .map((at) => at + 30 * DAY),
  );
}
