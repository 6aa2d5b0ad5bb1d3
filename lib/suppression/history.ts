import { type Facts, type Moment, suppresses } from './facts.js';
import type { Times } from './soft-bounces.js';
import type { SuppressionReason, SuppressionScope } from './suppression.js';

/** When something was reported or done, by whom, and why. */
export interface SuppressionMoment {
  /** When it happened. */
  at: Date;
  /** The name of the provider that reported it; `null` if it came by your own link or by hand. */
  reportedBy: string | null;
  /** The `why` of `add()`, `remove()` or an import. */
  why: string | null;
  /** The `by` of `add()`, `remove()` or an import. */
  by: string | null;
}

/** What is known for one reason, in one scope. */
export interface SuppressionFact {
  /** What happened. */
  reason: SuppressionReason;
  /** The mails that it stops. */
  scope: SuppressionScope;
  /** The provider whose unsubscribes these are; `null` for your own, and for other reasons. */
  owner: string | null;
  /** The last time that it happened; `null` if only lifting is known. */
  set: SuppressionMoment | null;
  /** The last time that it was lifted: by `remove()`, or because the reader subscribed. */
  lifted: SuppressionMoment | null;
  /** Whether it suppresses now. For soft bounces, see `days`. */
  suppresses: boolean;
}

/** A day with soft bounces or deliveries: the first and the last time of each. */
export interface SuppressionDay {
  /** Soft bounces. */
  bounced: [first: Date, last: Date] | null;
  /** Deliveries. */
  delivered: [first: Date, last: Date] | null;
}

/** All that is known about an address. */
export interface SuppressionHistory {
  /** The address as it was written; `null` if nothing is known, or if the person was erased. */
  address: string | null;
  /** What suppresses or did, and what lifted it. */
  facts: SuppressionFact[];
  /** What the rule of soft bounces is computed from. */
  days: SuppressionDay[];
}

/** Returns facts as users see them. */
export function historyOf({ written, marks, days }: Facts): SuppressionHistory {
  return {
    address: written === '' ? null : written,
    facts: marks.map((mark) => ({
      reason: mark.reason,
      scope: mark.scope,
      owner: mark.owner,
      set: momentOf(mark.set),
      lifted: momentOf(mark.lifted),
      suppresses: suppresses(mark, marks),
    })),
    days: days.map(({ bounced, delivered }) => ({
      bounced: datesOf(bounced),
      delivered: datesOf(delivered),
    })),
  };
}

function momentOf(moment: Moment | undefined): SuppressionMoment | null {
  return moment ? { ...moment, at: new Date(moment.at) } : null;
}

function datesOf(times: Times | undefined): [Date, Date] | null {
  return times ? [new Date(times[0]), new Date(times[1])] : null;
}
