const DAY_MS = 86_400_000;

/** For how long the third soft bounce suppresses. */
export const SOFT_MS = 30 * DAY_MS;

/** How long a soft bounce counts. */
const BOUNCE_MS = 365 * DAY_MS;

/** How long it is remembered that a mail was delivered, for bounces that are reported late. */
const DELIVERY_MS = 90 * DAY_MS;

/** The first and the last time of something on a day, in milliseconds. */
export type Times = readonly [first: number, last: number];

/** A day in UTC, and what happened to mails to one address on it. */
export interface Day {
  readonly bounced?: Times | undefined;
  readonly delivered?: Times | undefined;
}

/** The days of an address, in order. */
export type Days = readonly Day[];

/** Adds a soft bounce or a delivery. Adding it again, or in another order, changes nothing. */
export function addTo(days: Days, what: keyof Day, at: number): Days {
  const day = dayOf(at);
  const index = days.findIndex((one) => dayOf(timeOf(one)) >= day);
  const found = index === -1 || dayOf(timeOf(days[index]!)) !== day ? undefined : days[index]!;
  const [first, last] = found?.[what] ?? [at, at];
  const times: Times = [Math.min(first, at), Math.max(last, at)];
  const changed = { ...found, [what]: times };
  if (index === -1) return [...days, changed];
  return days.toSpliced(index, found ? 1 : 0, changed);
}

/**
 * Returns the latest third soft bounce: the first one of a day after two other days with soft bounces,
 * between which nothing was delivered. Only bounces from `since` on count.
 */
export function thirdBounce(days: Days, since: number): number | undefined {
  for (let index = days.length - 1; index >= 0; index--) {
    const third = days[index]!.bounced?.find((at) => at >= since);
    if (third === undefined) continue;
    const from = Math.max(since, third - BOUNCE_MS, lastDelivery(days.slice(0, index + 1), third));
    const earlier = days.slice(0, index).filter(({ bounced }) => bounced && bounced[1] >= from);
    if (earlier.length >= 2) return third;
  }
  return undefined;
}

/**
 * Leaves out what cannot matter any more. Of the days before the last 30, no bounce can be a third one
 * that still counts: there, two bounces after the last delivery are all that is needed.
 */
export function withoutOld(days: Days, now: number): Days {
  const firstOfRecent = days.findIndex((day) => lastOf(day) >= now - SOFT_MS - DAY_MS);
  if (firstOfRecent === 0) return days;
  const old = firstOfRecent === -1 ? days : days.slice(0, firstOfRecent);
  const recent = firstOfRecent === -1 ? [] : days.slice(firstOfRecent);
  const delivery = lastDelivery(old, Infinity);
  const bounces = old
    .filter(({ bounced }) => bounced && bounced[1] >= Math.max(delivery, now - BOUNCE_MS))
    .slice(-2);
  const delivered = old.findLast((day) => day.delivered?.[1] === delivery);
  const isKept = (day: Day) =>
    bounces.includes(day) || (day === delivered && delivery >= now - DELIVERY_MS);
  return [...old.filter(isKept), ...recent];
}

/** Returns when nothing of it will matter any more. */
export function endOf(days: Days): number {
  return Math.max(
    ...days.map(({ bounced, delivered }) =>
      Math.max(bounced ? bounced[1] + BOUNCE_MS : 0, delivered ? delivered[1] + DELIVERY_MS : 0),
    ),
  );
}

function lastDelivery(days: Days, before: number): number {
  for (const { delivered } of days.toReversed()) {
    const at = delivered?.findLast((time) => time < before);
    if (at !== undefined) return at;
  }
  return -Infinity;
}

function timeOf({ bounced, delivered }: Day): number {
  return (bounced ?? delivered)![0];
}

function lastOf({ bounced, delivered }: Day): number {
  return Math.max(bounced?.[1] ?? 0, delivered?.[1] ?? 0);
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}
