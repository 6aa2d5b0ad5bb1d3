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

/** What is counted, and the rates. */
export interface StatsTotals extends StatsNumbers {
  /** Shares of the mails that were prepared. */
  rates: StatsRates;
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
  const n = (column: string) => Number(row[column] ?? 0);
  const rate = (part: string, of: string) => (n(of) > 0 ? n(part) / n(of) : null);
  return {
    ...toNumbers(row),
    rates: {
      open: rate('of_pixel_opened', 'of_pixel'),
      openAtMost: rate('of_pixel_opened_at_most', 'of_pixel'),
      click: rate('of_links_clicked', 'of_links'),
      clickAtMost: rate('of_links_clicked_at_most', 'of_links'),
      delivery: n('of_delivered') > 0 ? rate('of_delivered', 'recipients') : null,
      bounce: rate('of_bounced', 'recipients'),
      complaint: rate('of_complained', 'recipients'),
      unsubscribe: rate('of_unsubscribed', 'recipients'),
    },
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
