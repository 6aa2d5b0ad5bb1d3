import { READER_CLASSES, type ReaderClass } from './sql/kinds.js';

/** How often something happened, and to how many mails. */
export interface Tally {
  /** Events. */
  total: number;
  /**
   * Recipients, each once for each message; an event without a recipient counts for itself. Each
   * stands at the time of its first event.
   */
  unique: number;
}

/**
 * Opens, or clicks. The classes are kept apart by the verdict; the unique numbers of two of them may
 * speak of the same recipient.
 */
export interface HitNumbers extends Tally, Record<ReaderClass, Tally> {
  /** Verdict `human`. Who clicked has opened: unique opens by people count such clicks, too. */
  people: Tally;
  /** Verdict `unknown`, or none. */
  unknown: Tally;
  /** Verdict `privacy-proxy`: a proxy that fetches whether anybody looks or not. */
  privacyProxies: Tally;
  /** Verdicts `prefetch` and `scanner`. */
  machines: Tally;
  /** People and unknown together: what people can have made at the most. */
  atMost: Tally;
}

/** What is counted. */
export interface StatsNumbers {
  /** Mails that were prepared: a message for a recipient counts once, however often it was rendered. */
  prepared: number;
  /** Those of them whose recipient is known: what rates are counted against. */
  recipients: number;
  /** Mails that were delivered, as a provider says. */
  delivered: number;
  /** Opens. */
  opens: HitNumbers;
  /** Clicks. */
  clicks: HitNumbers;
  /** Mails that came back. */
  bounces: Tally;
  /** Complaints. */
  complaints: Tally;
  /** Readers who unsubscribed. */
  unsubscribes: Tally;
  /** Events that say that a mail was refused by the provider, could not be sent, or is delayed. */
  troubles: {
    /** Refused by the provider. */
    rejected: number;
    /** Could not be sent. */
    failed: number;
    /** Delayed: the provider tries again. */
    deferred: number;
  };
}

/**
 * Shares from 0 to 1 of the mails that were prepared for a known recipient in the period, whenever
 * the rest happened. `null` where there are none: a rate that nobody knows is not 0.
 */
export interface StatsRates {
  /** Opened by people, of mails with a pixel. */
  open: number | null;
  /** Opened by people or by somebody unknown: the most that can be true. */
  openAtMost: number | null;
  /** Clicked by people, of mails with tracked links. */
  click: number | null;
  /** Clicked by people or by somebody unknown: the most that can be true. */
  clickAtMost: number | null;
  /** Delivered, where a provider says so of any; else `null`. */
  delivery: number | null;
  /** Came back. */
  bounce: number | null;
  /** Complained about. */
  complaint: number | null;
  /** Unsubscribed from. */
  unsubscribe: number | null;
}

/**
 * The counts behind the {@link StatsRates}: mails that were prepared in the period for a known
 * recipient, and what happened to them until now. {@link StatsNumbers} counts what happened in the
 * period instead, to mails of any time.
 */
export interface StatsCohort {
  /** Mails. */
  mails: number;
  /** Mails with a pixel. */
  withPixel: number;
  /** Mails with a pixel that people opened. */
  opened: number;
  /** Mails with a pixel that people or somebody unknown opened. */
  openedAtMost: number;
  /** Mails with tracked links. */
  withLinks: number;
  /** Mails in which people clicked. */
  clicked: number;
  /** Mails in which people or somebody unknown clicked. */
  clickedAtMost: number;
  /** Mails that were delivered, as a provider says. */
  delivered: number;
  /** Mails that bounced. */
  bounced: number;
  /** Mails with a complaint. */
  complained: number;
  /** Mails whose reader unsubscribed. */
  unsubscribed: number;
}

/** What is counted, and the rates. */
export interface StatsTotals extends StatsNumbers {
  /** Shares of the mails that were prepared. */
  rates: StatsRates;
  /** The counts that the rates are made of. */
  cohort: StatsCohort;
}

/** The numbers of one step of time. */
export interface StatsPoint extends StatsNumbers {
  /** When the step begins. */
  at: Date;
}

/** A campaign and its numbers. */
export interface CampaignTotals extends StatsTotals {
  /** What the metadata said. */
  campaign: string;
  /** The quarter of an hour of the first that is known of it. */
  firstAt: Date;
  /** The quarter of an hour of the last that is known of it. */
  lastAt: Date;
}

type Row = Readonly<Record<string, unknown>>;

/** The numbers of a row of counts. */
export function toNumbers(row: Row): StatsNumbers {
  const n = (column: string) => Number(row[column] ?? 0);
  const tally = (column: string) => ({
    total: n(`${column}_events`),
    unique: n(`uniq_${column}`),
  });
  return {
    prepared: n('prepared'),
    recipients: n('recipients'),
    delivered: n('uniq_delivered'),
    opens: toHits(n, 'opens'),
    clicks: toHits(n, 'clicks'),
    bounces: tally('bounced'),
    complaints: tally('complained'),
    unsubscribes: tally('unsubscribed'),
    troubles: {
      rejected: n('rejected_events'),
      failed: n('failed_events'),
      deferred: n('deferred_events'),
    },
  };
}

/** The numbers and rates of a row of counts. */
export function toTotals(row: Row): StatsTotals {
  const cohort = toCohort(row);
  const rate = (part: number, of: number) => (of > 0 ? part / of : null);
  return {
    ...toNumbers(row),
    rates: {
      open: rate(cohort.opened, cohort.withPixel),
      openAtMost: rate(cohort.openedAtMost, cohort.withPixel),
      click: rate(cohort.clicked, cohort.withLinks),
      clickAtMost: rate(cohort.clickedAtMost, cohort.withLinks),
      delivery: cohort.delivered > 0 ? rate(cohort.delivered, cohort.mails) : null,
      bounce: rate(cohort.bounced, cohort.mails),
      complaint: rate(cohort.complained, cohort.mails),
      unsubscribe: rate(cohort.unsubscribed, cohort.mails),
    },
    cohort,
  };
}

function toCohort(row: Row): StatsCohort {
  const n = (column: string) => Number(row[column] ?? 0);
  return {
    mails: n('recipients'),
    withPixel: n('of_pixel'),
    opened: n('of_pixel_opened'),
    openedAtMost: n('of_pixel_opened_at_most'),
    withLinks: n('of_links'),
    clicked: n('of_links_clicked'),
    clickedAtMost: n('of_links_clicked_at_most'),
    delivered: n('of_delivered'),
    bounced: n('of_bounced'),
    complained: n('of_complained'),
    unsubscribed: n('of_unsubscribed'),
  };
}

function toHits(n: (column: string) => number, type: 'opens' | 'clicks'): HitNumbers {
  const totals = READER_CLASSES.map((_, i) => n(`${type}_${i}`));
  const [people, unknown, privacyProxies, machines] = totals.map((total, i) => ({
    total,
    unique: n(`uniq_${type}_${i}`),
  })) as [Tally, Tally, Tally, Tally];
  return {
    total: totals.reduce((sum, total) => sum + total, 0),
    unique: n(`uniq_${type}`),
    people,
    unknown,
    privacyProxies,
    machines,
    atMost: { total: totals[0]! + totals[1]!, unique: n(`uniq_${type}_at_most`) },
  };
}
