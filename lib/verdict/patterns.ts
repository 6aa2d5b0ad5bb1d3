import type { VerdictCertainty } from '../event/verdict.js';
import { outweighs } from '../event/verdict-weight.js';
import type { Evidence } from './evidence.js';
import { fewestOf, memberships, reachOf } from './pattern-members.js';
import type { PatternRule } from './rule.js';
import type { WindowHit } from './window-store.js';

/** What earlier hits turn out to be. */
export interface Correction {
  /** The `eventId`s of the hits, in the order in which they were added. */
  eventIds: string[];
  /** What is now known of all of them. */
  evidence: Evidence;
}

interface FoundPatterns {
  /** What each pattern that the hit is part of says of it, in the order of the rules. */
  evidence: readonly Evidence[];
  /** The earlier hits that this one makes part of a pattern, by what is now known of them. */
  corrected: readonly Correction[];
}

/**
 * Looks for patterns that a hit completes or carries on.
 *
 * An earlier hit is corrected when it is part of a pattern now, and was not part of that one, or of
 * one as sure, among the earlier hits alone. So nothing has to be noted in the store, and processes
 * that share it agree on which hit corrects which. Left out are hits of which as much, or something
 * surer, was known by themselves. Each hit is corrected by the surest pattern that it is part of: no
 * pattern applies to hits that do not show it.
 *
 * What follows from the limit of 64 hits: a pattern is only seen among the last 64 hits and this
 * one. Mails with more than 65 tracked links are never hit by `all-links`, and bursts that are longer
 * are seen as soon as they reach `atLeast`, link by link. Where more than 64 hits fall into one
 * pattern's time, a hit may be corrected twice, to the same verdict, because the hits that made it
 * part of the pattern have gone; hits that have gone themselves are not corrected any more. The same
 * holds for hits that are too old, if a rule's `seconds` are more than the store remembers.
 *
 * @param rules the ones that are switched on
 * @param earlier as the store gave it. If it holds the hit (a repeat), only what came before that counts,
 * so that a repeat is told the same
 * @param hit as it was given to the store; its time may lie before those of earlier hits
 * @param knowsRecipient whether the window is one recipient's. Without, hits of many people fall
 * into it: networks then say nothing, and the rest is at most `possible`
 */
export function findPatterns(
  rules: readonly PatternRule[],
  earlier: readonly WindowHit[],
  hit: WindowHit,
  knowsRecipient: boolean,
): FoundPatterns {
  // One hit is no pattern, and most hits are the first of their mail.
  if (earlier.length === 0 || !counts(hit)) return NOTHING;
  const own = earlier.findIndex(({ id }) => id === hit.id);
  const before = (own < 0 ? earlier : earlier.slice(0, own)).filter(counts);
  const usable = rules.filter(
    (rule) =>
      fewestOf(rule) <= before.length + 1 &&
      (knowsRecipient || rule.pattern !== 'distinct-networks'),
  );
  const found = usable.flatMap((rule) => {
    const members = membersAround(rule, before, hit);
    return members ? [{ evidence: evidenceOf(rule, knowsRecipient), members }] : [];
  });
  if (found.length === 0) return NOTHING;
  const past = usable.map((rule) => ({
    sureness: SURENESS[evidenceOf(rule, knowsRecipient).certainty],
    members: memberships(rule, before),
  }));
  return {
    evidence: found.map(({ evidence }) => evidence),
    corrected: gather(found, past, before),
  };
}

const NOTHING: FoundPatterns = Object.freeze({
  evidence: Object.freeze([]),
  corrected: Object.freeze([]),
});

/** A pattern that the hit is part of, with its other hits at the same time. */
interface Found {
  evidence: Evidence;
  members: ReadonlySet<WindowHit>;
}

/** What was part of a pattern before the hit. */
interface Past {
  sureness: number;
  members: ReadonlySet<WindowHit>;
}

/**
 * A browser that says it prefetches is not a scanner, however many links it fetches: what it asks for
 * is no part of any pattern, or else the click of its user would be taken for one.
 */
function counts({ kind, certainty, at }: WindowHit): boolean {
  return Number.isFinite(at) && !(kind === 'prefetch' && certainty === 'certain');
}

/** Only hits that share a span with this one: it changes nothing for the others. */
function membersAround(
  rule: PatternRule,
  before: readonly WindowHit[],
  hit: WindowHit,
): ReadonlySet<WindowHit> | undefined {
  const reach = reachOf(rule);
  const near = before.filter(({ at }) => Math.abs(at - hit.at) <= reach);
  const members = memberships(rule, [...near, hit]);
  return members.has(hit) ? members : undefined;
}

function evidenceOf(rule: PatternRule, knowsRecipient: boolean): Evidence {
  const { code, kind, isProxy } = rule;
  const certainty = knowsRecipient ? rule.certainty : 'possible';
  return isProxy === undefined ? { code, kind, certainty } : { code, kind, certainty, isProxy };
}

function gather(
  found: readonly Found[],
  past: readonly Past[],
  before: readonly WindowHit[],
): Correction[] {
  const corrections = new Map<Evidence, string[]>();
  for (const one of before) {
    let surest: Evidence | undefined;
    for (const { evidence, members } of found) {
      if (!members.has(one) || !outweighs(evidence, surest ?? one)) continue;
      const sureness = SURENESS[evidence.certainty];
      const isKnown = past.some((other) => other.sureness >= sureness && other.members.has(one));
      if (!isKnown) surest = evidence;
    }
    if (!surest) continue;
    const eventIds = corrections.get(surest);
    if (eventIds) eventIds.push(one.id);
    else corrections.set(surest, [one.id]);
  }
  return [...corrections].map(([evidence, eventIds]) => ({ eventIds, evidence }));
}

const SURENESS: Record<VerdictCertainty, number> = { possible: 0, probable: 1, certain: 2 };
