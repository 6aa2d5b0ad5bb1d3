import type { Corrections, EventClassifier, HitHints } from '../event/event-classifier.js';
import { isPromise } from '../util/is-promise.js';
import type { TrackingEvent } from '../event/tracking-event.js';
import type { ReclassifiedEvent } from '../event/tracking-events.js';
import type { Verdict, VerdictKind } from '../event/verdict.js';
import { outweighs } from '../event/verdict-weight.js';
import { SYSTEM_CLOCK } from '../util/clock.js';
import { type Evidence, heaviest, weigh } from './evidence.js';
import { factsOf, type HitFacts, UNKNOWN_HIT } from './hit-facts.js';
import { type MemoryWindowCounts, MemoryWindowStore } from './memory-window-store.js';
import { findPatterns } from './patterns.js';
import { RuleBook } from './rule-book.js';
import type { VerdictRuleOptions } from './rule-options.js';
import { toWindowHit } from './window-hit.js';
import { WindowRecipients } from './window-recipients.js';
import type { WindowHit, WindowState, WindowStore } from './window-store.js';
import { bareMessageId } from '../util/bare-message-id.js';

/** The link has no message id, so hits of different mails cannot be distinguished. */
export const NO_MESSAGE_KEY = 'NO_MESSAGE_KEY';

/** The store of hits did not answer, so the hit was classified by itself. */
export const WINDOW_UNAVAILABLE = 'WINDOW_UNAVAILABLE';

/** Counts of verdicts since the process started. */
export interface VerdictCounts {
  /** Hits by their verdict. */
  verdicts: Readonly<Record<VerdictKind, number>>;
  /** Earlier hits that were corrected. */
  reclassified: number;
  /** Hits that were classified by themselves because the store did not answer. */
  withoutWindow: number;
  /** The counts of the window in memory; `null` with your own store. */
  window: MemoryWindowCounts | null;
}

interface ClassifierOptions extends VerdictRuleOptions {
  store?: WindowStore;
  maxKeys?: number;
  windowSeconds?: number;
  /** The `context` of mails whose event has none. */
  context?: string | undefined;
}

/**
 * Decides who made an open or a click, and corrects earlier verdicts when later hits show more.
 * Inject it to read its counts, or to classify stored events with the current rules.
 *
 * @example
 * ```ts
 * constructor(private readonly classifier: VerdictClassifier) {}
 *
 * classifyAgain(event: TrackingEvent): Verdict | null {
 *   return this.classifier.classify(event);
 * }
 * ```
 */
export class VerdictClassifier implements EventClassifier {
  private readonly rules: RuleBook;
  private readonly store: WindowStore;
  private readonly context: string;
  private readonly now: () => number;
  private readonly verdicts: Record<VerdictKind, number> = {
    human: 0,
    'privacy-proxy': 0,
    prefetch: 0,
    scanner: 0,
    unknown: 0,
  };
  private reclassified = 0;
  private withoutWindow = 0;

  /** @internal */
  constructor(options: ClassifierOptions, now: () => number) {
    const { store, maxKeys, windowSeconds, context = '' } = options;
    this.rules = new RuleBook(options);
    this.store = store ?? new MemoryWindowStore({ maxKeys, maxAgeSeconds: windowSeconds });
    this.context = context;
    this.now = store === undefined && now === SYSTEM_CLOCK.date ? steadyClock() : now;
  }

  /**
   * What is remembered of recipients.
   *
   * @internal
   */
  get recipients(): WindowRecipients {
    return new WindowRecipients(this.store);
  }

  /** A copy of the counts. */
  get counts(): VerdictCounts {
    const { reclassified, withoutWindow, store } = this;
    const window = store instanceof MemoryWindowStore ? store.counts : null;
    return { verdicts: { ...this.verdicts }, reclassified, withoutWindow, window };
  }

  /**
   * Returns the verdict of one hit by itself. Changes and remembers nothing.
   *
   * @returns `null` for an event that is neither an open nor a click
   */
  classify(event: TrackingEvent, hints: HitHints = {}): Verdict | null {
    const facts = factsOf(event, hints);
    if (!facts) return null;
    const { rules } = this;
    const evidence = rules.evidenceOf(facts);
    return weigh([...evidence, ...rules.timingOf(facts, null, evidence)], rules.version);
  }

  /** @internal */
  decide(event: TrackingEvent, hints: HitHints = {}): Corrections | Promise<Corrections> {
    if (event.eventType === 'delivered') return this.noteDelivery(event, hints);
    const facts = factsOf(event, hints);
    if (!facts) return null;
    // Of our own hits all headers are known, so that a missing agent is one that was not sent. Of a
    // kept event nobody knows (see classify): its agent may have been taken off.
    if (facts.headers && event.result?.requestData?.headers) facts.userAgent ??= '';
    const evidence = this.rules.evidenceOf(facts);
    // What the provider, or whoever made the event, thinks of it counts like any other rule.
    if (event.verdict) evidence.push(...asEvidence(event.verdict));
    const key = this.keyOf(event, hints);
    if (key === null) return this.finish(event, facts, evidence, NOTHING_KNOWN, [NO_MESSAGE_KEY]);
    const hit = toWindowHit(event, facts, evidence);
    try {
      const state = this.store.add(key, hit, this.now());
      if (!isPromise(state)) return this.classifyAmong(state, event, facts, evidence, hit);
      return state.then(
        (late) => this.classifyAmong(late, event, facts, evidence, hit),
        () => this.classifyAlone(event, facts, evidence),
      );
    } catch {
      return this.classifyAlone(event, facts, evidence);
    }
  }

  private classifyAlone(event: TrackingEvent, facts: HitFacts, evidence: Evidence[]): null {
    this.withoutWindow++;
    return this.finish(event, facts, evidence, NOTHING_KNOWN, [WINDOW_UNAVAILABLE]);
  }

  private classifyAmong(
    state: WindowState,
    event: TrackingEvent,
    facts: HitFacts,
    evidence: Evidence[],
    hit: WindowHit,
  ): Corrections {
    const { patterns } = this.rules;
    const found = findPatterns(patterns, state.hits, hit, event.recipient !== null);
    evidence.push(...found.evidence);
    this.finish(event, facts, evidence, state);
    if (found.corrected.length === 0) return null;
    return found.corrected.map(({ eventIds, evidence: one }) => this.correct(eventIds, one));
  }

  private finish(
    event: TrackingEvent,
    facts: HitFacts,
    evidence: Evidence[],
    { deliveredAt }: Pick<WindowState, 'deliveredAt'>,
    notes: readonly string[] = [],
  ): null {
    const { rules } = this;
    evidence.push(...rules.timingOf(facts, deliveredAt, evidence));
    event.verdict = weigh(evidence, rules.version, notes);
    this.verdicts[event.verdict.kind]++;
    return null;
  }

  /** A delivery that becomes known later tells of hits that came before it. */
  private noteDelivery(event: TrackingEvent, hints: HitHints): Corrections | Promise<Corrections> {
    const key = this.keyOf(event, hints);
    if (key === null) return null;
    const deliveredAt = event.timestamp.getTime();
    const found = ({ hits }: WindowState) => this.hitsBefore(hits, deliveredAt);
    try {
      const state = this.store.deliver(key, deliveredAt, this.now());
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
      const evidence = heaviest(this.rules.timingOf(facts, deliveredAt, []));
      if (evidence?.certainty === 'possible') continue;
      if (!evidence || !outweighs(evidence, hit)) continue;
      eventIds.push(hit.id);
      if (outweighs(evidence, surest)) surest = evidence;
    }
    return surest ? [this.correct(eventIds, surest)] : null;
  }

  /**
   * Which mail and recipient a hit belongs to; `null` without a message id. Providers write ids with
   * and without brackets, and addresses in small letters.
   */
  private keyOf({ messageId, recipient }: TrackingEvent, hints: HitHints): string | null {
    if (!messageId) return null;
    const context = hints.context ?? this.context;
    const id = bareMessageId(messageId);
    // With lengths, because all three may hold anything.
    return `${context.length}.${id.length}.${context}${id}${recipient?.toLowerCase() ?? ''}`;
  }

  private correct(eventIds: string[], evidence: Evidence): ReclassifiedEvent {
    this.reclassified += eventIds.length;
    return { eventIds, verdict: weigh([evidence], this.rules.version) };
  }
}

const NOTHING_KNOWN: WindowState = { hits: [], deliveredAt: null };

function asEvidence({ kind, certainty, reasons }: Verdict): Evidence[] {
  return reasons.map((code) => ({ code, kind, certainty }));
}

/**
 * The ages of what this process remembers do not change when its wall clock is set. Stores that
 * processes share need the wall clock, and clocks of tests are what they say.
 */
function steadyClock(): () => number {
  const start = SYSTEM_CLOCK.date() - SYSTEM_CLOCK.now();
  return () => Math.round(start + SYSTEM_CLOCK.now());
}
