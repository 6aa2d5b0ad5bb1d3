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

const FIRST_TYPES = OTHER_TYPES.slice(0, 4);

/** Leavings by our own links: by people or unknown, and by machines. A provider's are `unsubscribed`. */
const LEFT = ['left_by_link', 'left_by_machine'];

/** What is counted of events, in the order of {@link EVENT_METRIC}. */
const HAPPENED = [...OPENS, ...CLICKS, ...FIRST_TYPES, ...LEFT, ...OTHER_TYPES.slice(4)];

const EVENT_METRICS = HAPPENED.map((name, i) => (i < 2 * CLASSES.length ? name : `${name}_events`));

const numberOf = (name: string) => HAPPENED.indexOf(name);

/** The number of the metric that counts an event `e`; null for one that is not counted. */
export const EVENT_METRIC = `case when e.type = 'opened' then e.class
  when e.type = 'clicked' then ${CLASSES.length} + e.class
  when e.type = 'unsubscribed' and e.class = ${READER_CLASSES.indexOf('machines')} then ${numberOf('left_by_machine')}
  when e.type = 'unsubscribed' and e.class is not null then ${numberOf('left_by_link')}
  ${OTHER_TYPES.map((type) => `when e.type = '${type}' then ${numberOf(type)}`).join(' ')} end`;

/** Whether an event `e` can be the first of a reader. Those that came anonymous only count in totals. */
export const IS_PERSON = `e.mode is distinct from 'anonymous'`;

/**
 * When things first happened to a reader: the times of the first events of the first metrics. Rows hold
 * them as bits, so their order never changes.
 */
export const FIRSTS: readonly string[] = [...OPENS, ...CLICKS, ...FIRST_TYPES, ...LEFT];

/** A click implies an open, whether or not the pixel was loaded. */
const peopleOpen = earliest(OPENS[0]!, CLICKS[0]!);
const openAtMost = earliest(...OPENS.slice(0, 2), ...CLICKS.slice(0, 2));
const clickAtMost = earliest(...CLICKS.slice(0, 2));

/** When a mail was first delivered, bounced, …, whoever reported it. */
const firstOf = (type: string) => (type === 'unsubscribed' ? earliest(type, ...LEFT) : type);

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
  ...FIRST_TYPES.map((type) => ({ name: `uniq_${type}`, at: firstOf(type) })),
  { name: 'uniq_left_by_provider', at: 'unsubscribed' },
  { name: 'uniq_left_by_link', at: earliest(...LEFT) },
  { name: 'uniq_left_by_machine', at: LEFT[1]! },
  { name: 'prepared', at: 'prepared_at' },
  ofRecipients('recipients'),
  ofRecipients('of_pixel', 'pixels > 0'),
  ofRecipients('of_pixel_opened', 'pixels > 0', peopleOpen),
  ofRecipients('of_pixel_opened_at_most', 'pixels > 0', openAtMost),
  ofRecipients('of_links', 'tracked_links > 0'),
  ofRecipients('of_links_clicked', 'tracked_links > 0', CLICKS[0]),
  ofRecipients('of_links_clicked_at_most', 'tracked_links > 0', clickAtMost),
  ...FIRST_TYPES.map((type) => ofRecipients(`of_${type}`, 'true', firstOf(type))),
];

/** The names of all metrics, by their numbers. */
export const METRICS: readonly string[] = [
  ...EVENT_METRICS,
  ...READER_METRICS.map(({ name }) => name),
];

/** The sums of all metrics, over rows of counts. */
export const SUMS = METRICS.map((name) => `sum(${name}) as ${name}`).join(', ');

function earliest(...firsts: string[]): string {
  return `least(${firsts.join(', ')})`;
}

/** Of the mails that were prepared for a known recipient, those to which something happened. */
function ofRecipients(name: string, condition = 'true', happened?: string) {
  const isCounted = `is_known and ${condition}`;
  const and = happened === undefined ? '' : ` and ${happened} is not null`;
  return { name, at: `case when ${isCounted}${and} then prepared_at end` };
}
