import { TrackingError } from '../tracking.error.js';

/** Which mails and events are counted. All of what is given must hold. */
export interface StatsFilter {
  /** The campaign of the mail. */
  campaign?: string;
  /** One of the tags of the mail. */
  tag?: string;
  /** The Message-ID of the mail, with or without its brackets. */
  messageId?: string;
  /** From this time on. */
  from?: Date;
  /** Up to, and without, this time. */
  to?: Date;
}

/** A filter whose times are times. @throws TrackingError `INVALID_OPTIONS` */
export function checkFilter<T extends StatsFilter>(filter: T): T {
  for (const name of ['from', 'to'] as const) {
    const value: unknown = filter[name];
    if (value === undefined) continue;
    if (!(value instanceof Date) || Number.isNaN(value.getTime())) {
      throw new TrackingError('INVALID_OPTIONS', `${name}: must be a valid Date, or left out`);
    }
  }
  return filter;
}

/** A number of rows. @throws TrackingError `INVALID_OPTIONS` */
export function checkLimit(limit: number, max = 1000): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return limit;
  throw new TrackingError('INVALID_OPTIONS', `limit: must be a whole number from 1 to ${max}`);
}

/** How many rows to leave out. @throws TrackingError `INVALID_OPTIONS` */
export function checkOffset(offset: number): number {
  if (Number.isInteger(offset) && offset >= 0 && offset < 2 ** 31) return offset;
  throw new TrackingError('INVALID_OPTIONS', 'offset: must be a whole number from 0 on');
}
