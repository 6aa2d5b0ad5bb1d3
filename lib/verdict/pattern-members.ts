import { concerns, type PatternRule } from './rule.js';
import type { WindowHit } from './window-store.js';

/** How many it takes where a rule does not say. */
const DEFAULT_AT_LEAST = 3;
/** One hit is no pattern: whoever clicks the only link of a mail has hit all of its links. */
const FEWEST = 2;

/**
 * The hits that are part of a pattern: those in any span of `seconds` (a hit exactly that much later
 * belongs to it) whose hits make it complete. The order of the hits does not matter, nor which of
 * them came first.
 */
export function memberships(rule: PatternRule, hits: readonly WindowHit[]): ReadonlySet<WindowHit> {
  const members = new Set<WindowHit>();
  for (const group of groupsOf(rule, hits)) addMembers(rule.seconds * 1000, group, members);
  return members;
}

/** Hits that can make a pattern complete together, and what that takes. */
interface Group {
  hits: WindowHit[];
  /** What must differ, by any name. */
  nameOf: (hit: WindowHit) => string | boolean | null;
  /** How many different names it takes. */
  atLeast: number;
}

function groupsOf(rule: PatternRule, hits: readonly WindowHit[]): Group[] {
  const wanted = Math.max(FEWEST, rule.atLeast ?? DEFAULT_AT_LEAST);
  const concerned = hits.filter(({ type }) => concerns(rule, type));
  // Pixels are fetched along with a mail: links are what somebody goes to.
  const clicks = concerned.filter(({ type }) => type === 'clicked');
  const named = clicks.filter(({ link }) => link !== null);
  switch (rule.pattern) {
    case 'distinct-links':
      return [{ hits: named, nameOf: ({ link }) => link, atLeast: wanted }];
    case 'distinct-networks': {
      const placed = concerned.filter(({ network }) => network !== null);
      return [{ hits: placed, nameOf: ({ network }) => network, atLeast: wanted }];
    }
    case 'unsubscribe-and-body':
      return [{ hits: clicks, nameOf: ({ isUnsubscribe }) => isUnsubscribe, atLeast: 2 }];
    case 'all-links':
      return partsOf(named)
        .filter(([trackedLinks]) => trackedLinks >= wanted)
        .map(([atLeast, part]) => ({ hits: part, nameOf: ({ link }) => link, atLeast }));
  }
}

/**
 * By part, and by how many links it has: renderings of one mail may differ in that, and each has to
 * be complete by itself.
 */
function partsOf(hits: readonly WindowHit[]): [trackedLinks: number, hits: WindowHit[]][] {
  const parts = new Map<string, [number, WindowHit[]]>();
  for (const hit of hits) {
    if (hit.trackedLinks === null) continue;
    const name = `${hit.trackedLinks} ${hit.part ?? ''}`;
    const part = parts.get(name);
    if (part) part[1].push(hit);
    else parts.set(name, [hit.trackedLinks, [hit]]);
  }
  return [...parts.values()];
}

/** Two ends that move over the hits in the order of time, and how often each name is between them. */
function addMembers(span: number, { hits, nameOf, atLeast }: Group, to: Set<WindowHit>): void {
  // Most windows are one reader's who clicks the same few links: that is told without sorting.
  if (hits.length < atLeast || !hasNames(hits, nameOf, atLeast)) return;
  const sorted = inOrder(hits);
  const between = new Map<unknown, number>();
  let [end, added] = [0, 0];
  for (const [start, first] of sorted.entries()) {
    for (; end < sorted.length && sorted[end]!.at - first.at <= span; end++) {
      const name = nameOf(sorted[end]!);
      between.set(name, (between.get(name) ?? 0) + 1);
    }
    if (between.size >= atLeast) {
      for (added = Math.max(added, start); added < end; added++) to.add(sorted[added]!);
      // All that are left are members by now.
      if (end === sorted.length) return;
    }
    const name = nameOf(first);
    const left = (between.get(name) ?? 0) - 1;
    if (left > 0) between.set(name, left);
    else between.delete(name);
  }
}

/** By time. Hits mostly come in order, which is seen sooner than sorted. */
function inOrder(hits: readonly WindowHit[]): readonly WindowHit[] {
  for (let i = 1; i < hits.length; i++) {
    if (hits[i]!.at < hits[i - 1]!.at) return hits.toSorted((a, b) => a.at - b.at);
  }
  return hits;
}

/** Whether there are so many different names at all. */
function hasNames(hits: readonly WindowHit[], nameOf: Group['nameOf'], atLeast: number): boolean {
  const names = new Set<unknown>();
  for (const hit of hits) {
    if (names.add(nameOf(hit)).size >= atLeast) return true;
  }
  return false;
}
