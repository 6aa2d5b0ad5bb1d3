import type { ReclassifiedEvent, TrackingEvent, Verdict } from 'nestjs-email-tracking';
import type { StatsFilter } from 'nestjs-email-tracking/stats';
import { outweighs } from '../../lib/event/verdict-weight.js';

/** Unique and total numbers as `docs/stats.md` defines them, by looking at every event each time. */
export function countNaively(
  events: readonly TrackingEvent[],
  corrections: readonly ReclassifiedEvent[],
  filter: StatsFilter,
) {
  const once = [...new Map(events.map((event) => [event.eventId, event])).values()];
  const hits = once
    .filter(({ metadata, tags, messageId }) => {
      if (filter.campaign !== undefined && metadata.campaign !== filter.campaign) return false;
      if (filter.tag !== undefined && !tags.includes(filter.tag)) return false;
      return filter.messageId === undefined || messageId === filter.messageId;
    })
    .map((event) => ({
      event,
      at: event.timestamp.getTime(),
      kind: finalVerdict(event, corrections)?.kind ?? 'unknown',
    }));
  type Hit = (typeof hits)[number];
  const inPeriod = (at: number) =>
    at >= (filter.from?.getTime() ?? -Infinity) && at < (filter.to?.getTime() ?? Infinity);
  const tally = (total: (hit: Hit) => boolean, unique = total) => {
    const firsts = new Map<string, number>();
    for (const hit of hits.filter(unique)) {
      const { recipient, messageId, eventId } = hit.event;
      const reader = recipient === null ? eventId : `${messageId}\n${recipient}`;
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
  const either = (one: (hit: Hit) => boolean, other: (hit: Hit) => boolean) => (hit: Hit) =>
    one(hit) || other(hit);
  const byPerson = is('clicked', 'human');
  const possible = is('clicked', 'human', 'unknown');
  return {
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
  };
}

function finalVerdict(
  event: TrackingEvent,
  corrections: readonly ReclassifiedEvent[],
): Verdict | null {
  let verdict = event.verdict;
  for (const correction of corrections) {
    if (!correction.eventIds.includes(event.eventId)) continue;
    if (verdict === null || outweighs(correction.verdict, verdict)) ({ verdict } = correction);
  }
  return verdict;
}
