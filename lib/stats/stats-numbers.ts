import { READER_CLASSES, type ReaderClass } from './sql/reader.js';

/** How often something happened, and how many recipients it concerns. */
export interface Tally {
  /** Events. */
  total: number;
  /**
   * Recipients, once for each message, counted at the time of the first event. An event without a
   * recipient counts once; one that is anonymous (`mode`) is in `total` only.
   */
  unique: number;
}

/** Clicks by class of verdict. The unique numbers of two classes can include the same recipient. */
export interface LinkClicks extends Tally, Record<ReaderClass, Tally> {
  /** Verdict `human`. */
  people: Tally;
  /** Verdict `unknown`, no verdict, or `prefetch` and `scanner` that are only `possible`. */
  unknown: Tally;
  /** Verdict `privacy-proxy`: a proxy that fetches images whether the mail is read or not. */
  privacyProxies: Tally;
  /** Verdicts `prefetch` and `scanner` that are `probable` or `certain`. */
  machines: Tally;
}

/** Opens or clicks of mails, by class. Unique opens by people include people who only clicked. */
export interface HitNumbers extends LinkClicks {
  /** People and unknown together: the upper bound for people. */
  atMost: Tally;
}

/** Readers who unsubscribed, in any way. */
export interface UnsubscribeNumbers extends Tally {
  /** By your own links. */
  byLink: Tally;
  /** Reported by a provider. */
  byProvider: Tally;
  /**
   * By your own links, and by a machine: verdicts `prefetch` and `scanner`, `probable` or `certain`. Not
   * by one click, because then a server of the mail program sends the request.
   */
  byMachine: Tally;
}

/** The numbers of events and mails. */
export interface StatsNumbers {
  /**
   * Mails that were prepared: a message for a recipient counts once, however often it was rendered, and an
   * anonymous mail each time.
   */
  prepared: number;
  /** Prepared mails with a known recipient: the base of the rates. Anonymous mails are not among them. */
  recipients: number;
  /** Mails that were delivered, reported by a provider. */
  delivered: number;
  /** Opens. */
  opens: HitNumbers;
  /** Clicks. */
  clicks: HitNumbers;
  /** Mails that bounced. */
  bounces: Tally;
  /** Complaints. */
  complaints: Tally;
  /** Readers who unsubscribed. */
  unsubscribes: UnsubscribeNumbers;
  /** Events of mails that were refused by the provider, could not be sent, or are delayed. */
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
 * the events happened. A rate that is unknown, because there are no such mails, is `null`, not 0.
 */
export interface StatsRates {
  /** Opened by people, of mails with a pixel. */
  open: number | null;
  /** Opened by people or unknown visitors: the upper bound. */
  openAtMost: number | null;
  /** Clicked by people, of mails with tracked links. */
  click: number | null;
  /** Clicked by people or unknown visitors: the upper bound. */
  clickAtMost: number | null;
  /** Delivered; `null` if no provider reported a delivery. */
  delivery: number | null;
  /** Bounced. */
  bounce: number | null;
  /** Reported as spam. */
  complaint: number | null;
  /** Unsubscribed from. */
  unsubscribe: number | null;
}

/**
 * The counts behind {@link StatsRates}: mails that were prepared in the period for a known
 * recipient, and what has happened to them until now. {@link StatsNumbers} counts what happened in
 * the period instead, to mails of any time.
 */
export interface StatsCohort {
  /** Mails. */
  mails: number;
  /** Mails with a pixel. */
  withPixel: number;
  /** Mails with a pixel that people opened. */
  opened: number;
  /** Mails with a pixel that people or unknown visitors opened. */
  openedAtMost: number;
  /** Mails with tracked links. */
  withLinks: number;
  /** Mails in which people clicked. */
  clicked: number;
  /** Mails in which people or unknown visitors clicked. */
  clickedAtMost: number;
  /** Mails that were delivered, reported by a provider. */
  delivered: number;
  /** Mails that bounced. */
  bounced: number;
  /** Mails with a complaint. */
  complained: number;
  /** Mails whose reader unsubscribed. */
  unsubscribed: number;
}

/** The numbers and the rates. */
export interface StatsTotals extends StatsNumbers {
  /** Shares of the mails that were prepared. */
  rates: StatsRates;
  /**
   * How many mails each rate speaks of: those whose recipient is known, for opens those with a pixel, for
   * clicks those with tracked links.
   */
  of: Record<keyof StatsRates, number>;
  /**
   * All mails that were prepared in the period. The rates say nothing about the difference to `of`: mails
   * that name nobody, or that are not measured.
   */
  audience: number;
  /** The counts behind the rates. */
  cohort: StatsCohort;
}

/** The numbers and rates of one step of a series. */
export interface StatsPoint extends StatsTotals {
  /** When the step begins. */
  at: Date;
}

/** A campaign and its numbers. */
export interface CampaignTotals extends StatsTotals {
  /** The campaign, as in the metadata. */
  campaign: string;
  /** When its first event happened, or its first mail was prepared. */
  firstAt: Date;
  /** When its last event happened, or its last mail was prepared. */
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
    unsubscribes: toUnsubscribes(n),
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
  const numbers = toNumbers(row);
  const { withPixel, withLinks, mails } = cohort;
  const of = {
    open: withPixel,
    openAtMost: withPixel,
    click: withLinks,
    clickAtMost: withLinks,
    delivery: mails,
    bounce: mails,
    complaint: mails,
    unsubscribe: mails,
  };
  const rate = (name: keyof StatsRates, part: number) => (of[name] > 0 ? part / of[name] : null);
  return {
    ...numbers,
    rates: {
      open: rate('open', cohort.opened),
      openAtMost: rate('openAtMost', cohort.openedAtMost),
      click: rate('click', cohort.clicked),
      clickAtMost: rate('clickAtMost', cohort.clickedAtMost),
      delivery: cohort.delivered > 0 ? rate('delivery', cohort.delivered) : null,
      bounce: rate('bounce', cohort.bounced),
      complaint: rate('complaint', cohort.complained),
      unsubscribe: rate('unsubscribe', cohort.unsubscribed),
    },
    of,
    audience: numbers.prepared,
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

/** The column `unsubscribed_events` counts what providers report. */
function toUnsubscribes(n: (column: string) => number): UnsubscribeNumbers {
  const byMachine = n('left_by_machine_events');
  const byLink = n('left_by_link_events') + byMachine;
  const byProvider = n('unsubscribed_events');
  return {
    total: byLink + byProvider,
    unique: n('uniq_unsubscribed'),
    byLink: { total: byLink, unique: n('uniq_left_by_link') },
    byProvider: { total: byProvider, unique: n('uniq_left_by_provider') },
    byMachine: { total: byMachine, unique: n('uniq_left_by_machine') },
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
