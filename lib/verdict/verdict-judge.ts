import type { Corrections, EventJudge, HitHints } from '../event/event-judge.js';
import { isPromise } from '../util/is-promise.js';
import type { TrackingEvent } from '../event/tracking-event.js';
import type { MessagePart } from '../link/link-payload.js';
import type { ReclassifiedEvent } from '../event/tracking-events.js';
import type { Verdict, VerdictKind } from '../event/verdict.js';
import { outweighs } from '../event/verdict-weight.js';
import type { HitFacts } from './hit-facts.js';
import { type MemoryWindowCounts, MemoryWindowStore } from './memory-window-store.js';
import { findPatterns } from './patterns.js';
import { networkOf } from './rules/ip-address.js';
import type { Evidence } from './rule.js';
import type { RuleBook } from './rule-book.js';
import { agentNumber } from './window-hit.js';
import { heaviest, weigh } from './weigh.js';
import type { WindowHit, WindowState, WindowStore } from './window-store.js';

/** The link has no message id, so hits of different mails cannot be distinguished. */
export const NO_MESSAGE_KEY = 'NO_MESSAGE_KEY';

/** The store of hits did not answer, so the hit was judged by itself. */
export const WINDOW_UNAVAILABLE = 'WINDOW_UNAVAILABLE';

/** Counts of verdicts since the process started. */
export interface VerdictCounts {
  /** Hits by their verdict. */
  judged: Readonly<Record<VerdictKind, number>>;
  /** Earlier hits that were corrected. */
  reclassified: number;
  /** Hits that were judged by themselves because the store did not answer. */
  withoutWindow: number;
  /** The counts of the window in memory; `null` with your own store. */
  window: MemoryWindowCounts | null;
}

/** The settings of a judge. */
export interface JudgeSettings {
  rules: RuleBook;
  store: WindowStore;
  /** The `context` of mails whose event has none. */
  context?: string | undefined;
  now: () => number;
}

/**
 * Decides who made an open or a click, and corrects earlier verdicts when later hits show more.
 * Inject it to read its counts, or to judge stored events with the current rules.
 *
 * @example
 * ```ts
 * constructor(private readonly verdicts: VerdictJudge) {}
 *
 * judgeAgain(event: TrackingEvent): Verdict | null {
 *   return this.verdicts.classify(event);
 * }
 * ```
 */
export class VerdictJudge implements EventJudge {
  private readonly judged: Record<VerdictKind, number> = {
    human: 0,
    'privacy-proxy': 0,
    prefetch: 0,
    scanner: 0,
    unknown: 0,
  };
  private reclassified = 0;
  private withoutWindow = 0;

  /** @internal */
  constructor(private readonly settings: JudgeSettings) {}

  /** A copy of the counts. */
  get counts(): VerdictCounts {
    const { reclassified, withoutWindow } = this;
    const { store } = this.settings;
    const window = store instanceof MemoryWindowStore ? store.counts : null;
    return { judged: { ...this.judged }, reclassified, withoutWindow, window };
  }

  /**
   * Returns the verdict of one hit by itself. Changes and remembers nothing.
   *
   * @returns `null` for an event that is neither an open nor a click
   */
  classify(event: TrackingEvent, hints: HitHints = {}): Verdict | null {
    const facts = factsOf(event, hints);
    if (!facts) return null;
    const { rules } = this.settings;
    const evidence = rules.evidenceOf(facts);
    return weigh([...evidence, ...rules.timingOf(facts, null, evidence)], rules.version);
  }

  /** @internal */
  judge(event: TrackingEvent, hints: HitHints = {}): Corrections | Promise<Corrections> {
    if (event.eventType === 'delivered') return this.noteDelivery(event, hints);
    const facts = factsOf(event, hints);
    if (!facts) return null;
    // Of our own hits all headers are known, so that a missing agent is one that was not sent. Of a
    // kept event nobody knows (see classify): its agent may have been taken off.
    if (event.result?.requestData?.headers) facts.userAgent ??= '';
    const evidence = this.settings.rules.evidenceOf(facts);
    // What the provider, or whoever made the event, thinks of it counts like any other line.
    if (event.verdict) evidence.push(...asEvidence(event.verdict));
    const key = this.keyOf(event, hints);
    if (key === null) return this.finish(event, facts, evidence, NOTHING_KNOWN, [NO_MESSAGE_KEY]);
    const hit = toWindowHit(event, facts, evidence);
    try {
      const state = this.settings.store.add(key, hit, this.settings.now());
      if (!isPromise(state)) return this.judgeAmong(state, event, facts, evidence, hit);
      return state.then(
        (late) => this.judgeAmong(late, event, facts, evidence, hit),
        () => this.judgeAlone(event, facts, evidence),
      );
    } catch {
      return this.judgeAlone(event, facts, evidence);
    }
  }

  private judgeAlone(event: TrackingEvent, facts: HitFacts, evidence: Evidence[]): null {
    this.withoutWindow++;
    return this.finish(event, facts, evidence, NOTHING_KNOWN, [WINDOW_UNAVAILABLE]);
  }

  private judgeAmong(
    state: WindowState,
    event: TrackingEvent,
    facts: HitFacts,
    evidence: Evidence[],
    hit: WindowHit,
  ): Corrections {
    const { patterns } = this.settings.rules;
    const found = findPatterns(patterns, state.hits, hit, event.recipient !== null);
    for (const one of found.evidence) evidence.push(one);
    this.finish(event, facts, evidence, state, NO_NOTES);
    if (found.corrected.length === 0) return null;
    return found.corrected.map(({ eventIds, evidence: one }) => this.correct(eventIds, one));
  }

  /** Puts the verdict on the event. */
  private finish(
    event: TrackingEvent,
    facts: HitFacts,
    evidence: Evidence[],
    { deliveredAt }: Pick<WindowState, 'deliveredAt'>,
    notes: readonly string[],
  ): null {
    const { rules } = this.settings;
    for (const one of rules.timingOf(facts, deliveredAt, evidence)) evidence.push(one);
    event.verdict = weigh(evidence, rules.version, notes);
    this.judged[event.verdict.kind]++;
    return null;
  }

  /** A delivery that becomes known later tells of hits that came before it. */
  private noteDelivery(event: TrackingEvent, hints: HitHints): Corrections | Promise<Corrections> {
    const key = this.keyOf(event, hints);
    if (key === null) return null;
    const deliveredAt = event.timestamp.getTime();
    const found = ({ hits }: WindowState) => this.hitsBefore(hits, deliveredAt);
    try {
      const state = this.settings.store.deliver(key, deliveredAt, this.settings.now());
      return isPromise(state) ? state.then(found, () => null) : found(state);
    } catch {
      return null;
    }
  }

  private hitsBefore(hits: readonly WindowHit[], deliveredAt: number): Corrections {
    const eventIds: string[] = [];
    let surest: Evidence | undefined;
    for (const hit of hits) {
      const facts = { ...UNKNOWN_HIT, type: hit.type, at: hit.at };
      // Nothing but the time is looked at: the rest was looked at when the hit came.
      const evidence = heaviest(this.settings.rules.timingOf(facts, deliveredAt, []));
      if (evidence?.certainty === 'possible') continue;
      if (!evidence || !outweighs(evidence, hit)) continue;
      eventIds.push(hit.id);
      if (!surest || outweighs(evidence, surest)) surest = evidence;
    }
    return surest ? [this.correct(eventIds, surest)] : null;
  }

  /**
   * Which mail and recipient a hit belongs to; `null` without a message id. Providers write ids with
   * and without brackets, and addresses in small letters.
   */
  private keyOf({ messageId, recipient }: TrackingEvent, hints: HitHints): string | null {
    if (!messageId) return null;
    const context = hints.context ?? this.settings.context ?? '';
    const isBracketed = messageId.startsWith('<') && messageId.endsWith('>');
    const id = isBracketed ? messageId.slice(1, -1) : messageId;
    // With lengths, because all three may hold anything.
    return `${context.length}.${id.length}.${context}${id}${recipient?.toLowerCase() ?? ''}`;
  }

  private correct(eventIds: string[], evidence: Evidence): ReclassifiedEvent {
    this.reclassified += eventIds.length;
    return { eventIds, verdict: weigh([evidence], this.settings.rules.version) };
  }
}

const NOTHING_KNOWN: WindowState = { hits: [], deliveredAt: null };
const NO_NOTES: readonly string[] = [];

const UNKNOWN_HIT = {
  userAgent: null,
  userIp: null,
  method: undefined,
  headers: undefined,
  sentAt: null,
};

/** @returns `undefined` for an event that is no hit */
function factsOf(event: TrackingEvent, hints: HitHints): HitFacts | undefined {
  const { eventType: type, result } = event;
  if (type !== 'opened' && type !== 'clicked') return undefined;
  return {
    type,
    at: event.timestamp.getTime(),
    userAgent: event.userAgent,
    userIp: event.userIp,
    method: result?.requestData?.method,
    headers: result?.requestData?.headers ?? hints.headers,
    sentAt: event.sentAt?.getTime() ?? null,
  };
}

function asEvidence({ kind, certainty, reasons }: Verdict): Evidence[] {
  return reasons.map((code) => ({ code, kind, certainty }));
}

function toWindowHit(
  event: TrackingEvent,
  { type, at, userIp, userAgent }: HitFacts,
  evidence: readonly Evidence[],
): WindowHit {
  const { result, linkIndex, part } = event;
  const own = heaviest(evidence);
  const isProxied = evidence.some(({ isProxy }) => isProxy);
  return {
    id: event.eventId,
    at,
    type,
    link: linkIndex === null ? event.clickUrl : linkName(part, linkIndex),
    part,
    isUnsubscribe: result?.isUnsubscribeLink ?? false,
    trackedLinks: result ? (result.trackedLinkCount ?? result.linkCount) : null,
    network: isProxied || userIp === null ? null : networkOf(userIp),
    agent: userAgent === null ? null : agentNumber(userAgent),
    kind: own?.kind ?? 'unknown',
    certainty: own?.certainty ?? 'possible',
  };
}

function linkName(part: MessagePart | null, index: number): string {
  return LINK_NAMES.get(part)?.[index] ?? `${part} ${index}`;
}

/** Those of most links, so that the window does not keep one for each hit. */
const LINK_NAMES: ReadonlyMap<MessagePart | null, readonly string[]> = new Map(
  (['html', 'text'] as const).map((part) => [
    part,
    Array.from({ length: 64 }, (_, index) => `${part} ${index}`),
  ]),
);
