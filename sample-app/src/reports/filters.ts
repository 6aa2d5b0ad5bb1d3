import { BadRequestException } from '@nestjs/common';
import type {
  BouncesFilter,
  DomainsFilter,
  EventsFilter,
  LinkFilter,
  SegmentFilter,
  StatsFilter,
} from 'nestjs-email-tracking/stats';
import type { Query } from '../dashboard/address.js';
import { periodOf, periodOrAll } from '../dashboard/period.js';
import type {
  BouncesQuery,
  ClickersQuery,
  DomainsQuery,
  EventsQuery,
  MailsQuery,
  SegmentQuery,
} from '../web/queries.dto.js';

/** What the parameters of pages mean as filters of the store. */

function mailsFilter({ campaign, tag, mail, ...names }: MailsQuery): StatsFilter {
  const { from, to } = periodOrAll(names) ?? {};
  return { campaign, tag, messageId: mail, from, to };
}

/** The period of the events, or with `of=sent` that of the mails. */
function reportsFilter({ of, ...query }: MailsQuery & { of?: 'sent' }) {
  const { from, to, ...mails } = mailsFilter(query);
  return of === 'sent' ? { ...mails, sent: { from, to } } : { ...mails, from, to };
}

export function eventsFilter({ type, verdict, by, domain, recipient, ...mails }: EventsQuery) {
  return {
    ...reportsFilter(mails),
    ...{ type, verdict, by, domain, recipient },
  } satisfies EventsFilter;
}

export const bouncesFilter = ({ type, domain, reason, permanent, ...mails }: BouncesQuery) =>
  ({
    ...reportsFilter(mails),
    ...{ type, domain, reason: reason === 'none' ? null : reason },
    permanent: permanent && { yes: true, no: false, unknown: null }[permanent],
  }) satisfies BouncesFilter;

export const clickersFilter = ({ url, label, part, index, by, ...mails }: ClickersQuery) =>
  ({
    ...mailsFilter(mails),
    ...{ url, label, part, index: index === undefined ? undefined : Number(index), by },
  }) satisfies LinkFilter;

export function domainsFilter({ campaign, days, from, to }: DomainsQuery): DomainsFilter {
  const period = periodOrAll({ days, from, to });
  return { campaign, from: period?.from, to: period?.to };
}

export function segmentFilter(query: SegmentQuery): SegmentFilter {
  const { campaign, tag, domain, recipient, never, list, suppressed } = query;
  return {
    ...{ campaign, tag, domain, recipient, never, list },
    lastOpen: between('opened', query.openedFrom, query.openedTo),
    lastClick: between('clicked', query.clickedFrom, query.clickedTo),
    withSuppressed: suppressed === 'yes' || undefined,
  };
}

/** The days from the first to the last; one of them may be open. */
function between(name: string, first?: string, last?: string): SegmentFilter['lastOpen'] {
  if (first === undefined && last === undefined) return undefined;
  if (first !== undefined && last !== undefined && last < first) {
    throw new BadRequestException([`${name}From must not be after ${name}To`]);
  }
  const startOf = (day: string) => periodOf({ from: day, to: day });
  return {
    from: first === undefined ? undefined : startOf(first).from,
    to: last === undefined ? undefined : startOf(last).to,
  };
}

/** The parameters of a page, to be kept by its links and forms. */
export const keptOf = (query: object): Query => ({ ...query });
