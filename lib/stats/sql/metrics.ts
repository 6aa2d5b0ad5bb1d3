import { FIRSTS, type Reader, READER_CLASSES } from './reader.js';

/** What is counted of events: a column of the table of counts, and which events it counts. */
export interface EventMetric {
  column: string;
  /** The type of the events. */
  type: string;
  /** Their class, for hits. */
  hitClass: number | null;
}

/** Types other than hits that are counted. */
const OTHER_TYPES = [
  'delivered',
  'bounced',
  'complained',
  'unsubscribed',
  'rejected',
  'failed',
  'deferred',
];

/** What is counted of events. */
export const EVENT_METRICS: readonly EventMetric[] = [
  ...READER_CLASSES.map((_, i) => ({ column: `opens_${i}`, type: 'opened', hitClass: i })),
  ...READER_CLASSES.map((_, i) => ({ column: `clicks_${i}`, type: 'clicked', hitClass: i })),
  ...OTHER_TYPES.map((type) => ({ column: `${type}_events`, type, hitClass: null })),
];

const METRIC_OF = new Map(EVENT_METRICS.map((metric) => [keyOf(metric), metric.column]));

/** The column that counts an event; `undefined` for one that is not counted. */
export function metricOf(type: string, hitClass: number | null): string | undefined {
  return METRIC_OF.get(keyOf({ type, hitClass }));
}

function keyOf({ type, hitClass }: Pick<EventMetric, 'type' | 'hitClass'>): string {
  return `${type} ${hitClass ?? ''}`;
}

/**
 * What is counted of readers (a recipient of one message). Each is counted once, at one time, or not
 * at all. It is said twice, because the writer has the reader at hand, and a query has its row; the
 * property test holds the two together.
 *
 * A unique number is counted at the time of its first event, so that numbers of periods add up. The
 * counts behind rates (`of_…`) are counted at the time when the mail was prepared, so that both
 * halves of a rate speak of the same mails.
 */
export interface ReaderMetric {
  column: string;
  /** Over the columns of the table of readers, as `r`. */
  sql: string;
  /** In milliseconds since 1970. */
  at: (reader: Reader) => number | null;
}

/** An expression over the times of a reader: the earliest of some of them. */
interface Earliest {
  sql: string;
  at: (reader: Reader) => number | null;
}

const OPENS = READER_CLASSES.map((_, i) => i);
const CLICKS = READER_CLASSES.map((_, i) => READER_CLASSES.length + i);
const anyOpen = earliest(...OPENS, CLICKS[0]!);
/** Who clicks has opened, whatever became of the pixel. */
const peopleOpen = earliest(OPENS[0]!, CLICKS[0]!);
const openAtMost = earliest(OPENS[0]!, OPENS[1]!, CLICKS[0]!, CLICKS[1]!);
const anyClick = earliest(...CLICKS);
const peopleClick = earliest(CLICKS[0]!);
const clickAtMost = earliest(CLICKS[0]!, CLICKS[1]!);
const first = (name: (typeof FIRSTS)[number]) => earliest(FIRSTS.indexOf(name));
const hasPixel = { sql: 'r.pixels > 0', holds: ({ pixels }: Reader) => pixels > 0 };
const hasLinks = {
  sql: 'r.tracked_links > 0',
  holds: ({ trackedLinks }: Reader) => trackedLinks > 0,
};

/** What is counted of readers. */
export const READER_METRICS: readonly ReaderMetric[] = [
  { column: 'uniq_opens', ...anyOpen },
  { column: 'uniq_opens_0', ...peopleOpen },
  ...OPENS.slice(1).map((i) => ({ column: `uniq_opens_${i}`, ...earliest(i) })),
  { column: 'uniq_opens_at_most', ...openAtMost },
  { column: 'uniq_clicks', ...anyClick },
  ...CLICKS.map((place, i) => ({ column: `uniq_clicks_${i}`, ...earliest(place) })),
  { column: 'uniq_clicks_at_most', ...clickAtMost },
  { column: 'uniq_delivered', ...first('delivered') },
  { column: 'uniq_bounced', ...first('bounced') },
  { column: 'uniq_complained', ...first('complained') },
  { column: 'uniq_unsubscribed', ...first('unsubscribed') },
  { column: 'prepared', sql: 'r.prepared_at', at: ({ preparedAt }) => preparedAt },
  ofRecipients('recipients'),
  ofRecipients('of_pixel', hasPixel),
  ofRecipients('of_pixel_opened', hasPixel, peopleOpen),
  ofRecipients('of_pixel_opened_at_most', hasPixel, openAtMost),
  ofRecipients('of_links', hasLinks),
  ofRecipients('of_links_clicked', hasLinks, peopleClick),
  ofRecipients('of_links_clicked_at_most', hasLinks, clickAtMost),
  ofRecipients('of_delivered', undefined, first('delivered')),
  ofRecipients('of_bounced', undefined, first('bounced')),
  ofRecipients('of_complained', undefined, first('complained')),
  ofRecipients('of_unsubscribed', undefined, first('unsubscribed')),
];

function earliest(...places: number[]): Earliest {
  return {
    sql: `least(${places.map((place) => `r.${FIRSTS[place]}`).join(', ')})`,
    at({ firsts }) {
      let found: number | null = null;
      for (const place of places) {
        const at = firsts[place] ?? null;
        if (at !== null && (found === null || at < found)) found = at;
      }
      return found;
    },
  };
}

/** Of the mails that were prepared for a known recipient, those to which something applies. */
function ofRecipients(
  column: string,
  kind?: { sql: string; holds: (reader: Reader) => boolean },
  happened?: Earliest,
): ReaderMetric {
  const conditions = [
    'r.recipient is not null',
    ...(kind ? [kind.sql] : []),
    ...(happened ? [`${happened.sql} is not null`] : []),
  ];
  return {
    column,
    sql: `case when ${conditions.join(' and ')} then r.prepared_at end`,
    at: (reader) =>
      reader.recipient !== null &&
      (!kind || kind.holds(reader)) &&
      (!happened || happened.at(reader) !== null)
        ? reader.preparedAt
        : null,
  };
}

/** All columns of the table of counts that hold numbers. */
export const COUNT_COLUMNS: readonly string[] = [
  ...EVENT_METRICS.map(({ column }) => column),
  ...READER_METRICS.map(({ column }) => column),
];

/** Numbers are kept by quarters of an hour: the day of every time zone starts with one. */
export const BUCKET_MS = 900_000;
