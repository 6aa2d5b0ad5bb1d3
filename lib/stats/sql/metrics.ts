import { READER_CLASSES } from './reader.js';

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

const CLASSES = READER_CLASSES.map((_, i) => i);

const OPENS = CLASSES.map((i) => `opens_${i}`);
const CLICKS = CLASSES.map((i) => `clicks_${i}`);

/** The names of what is counted of events, in the order of {@link EVENT_METRIC}. */
const EVENT_METRICS: readonly string[] = [
  ...OPENS,
  ...CLICKS,
  ...OTHER_TYPES.map((type) => `${type}_events`),
];

/** The number of the metric that counts an event `e`; null for one that is not counted. */
export const EVENT_METRIC = `case e.type when 'opened' then e.class
  when 'clicked' then ${CLASSES.length} + e.class
  ${OTHER_TYPES.map((type, i) => `when '${type}' then ${2 * CLASSES.length + i}`).join(' ')} end`;

const FIRST_TYPES = OTHER_TYPES.slice(0, 4);

/** When things first happened to a reader: the times of the first events of the first metrics. */
export const FIRSTS: readonly string[] = [...OPENS, ...CLICKS, ...FIRST_TYPES];

/** A click implies an open, whether or not the pixel was loaded. */
const peopleOpen = earliest(OPENS[0]!, CLICKS[0]!);
const openAtMost = earliest(...OPENS.slice(0, 2), ...CLICKS.slice(0, 2));
const clickAtMost = earliest(...CLICKS.slice(0, 2));

/**
 * What is counted of readers (a recipient of one message): a name, and the time at which a reader is
 * counted, over the columns of the table of readers and {@link FIRSTS}. Each is counted once, at one
 * time, or not at all.
 *
 * A unique number is counted at the time of its first event, so that the numbers of periods add up.
 * The counts behind rates (`of_…`) are counted at the time when the mail was prepared, so that both
 * halves of a rate speak of the same mails.
 */
export const READER_METRICS: readonly { name: string; at: string }[] = [
  { name: 'uniq_opens', at: earliest(...OPENS, CLICKS[0]!) },
  { name: 'uniq_opens_0', at: peopleOpen },
  ...OPENS.slice(1).map((first) => ({ name: `uniq_${first}`, at: first })),
  { name: 'uniq_opens_at_most', at: openAtMost },
  { name: 'uniq_clicks', at: earliest(...CLICKS) },
  ...CLICKS.map((first) => ({ name: `uniq_${first}`, at: first })),
  { name: 'uniq_clicks_at_most', at: clickAtMost },
  ...FIRST_TYPES.map((type) => ({ name: `uniq_${type}`, at: type })),
  { name: 'prepared', at: 'prepared_at' },
  ofRecipients('recipients'),
  ofRecipients('of_pixel', 'pixels > 0'),
  ofRecipients('of_pixel_opened', 'pixels > 0', peopleOpen),
  ofRecipients('of_pixel_opened_at_most', 'pixels > 0', openAtMost),
  ofRecipients('of_links', 'tracked_links > 0'),
  ofRecipients('of_links_clicked', 'tracked_links > 0', CLICKS[0]),
  ofRecipients('of_links_clicked_at_most', 'tracked_links > 0', clickAtMost),
  ...FIRST_TYPES.map((type) => ofRecipients(`of_${type}`, 'true', type)),
];

/** The names of all metrics, by their numbers. */
export const METRICS: readonly string[] = [
  ...EVENT_METRICS,
  ...READER_METRICS.map(({ name }) => name),
];

function earliest(...firsts: string[]): string {
  return `least(${firsts.join(', ')})`;
}

/** Of the mails that were prepared for a known recipient, those to which something happened. */
function ofRecipients(name: string, condition = 'true', happened?: string) {
  const isCounted = `recipient is not null and ${condition}`;
  const and = happened === undefined ? '' : ` and ${happened} is not null`;
  return { name, at: `case when ${isCounted}${and} then prepared_at end` };
}
