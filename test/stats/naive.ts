import type {
  PreparedEvent,
  ReclassifiedEvent,
  TrackingEvent,
  Verdict,
} from 'nestjs-email-tracking';
import type { StatsFilter } from 'nestjs-email-tracking/stats';

/** Unique and total numbers as `docs/stats.md` defines them, by looking at every event each time. */
export function countNaively(
  events: readonly TrackingEvent[],
  corrections: readonly ReclassifiedEvent[],
  filter: StatsFilter,
  prepared: readonly PreparedEvent[] = [],
) {
  const once = [...new Map(events.map((event) => [event.eventId, event])).values()];
  // What does not say its campaign and tags has those of its mail: of the first that says them.
  const all = [...once, ...prepared];
  const isMeant = (one: TrackingEvent | PreparedEvent) => {
    const { messageId } = one;
    const [{ metadata, tags } = one] = [
      one,
      ...all.filter((other) => readerOf(other) === readerOf(one)),
    ].filter((other) => other.metadata.campaign !== undefined);
    if (filter.campaign !== undefined && metadata.campaign !== filter.campaign) return false;
    if (filter.tag !== undefined && !tags.includes(filter.tag)) return false;
    return filter.messageId === undefined || messageId === filter.messageId;
  };
  const hits = once.filter(isMeant).map((event) => ({
    event,
    at: event.timestamp.getTime(),
    // Servers of mail programs ask for those who pressed their button.
    kind: event.via === 'one-click' ? 'unknown' : kindOf(finalVerdict(event, corrections)),
  }));
  type Hit = (typeof hits)[number];
  const inPeriod = (at: number) =>
    at >= (filter.from?.getTime() ?? -Infinity) && at < (filter.to?.getTime() ?? Infinity);
  const tally = (total: (hit: Hit) => boolean, unique = total) => {
    const firsts = new Map<string, number>();
    for (const hit of hits.filter(unique)) {
      const reader = readerOf(hit.event);
      firsts.set(reader, Math.min(hit.at, firsts.get(reader) ?? Infinity));
    }
    return {
      total: hits.filter((hit) => total(hit) && inPeriod(hit.at)).length,
      unique: [...firsts.values()].filter(inPeriod).length,
    };
  };
  const is = (type: string, ...kinds: string[]) => {
    return ({ event, kind }: Hit) =>
      event.eventType === type && (kinds.length === 0 || kinds.includes(kind));
  };
  const left = (source: 'link' | 'esp', ...kinds: string[]) => {
    return (hit: Hit) => is('unsubscribed', ...kinds)(hit) && hit.event.source === source;
  };
  const either = (one: (hit: Hit) => boolean, other: (hit: Hit) => boolean) => (hit: Hit) =>
    one(hit) || other(hit);
  const byPerson = is('clicked', 'human');
  const possible = is('clicked', 'human', 'unknown');
  const mails = new Map<string, number>();
  for (const mail of prepared.filter(isMeant)) {
    const reader = readerOf(mail);
    mails.set(reader, Math.min(mail.timestamp.getTime(), mails.get(reader) ?? Infinity));
  }
  const cohort = [...mails].filter(([, at]) => inPeriod(at)).map(([reader]) => reader);
  const happenedTo = (which: (hit: Hit) => boolean) =>
    cohort.filter((reader) => hits.some((hit) => readerOf(hit.event) === reader && which(hit)));
  return {
    prepared: cohort.length,
    cohort: {
      mails: cohort.length,
      opened: happenedTo(either(is('opened', 'human'), byPerson)).length,
      openedAtMost: happenedTo(either(is('opened', 'human', 'unknown'), possible)).length,
      clicked: happenedTo(byPerson).length,
      bounced: happenedTo(is('bounced')).length,
      unsubscribed: happenedTo(is('unsubscribed')).length,
    },
    opens: {
      ...tally(is('opened'), either(is('opened'), byPerson)),
      people: tally(is('opened', 'human'), either(is('opened', 'human'), byPerson)),
      unknown: tally(is('opened', 'unknown')),
      privacyProxies: tally(is('opened', 'privacy-proxy')),
      machines: tally(is('opened', 'prefetch', 'scanner')),
      atMost: tally(
        is('opened', 'human', 'unknown'),
        either(is('opened', 'human', 'unknown'), possible),
      ),
    },
    clicks: {
      ...tally(is('clicked')),
      people: tally(byPerson),
      unknown: tally(is('clicked', 'unknown')),
      privacyProxies: tally(is('clicked', 'privacy-proxy')),
      machines: tally(is('clicked', 'prefetch', 'scanner')),
      atMost: tally(possible),
    },
    bounces: tally(is('bounced')),
    complaints: tally(is('complained')),
    unsubscribes: {
      ...tally(is('unsubscribed')),
      byLink: tally(left('link')),
      byProvider: tally(left('esp')),
      byMachine: tally(left('link', 'prefetch', 'scanner')),
    },
  };
}

function readerOf(one: TrackingEvent | PreparedEvent): string {
  if (one.recipient === null && 'eventId' in one) return one.eventId;
  return `${one.messageId}\n${one.recipient}`;
}

/** What a verdict counts as: what is only possibly a machine is unknown. */
export function kindOf(verdict: Verdict | null): Verdict['kind'] {
  const { kind, certainty } = verdict ?? { kind: 'unknown', certainty: 'possible' };
  const isMachine = kind === 'scanner' || kind === 'prefetch';
  return isMachine && certainty === 'possible' ? 'unknown' : kind;
}

const CERTAINTIES = ['possible', 'probable', 'certain'];
const KINDS = ['unknown', 'human', 'privacy-proxy', 'prefetch', 'scanner'];

/** The surest verdict decides; of equally sure ones, the one about a machine. */
function weightOf({ kind, certainty }: Verdict): number {
  return CERTAINTIES.indexOf(certainty) * KINDS.length + KINDS.indexOf(kind);
}

/** The verdict on an event after all corrections. */
export function finalVerdict(
  event: TrackingEvent,
  corrections: readonly ReclassifiedEvent[],
): Verdict | null {
  let verdict = event.verdict;
  for (const correction of corrections) {
    if (!correction.eventIds.includes(event.eventId)) continue;
    if (verdict === null || weightOf(correction.verdict) > weightOf(verdict))
      ({ verdict } = correction);
  }
  return verdict;
}
