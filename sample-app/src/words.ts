import type {
  PrivacyMode,
  RejectReason,
  SeenEvent,
  TrackingEvent,
  TrackingEventType,
  UnsubscribeVia,
  Verdict,
  VerdictCertainty,
  VerdictKind,
} from 'nestjs-email-tracking';
import type {
  BounceType,
  CompareMetric,
  CompareReason,
  ReaderClass,
} from 'nestjs-email-tracking/stats';
import type { SuppressionReason, SuppressionScope } from 'nestjs-email-tracking/suppression';
import { titleOf } from './lists.js';

/**
 * The app's words for events and for who caused them. Every page and script takes them from here, so
 * that a thing has one name.
 */

/** The classes of readers that numbers keep apart, in the order of tables and charts. */
export const READERS: Readonly<Record<ReaderClass, string>> = {
  people: 'People',
  unknown: 'Unknown',
  privacyProxies: 'Privacy proxies',
  machines: 'Machines',
};

/** The last two, where they are counted together. */
export const MACHINES_AND_PROXIES = 'Machines and proxies';

export const READER_CLASSES = Object.keys(READERS) as ReaderClass[];

const EVENTS: Readonly<Record<TrackingEventType, string>> = {
  queued: 'Queued',
  sent: 'Sent',
  rejected: 'Rejected',
  failed: 'Failed',
  bounced: 'Bounced',
  deferred: 'Delayed',
  delivered: 'Delivered',
  autoresponded: 'Automatic reply',
  opened: 'Opened',
  clicked: 'Clicked',
  complained: 'Marked as spam',
  unsubscribed: 'Unsubscribed',
  subscribed: 'Subscribed',
  unknown: 'Other event',
};

export const EVENT_TYPES = Object.keys(EVENTS) as TrackingEventType[];

/** Events of mails that did not arrive, or were not wanted. */
export const BOUNCE_TYPES = [
  'bounced',
  'complained',
  'rejected',
  'failed',
  'deferred',
] as const satisfies readonly BounceType[];

const REJECTIONS: Readonly<Record<RejectReason, string>> = {
  invalid: 'not a valid address',
  bounced: 'the mailbox does not take mails',
  timed_out: 'the mail server did not answer in time',
  blocked: 'blocked',
  spam: 'taken for spam',
  unsubscribed: 'unsubscribed before',
  other: 'another reason',
};

export const REJECT_REASONS = Object.keys(REJECTIONS) as RejectReason[];

/** Why a mail did not arrive: "blocked". */
export const rejectionName = (reason: RejectReason): string => REJECTIONS[reason] ?? reason;

/** What campaigns are compared by: the name of the rate, and what its mails have. */
export const METRICS: Readonly<Record<CompareMetric, { name: string; of: string }>> = {
  open: { name: 'Opened by people', of: 'mails with an image' },
  click: { name: 'Clicked by people', of: 'mails with links' },
  bounce: { name: EVENTS.bounced, of: 'mails' },
  complaint: { name: EVENTS.complained, of: 'mails' },
  unsubscribe: { name: EVENTS.unsubscribed, of: 'mails' },
};

export const METRIC_NAMES = Object.keys(METRICS) as CompareMetric[];

/** Why it cannot be told which campaign is better. */
export const UNTOLD: Readonly<Record<CompareReason, string>> = {
  'no-mails': 'One of them has no mails that this rate could speak of.',
  'sample-ratio':
    'The mails are not split evenly, so something else than the mail differs between the groups.',
  'depends-on-unknown':
    'It depends on whether unknown readers are people: counting them gives another answer.',
  'no-difference': 'The difference is no larger than chance makes it.',
};

/** What a mail may let record, from everything to nothing. */
export const MODES: Readonly<Record<PrivacyMode, { name: string; opens: string; clicks: string }>> =
  {
    identified: {
      name: 'Everything',
      opens: 'who opens it and when',
      clicks: 'who follows which link',
    },
    deliverability: {
      name: 'Deliverability',
      opens: 'the day on which somebody last opened a mail',
      clicks: 'how often each link is followed',
    },
    anonymous: {
      name: 'Only counts',
      opens: 'how often it is opened',
      clicks: 'how often each link is followed',
    },
    off: {
      name: 'Nothing',
      opens: 'no image in the mail',
      clicks: 'links that lead straight there',
    },
  };

export const MODE_NAMES = Object.keys(MODES) as PrivacyMode[];

/** What a mode is called: "Only counts". */
export const modeName = (mode: PrivacyMode): string => MODES[mode].name;

/** What the list of events calls a day on which somebody opened a mail. */
export const SEEN = 'Seen';

/** All that is kept where a mail measures deliverability: "… opened a mail today (…)". */
export function seenOf({ recipient, day }: SeenEvent, now: Date): string {
  const when = day === now.toISOString().slice(0, 10) ? 'today' : `on ${day}`;
  return `${recipient} opened a mail ${when} (only the day is kept)`;
}

interface KindWords {
  class: ReaderClass;
  who: string;
  opened: string;
  clicked: string;
}

const KINDS: Readonly<Record<VerdictKind, KindWords>> = {
  human: { class: 'people', who: 'a person', opened: 'opened the mail', clicked: 'clicked' },
  unknown: {
    class: 'unknown',
    who: 'an unknown reader',
    opened: 'loaded the image',
    clicked: 'followed',
  },
  'privacy-proxy': {
    class: 'privacyProxies',
    who: 'a privacy proxy',
    opened: 'loaded the image',
    clicked: 'followed',
  },
  prefetch: {
    class: 'machines',
    who: 'a machine',
    opened: 'loaded the image in advance',
    clicked: 'loaded in advance',
  },
  scanner: {
    class: 'machines',
    who: 'a machine',
    opened: 'loaded the image',
    clicked: 'followed',
  },
};

export const VERDICT_KINDS = Object.keys(KINDS) as VerdictKind[];

/** What a verdict is called: "A person". */
export const verdictName = (kind: VerdictKind): string =>
  kind === 'prefetch'
    ? 'Loaded in advance'
    : kind === 'scanner'
      ? 'Scanner'
      : capital(KINDS[kind].who);

const CERTAINTIES: Readonly<Record<VerdictCertainty, string>> = {
  certain: 'certainly',
  probable: 'probably',
  possible: 'possibly',
};

const VIAS: Readonly<Record<UnsubscribeVia, string>> = {
  'one-click': ', with the button of the mail program',
  page: ', on the page behind the link',
  mail: ', by mail',
  app: ', in this app',
};

const SUPPRESSIONS: Readonly<Record<SuppressionReason, string>> = {
  bounced: EVENTS.bounced,
  'soft-bounces': 'Bounced on three days',
  complained: EVENTS.complained,
  unsubscribed: EVENTS.unsubscribed,
  manual: 'Added by hand',
};

/** Why somebody must not be written to: "Unsubscribed". */
export const suppressionName = (reason: SuppressionReason): string => SUPPRESSIONS[reason];

/** Which mails a suppression stops: "The Roastery Letter". */
export function scopeName(scope: SuppressionScope): string {
  if (scope === 'all') return 'All mails';
  return scope === 'lists' ? 'All lists' : titleOf(scope.slice('list:'.length));
}

/** What an event is called: "Bounced". */
export const eventName = (type: TrackingEventType): string => EVENTS[type] ?? type;

/**
 * The class that a hit with this verdict is counted in; without a verdict it is unknown, and so is
 * one that is only possibly a machine's.
 */
export function readerClassOf(verdict: Verdict | null): ReaderClass {
  const words = wordsOf(verdict);
  const isWeak = words.class === 'machines' && verdict?.certainty === 'possible';
  return isWeak ? 'unknown' : words.class;
}

/** Who caused a hit, by its verdict: "Probably a person". */
export function whoOf(verdict: Verdict): string {
  const words = wordsOf(verdict);
  if (words.class === 'unknown') return READERS.unknown;
  return capital(`${CERTAINTIES[verdict.certainty]} ${words.who}`);
}

/**
 * The verdict of an event, if it speaks of the reader. Where the button of a mail program is pressed,
 * a server sends the request, and the verdict is on that.
 */
export const readerVerdictOf = ({ verdict, via }: Pick<Told, 'verdict' | 'via'>): Verdict | null =>
  via === 'one-click' ? null : verdict;

type Told = Pick<
  TrackingEvent,
  'eventType' | 'source' | 'verdict' | 'linkLabel' | 'clickUrl' | 'espName' | 'list' | 'via'
> & {
  /** Set where it names nobody. */
  mode?: 'anonymous' | null;
};

/** What is said of an event that names nobody; null for others. */
export const noteOf = ({ mode }: Pick<Told, 'mode'>): string | null =>
  mode === 'anonymous' ? 'It only counts: nobody is named.' : null;

/** What happened, in a sentence that claims no more than the verdict does. */
export function headlineOf(event: Told): string {
  const { eventType, espName, source } = event;
  if (eventType === 'unsubscribed' && source === 'link') return leavingOf(event);
  const isHit = eventType === 'opened' || eventType === 'clicked';
  const what = isHit ? hitOf(event) : eventName(eventType);
  return espName ? `${what}, reported by ${espName}` : what;
}

function hitOf(event: Told): string {
  const { eventType, verdict, mode } = event;
  const words = mode === 'anonymous' ? namelessOf(wordsOf(verdict)) : wordsOf(verdict);
  const what = eventType === 'opened' ? words.opened : `${words.clicked} ${linkOf(event)}`;
  return capital(`${adverbOf(verdict, words)}${words.who} ${what}`);
}

/** What the hits of one reader on one mail within seconds were, in one sentence. */
export function burstOf(events: readonly Told[]): string {
  const clicks = events.filter(({ eventType }) => eventType === 'clicked');
  const opens = events.length - clicks.length;
  const { verdict, espName } = events[0]!;
  const words = wordsOf(verdict);
  const links = new Set(clicks.map(linkOf));
  const follows = links.size === 1 ? [...links][0]! : `${links.size} links`;
  const did = [
    opens > 0 && `${words.opened}${timesOf(opens)}`,
    clicks.length > 0 &&
      `${words.clicked} ${follows}${links.size === 1 ? timesOf(clicks.length) : ''}`,
  ].filter(Boolean);
  const what = capital(`${adverbOf(verdict, words)}${words.who} ${did.join(' and ')}`);
  return espName ? `${what}, reported by ${espName}` : what;
}

const timesOf = (count: number): string =>
  count === 1 ? '' : count === 2 ? ' twice' : ` ${count} times`;

const linkOf = ({ linkLabel, clickUrl }: Told): string =>
  linkLabel ? `“${linkLabel}”` : shortUrl(clickUrl ?? 'a link');

/** Machines are called that; of people nobody knows who, nor which mail it was. */
function namelessOf(words: KindWords): KindWords {
  const isMachine = words.class === 'machines' || words.class === 'privacyProxies';
  if (isMachine) return words;
  return { ...words, who: 'somebody', opened: words.opened.replace('the mail', 'a mail') };
}

/** Names only machines: a person is expected to press the button. */
function leavingOf(event: Told): string {
  const { list, via } = event;
  const verdict = readerVerdictOf(event);
  const words = wordsOf(verdict);
  const what = `unsubscribed from ${list === null ? 'all lists' : titleOf(list)}`;
  const who = words.class === 'machines' ? `${adverbOf(verdict, words)}${words.who} ` : '';
  return capital(`${who}${what}${via === null ? '' : VIAS[via]}`);
}

/** How sure it is, except for people: numbers count them at any certainty, and `whoOf` says it. */
function adverbOf(verdict: Verdict | null, words: KindWords): string {
  const isPlain = words.class === 'people' || words.class === 'unknown';
  if (verdict === null || isPlain || verdict.certainty === 'certain') return '';
  return `${CERTAINTIES[verdict.certainty]} `;
}

/** A URL without what says nothing: the scheme, and for pages of this machine the host. */
export const shortUrl = (url: string): string =>
  url
    .replace(/^http:\/\/localhost(?::\d+)?(?=\/.)/, '')
    .replace(/^https?:\/\//, '')
    .replace(/(?<=.)\/$/, '');

function wordsOf(verdict: Verdict | null): KindWords {
  return KINDS[verdict?.kind ?? 'unknown'] ?? KINDS.unknown;
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
