import type {
  TrackingEvent,
  TrackingEventType,
  Verdict,
  VerdictCertainty,
  VerdictKind,
} from 'nestjs-email-tracking';
import type { ReaderClass } from 'nestjs-email-tracking/stats';

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

const CERTAINTIES: Readonly<Record<VerdictCertainty, string>> = {
  certain: 'certainly',
  probable: 'probably',
  possible: 'possibly',
};

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

type Told = Pick<TrackingEvent, 'eventType' | 'verdict' | 'linkLabel' | 'clickUrl' | 'espName'>;

/** What happened, in a sentence that claims no more than the verdict does. */
export function headlineOf(event: Told): string {
  const { eventType, espName } = event;
  const isHit = eventType === 'opened' || eventType === 'clicked';
  const what = isHit ? hitOf(event) : eventName(eventType);
  return espName ? `${what}, reported by ${espName}` : what;
}

function hitOf({ eventType, verdict, linkLabel, clickUrl }: Told): string {
  const words = wordsOf(verdict);
  const link = linkLabel ? `“${linkLabel}”` : shortUrl(clickUrl ?? 'a link');
  const what = eventType === 'opened' ? words.opened : `${words.clicked} ${link}`;
  return capital(`${adverbOf(verdict, words)}${words.who} ${what}`);
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
