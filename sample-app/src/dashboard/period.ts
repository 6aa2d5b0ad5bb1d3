import type { StatsStep } from 'nestjs-email-tracking/stats';

const HOUR = 3_600_000;
const DEFAULT_DAYS = 30;

/** The period whose numbers a page shows. */
export interface Period {
  days: number;
  from: Date;
  to: Date;
  step: StatsStep;
  timeZone: string;
}

/** The last days including today; one day means the last 24 hours. */
export function periodOf(days: string | undefined, now = new Date()): Period {
  const count = days === undefined ? DEFAULT_DAYS : Number(days);
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  if (count === 1) {
    const hour = Math.floor(now.getTime() / HOUR) * HOUR;
    return {
      days: 1,
      from: new Date(hour - 23 * HOUR),
      to: new Date(hour + HOUR),
      step: 'hour',
      timeZone,
    };
  }
  const day = (offset: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + offset);
  return { days: count, from: day(1 - count), to: day(1), step: 'day', timeZone };
}
