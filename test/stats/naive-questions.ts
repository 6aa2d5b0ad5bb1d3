import type { PreparedEvent, TrackingEvent } from 'nestjs-email-tracking';
import type { EventsFilter, ReaderClass, SegmentFilter } from 'nestjs-email-tracking/stats';
import { kindOf } from './naive.js';

/** An event with its last verdict; `isNamed` until it becomes anonymous. */
export interface Told {
  event: TrackingEvent;
  isNamed: boolean;
}

/** A mail that was prepared; `isNamed` until it becomes anonymous. */
export interface Sent {
  mail: PreparedEvent;
  isNamed: boolean;
}

const CLASSES = {
  human: 'people',
  unknown: 'unknown',
  'privacy-proxy': 'privacyProxies',
  prefetch: 'machines',
  scanner: 'machines',
} as const;

/** The class of a hit; `null` of what is none. */
export function classOf({ eventType, source, via, verdict }: TrackingEvent): ReaderClass | null {
  const isLeaving = eventType === 'unsubscribed' && source === 'link';
  if (!isLeaving && eventType !== 'opened' && eventType !== 'clicked') return null;
  return CLASSES[via === 'one-click' ? 'unknown' : kindOf(verdict)];
}

const addressOf = ({ recipient }: { recipient: string | null }) => recipient?.toLowerCase() ?? null;
const domainOf = (address: string | null) => address?.slice(address.lastIndexOf('@') + 1) ?? null;

/** What the campaign and tags of an event are: its mail's, where it does not say. */
function mailOf(event: TrackingEvent, all: readonly Told[], sent: readonly Sent[]) {
  const isSame = (one: TrackingEvent | PreparedEvent) =>
    event.recipient !== null &&
    one.messageId === event.messageId &&
    one.recipient === event.recipient;
  return [
    event,
    ...all.map((one) => one.event).filter(isSame),
    ...sent.map(({ mail }) => mail).filter(isSame),
  ].find(({ metadata }) => metadata.campaign !== undefined);
}

/** Whether the mail of an event was prepared in a period. */
function isSentIn(
  { from, to }: NonNullable<EventsFilter['sent']>,
  { messageId, recipient }: TrackingEvent,
  sent: readonly Sent[],
): boolean {
  const mail = sent.find(
    (one) => one.mail.messageId === messageId && one.mail.recipient === recipient,
  )?.mail;
  if (!mail || recipient === null) return false;
  return !(from && mail.timestamp < from) && !(to && mail.timestamp >= to);
}

/** The events under a filter, by looking at each. */
export function eventsNaively(
  all: readonly Told[],
  sent: readonly Sent[],
  filter: EventsFilter,
): Told[] {
  const of = <T>(wanted: T | readonly T[] | undefined, value: T | null) =>
    wanted === undefined || ([wanted].flat() as (T | null)[]).includes(value);
  return all.filter((told) => {
    const { event, isNamed } = told;
    const { campaign, tag, messageId, from, to, type, by, verdict, domain, recipient } = filter;
    const { sent: period, reason, permanent } = filter;
    const mail = mailOf(event, all, sent);
    const address = isNamed ? addressOf(event) : null;
    // Who is forgotten has no tags either.
    const tags = isNamed || event.mode === 'anonymous' ? (mail?.tags ?? []) : [];
    return (
      of(campaign, (mail?.metadata.campaign ?? null) as string | null) &&
      (tag === undefined || tags.includes(tag)) &&
      of(messageId, isNamed ? event.messageId : null) &&
      !(from && event.timestamp < from) &&
      !(to && event.timestamp >= to) &&
      of(type, event.eventType) &&
      of(by, classOf(event)) &&
      of(verdict, event.verdict?.kind ?? null) &&
      of(domain, domainOf(address)) &&
      of(recipient, address) &&
      of(reason, event.rejectReason) &&
      of(permanent, event.permanent) &&
      (period === undefined || isSentIn(period, event, sent))
    );
  });
}

/** Who clicked, by looking at each click. */
export function clickersNaively(clicks: readonly Told[]) {
  const people = new Map<string, TrackingEvent[]>();
  for (const { event, isNamed } of clicks) {
    const address = isNamed && addressOf(event);
    if (address) people.set(address, [...(people.get(address) ?? []), event]);
  }
  return [...people].map(([recipient, own]) => ({
    recipient,
    mails: new Set(own.map(({ messageId }) => messageId)).size,
    clicks: own.length,
    people: own.filter((event) => classOf(event) === 'people').length,
    firstAt: new Date(Math.min(...own.map(({ timestamp }) => +timestamp))),
    lastAt: new Date(Math.max(...own.map(({ timestamp }) => +timestamp))),
  }));
}

/** Who is in a segment, by looking at each recipient. */
export function segmentNaively(
  all: readonly Told[],
  sent: readonly Sent[],
  filter: SegmentFilter,
): string[] {
  const own = eventsNaively(all, sent, { ...filterOf(filter) }).filter(({ isNamed }) => isNamed);
  const mails = sent.filter(({ mail, isNamed }) => isNamed && isMeant(mail, filter));
  const people = [
    ...own.map(({ event }) => addressOf(event)),
    ...mails.map(({ mail }) => addressOf(mail)),
  ];
  const isMember = (recipient: string) => {
    const mine = own.filter(({ event }) => addressOf(event) === recipient);
    const acts = (...types: string[]) =>
      mine.filter(({ event }) => types.includes(event.eventType) && classOf(event) === 'people');
    const last = (list: readonly Told[]) =>
      list.length === 0 ? null : new Date(Math.max(...list.map(({ event }) => +event.timestamp)));
    const isIn = (at: Date | null, { from, to }: { from?: Date; to?: Date }) =>
      at !== null && !(from && at < from) && !(to && at >= to);
    const [open, click] = [last(acts('opened', 'clicked')), last(acts('clicked'))];
    const hasMail = mails.some(({ mail }) => addressOf(mail) === recipient);
    return (
      (!filter.lastOpen || isIn(open, filter.lastOpen)) &&
      (!filter.lastClick || isIn(click, filter.lastClick)) &&
      (filter.never !== 'opened' || (hasMail && open === null)) &&
      (filter.never !== 'clicked' || (hasMail && click === null))
    );
  };
  return [...new Set(people)].filter((one) => one !== null && isMember(one)).sort() as string[];
}

const filterOf = ({ campaign, tag, domain }: SegmentFilter): EventsFilter =>
  Object.fromEntries(
    Object.entries({ campaign, tag, domain }).filter(([, one]) => one !== undefined),
  );

function isMeant(mail: PreparedEvent, { campaign, tag, domain }: SegmentFilter): boolean {
  return (
    (campaign === undefined || mail.metadata.campaign === campaign) &&
    (tag === undefined || mail.tags.includes(tag)) &&
    (domain === undefined || domainOf(addressOf(mail)) === domain)
  );
}
