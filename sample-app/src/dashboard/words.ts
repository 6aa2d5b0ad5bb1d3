import type { TrackingEventType, Verdict, VerdictKind } from 'nestjs-email-tracking';
import { escapeHtml } from '../web/escape-html.js';

const whole = new Intl.NumberFormat('en');
const share = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const minute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

export const number = (count: number): string => whole.format(count);
/** A rate that nobody knows is not 0. */
export const percent = (rate: number | null): string => (rate === null ? '–' : share.format(rate));
export const plural = (count: number, noun: string): string =>
  `${number(count)} ${noun}${count === 1 ? '' : 's'}`;

/** A time as an element; to the second, unless it is rounded anyhow. */
export function time(date: Date, isRounded = false): string {
  const text = (isRounded ? minute : moment).format(date);
  return `<time datetime="${date.toISOString()}">${text}</time>`;
}

/** A URL as people read it; pages of this machine, such as the shop of the sample mails, by their paths. */
export const shortUrl = (url: string): string =>
  url
    .replace(/^http:\/\/localhost(?::\d+)?(?=\/.)/, '')
    .replace(/^https?:\/\//, '')
    .replace(/(?<=.)\/$/, '');

export const messagePath = (messageId: string): string =>
  `/messages/${encodeURIComponent(messageId)}`;
export const campaignPath = (campaign: string): string =>
  `/campaigns/${encodeURIComponent(campaign)}`;

const EVENTS: Record<TrackingEventType, string> = {
  queued: 'Queued',
  sent: 'Sent',
  rejected: 'Refused',
  failed: 'Failed',
  bounced: 'Bounced',
  deferred: 'Delayed',
  delivered: 'Delivered',
  autoresponded: 'Answered by a robot',
  opened: 'Opened',
  clicked: 'Clicked',
  complained: 'Called spam',
  unsubscribed: 'Unsubscribed',
  subscribed: 'Subscribed',
  unknown: 'Something else',
};

export const eventName = (type: TrackingEventType): string => EVENTS[type] ?? type;

const KINDS: Record<VerdictKind, string> = {
  human: 'a person',
  unknown: 'nobody can tell',
  'privacy-proxy': 'a privacy proxy',
  prefetch: 'a machine, fetching ahead',
  scanner: 'a machine',
};
const CERTAINTIES: Record<Verdict['certainty'], string> = {
  certain: 'certainly',
  probable: 'probably',
  possible: 'possibly',
};

/** Who it was, by a verdict: "probably a person". */
export function whoOf({ kind, certainty }: Verdict): string {
  return kind === 'unknown' ? KINDS.unknown : `${CERTAINTIES[certainty]} ${KINDS[kind] ?? kind}`;
}

/** What colours go by. */
export function classOf(verdict: Verdict | null): string {
  if (!verdict) return 'none';
  const { kind } = verdict;
  if (kind === 'human') return 'people';
  if (kind === 'privacy-proxy') return 'proxy';
  return kind === 'unknown' ? 'unknown' : 'machine';
}

export { escapeHtml as text };
