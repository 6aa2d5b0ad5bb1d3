import { BadRequestException } from '@nestjs/common';
import type { StatsStep } from 'nestjs-email-tracking/stats';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DEFAULT_DAYS = 30;
/** The longest period that has a point for each hour, for each day, and at all, in days. */
const [HOURLY, DAILY, LONGEST] = [2, 120, 3660];

/** How an address names a period: the last days, or the days from the first to the last. */
export interface PeriodNames {
  days?: string;
  from?: string;
  to?: string;
}

/** The period whose numbers a page shows. */
export interface Period {
  /** The parameters of the address that name it. */
  query: PeriodNames & Record<string, string | undefined>;
  /** Its first and its last day, such as `2026-11-30`. */
  first: string;
  last: string;
  from: Date;
  to: Date;
  step: StatsStep;
  timeZone: string;
}

/**
 * The period that an address names: the last 30 days if it names none. One day means the last 24 hours.
 *
 * @throws BadRequestException where the days are no period
 */
export function periodOf(
  { days, from, to }: PeriodNames,
  now = new Date(),
  timeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone,
): Period {
  const today = dayIn(timeZone)(now.getTime());
  if (from === undefined && to === undefined) {
    const count = Number(days ?? DEFAULT_DAYS);
    const query = { days: String(count) };
    if (count === 1) return { ...lastDay(now, timeZone), query };
    return { ...range(shift(today, 1 - count), today, timeZone), query };
  }
  if (days !== undefined) refuse('days must not be given with from or to');
  if (from === undefined) refuse('to needs from, the first day');
  const last = to ?? today;
  if (last < from) refuse('from must not be after to');
  if (Date.parse(last) - Date.parse(from) >= LONGEST * DAY) {
    refuse(`from and to must be at most ${LONGEST} days apart`);
  }
  return { ...range(from, last, timeZone), query: { from, to: last } };
}

/** The same, and null where the address names none: then all time is meant. */
export const periodOrAll = (names: PeriodNames): Period | null =>
  (names.days ?? names.from ?? names.to) ? periodOf(names) : null;

function range(first: string, last: string, timeZone: string): Omit<Period, 'query'> {
  const from = startOfDay(first, timeZone);
  const to = startOfDay(shift(last, 1), timeZone);
  const days = (Date.parse(last) - Date.parse(first)) / DAY + 1;
  const step = days <= HOURLY ? 'hour' : days <= DAILY ? 'day' : 'week';
  return { first, last, from, to, step, timeZone };
}

/** The last 24 hours, from the start of one: at a half by UTC where clocks are half an hour off. */
function lastDay(now: Date, timeZone: string): Omit<Period, 'query'> {
  const past = Number(new Intl.DateTimeFormat('en', { timeZone, minute: 'numeric' }).format(now));
  const hour = (Math.floor(now.getTime() / MINUTE) - past) * MINUTE;
  const [from, to] = [new Date(hour - 23 * HOUR), new Date(hour + HOUR)];
  const day = dayIn(timeZone);
  return {
    ...{ first: day(from.getTime()), last: day(now.getTime()) },
    ...{ from, to, step: 'hour', timeZone },
  };
}

/** The first minute of a day: not always 0:00, because clocks may change then. */
function startOfDay(day: string, timeZone: string): Date {
  const dayAt = dayIn(timeZone);
  let [before, at] = [Date.parse(day) - 16 * HOUR, Date.parse(day) + 16 * HOUR];
  while (at - before > MINUTE) {
    const middle = before + Math.floor((at - before) / 2 / MINUTE) * MINUTE;
    if (dayAt(middle) < day) before = middle;
    else at = middle;
  }
  return new Date(at);
}

/** Tells the day of a time. The dates of Sweden are those of ISO 8601. */
export function dayIn(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
  return (at) => format.format(at);
}

/** A day some days later. */
export const shift = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);

function refuse(problem: string): never {
  throw new BadRequestException([problem]);
}
