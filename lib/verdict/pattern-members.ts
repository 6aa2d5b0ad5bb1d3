import { concerns, type PatternRule } from './rule.js';
import type { WindowHit } from './window-store.js';

const DEFAULT_AT_LEAST = 3;
/** One hit is no pattern: whoever clicks the only link of a mail has hit all of its links. */
const FEWEST = 2;

/** After a hit of a pattern, opens of its visitor belong to it for so long: pictures come last. */
const OPENS_AFTER_MS = 2_000;

/**
 * The hits that are part of a pattern: those in any span of `seconds` (a hit exactly that much later
 * belongs to it) whose hits make it complete, and the opens that go with them. The order of the hits
 * does not matter, nor which of them came first.
 */
export function memberships(rule: PatternRule, hits: readonly WindowHit[]): ReadonlySet<WindowHit> {
  const members = new Set<WindowHit>();
  for (const group of groupsOf(rule, hits)) {
    for (const run of runsOf(rule, group)) addMembers(rule.seconds * 1000, run, members);
  }
  if (rule.opensSeconds !== undefined && members.size > 0) {
    addOpens(rule.opensSeconds * 1000, hits, members);
  }
  return members;
}

/** Hits that can make a pattern complete together, and what that takes. */
interface Group {
  hits: readonly WindowHit[];
  /** What must differ, by any name. */
  nameOf: (hit: WindowHit) => string | boolean | null;
  /** How many different names it takes. */
  atLeast: number;
}

function groupsOf(rule: PatternRule, hits: readonly WindowHit[]): Group[] {
  const wanted = fewestOf(rule);
  const concerned = hits.filter(
    ({ type, kind }) => concerns(rule, type) && !(rule.sparesPeople === true && kind === 'human'),
  );
  // Pixels are fetched along with a mail: links are what somebody goes to.
  const clicks = concerned.filter(({ type }) => type === 'clicked');
  const named = clicks.filter(({ link }) => link !== null);
  switch (rule.pattern) {
    case 'distinct-links':
      return [{ hits: named, nameOf: ({ link }) => link, atLeast: wanted }];
    case 'distinct-networks':
      return programsOf(concerned).map((program) => ({
        hits: program,
        nameOf: ({ network }) => network,
        atLeast: wanted,
      }));
    case 'unsubscribe-and-body':
      return [{ hits: clicks, nameOf: ({ isUnsubscribe }) => isUnsubscribe, atLeast: 2 }];
    case 'all-links':
      return partsOf(named)
        .filter(([trackedLinks]) => trackedLinks >= wanted)
        .map(([atLeast, part]) => ({ hits: part, nameOf: ({ link }) => link, atLeast }));
  }
}

/**
 * By agent, because several people, or a person's devices, are on several networks; and by family,
 * because one reader with IPv4 and IPv6 is on a network of each.
 */
function programsOf(hits: readonly WindowHit[]): WindowHit[][] {
  const programs = new Map<string, WindowHit[]>();
  for (const hit of hits) {
    if (hit.network === null) continue;
    const name = `${hit.agent} ${hit.network.includes(':')}`;
    const program = programs.get(name);
    if (program) program.push(hit);
    else programs.set(name, [hit]);
  }
  return [...programs.values()];
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

/** Where hits may not be further apart than so much, those that are not: each run by itself. */
function runsOf({ gapSeconds }: PatternRule, group: Group): Group[] {
  // Most windows are one reader's who clicks the same few links: that is told without sorting.
  if (group.hits.length < group.atLeast || !hasNames(group)) return [];
  const sorted = inOrder(group.hits);
  if (gapSeconds === undefined) return [{ ...group, hits: sorted }];
  const runs: WindowHit[][] = [];
  let last = -Infinity;
  for (const hit of sorted) {
    if (hit.at - last <= gapSeconds * 1000) runs.at(-1)!.push(hit);
    else runs.push([hit]);
    last = hit.at;
  }
  return runs.map((hits) => ({ ...group, hits }));
}

/**
 * Two ends that move over the hits, which are in the order of time, and how often each name is between
 * them.
 */
function addMembers(span: number, { hits, nameOf, atLeast }: Group, to: Set<WindowHit>): void {
  const between = new Map<unknown, number>();
  let [end, added] = [0, 0];
  for (const [start, first] of hits.entries()) {
    for (; end < hits.length && hits[end]!.at - first.at <= span; end++) {
      const name = nameOf(hits[end]!);
      between.set(name, (between.get(name) ?? 0) + 1);
    }
    if (between.size >= atLeast) {
      for (added = Math.max(added, start); added < end; added++) to.add(hits[added]!);
      // All that are left are members by now.
      if (end === hits.length) return;
    }
    const name = nameOf(first);
    const left = (between.get(name) ?? 0) - 1;
    if (left > 0) between.set(name, left);
    else between.delete(name);
  }
}

/** The pictures that a member has loaded along with the mail. */
function addOpens(before: number, hits: readonly WindowHit[], members: Set<WindowHit>): void {
  const clicks = [...members];
  for (const open of hits) {
    // Stores of others may know nothing of agents.
    if (open.type !== 'opened' || open.network === null || !Number.isInteger(open.agent)) continue;
    // An open that is probably a person's is that person's, whatever else came from there.
    if (open.kind === 'human' && open.certainty !== 'possible') continue;
    const isOurs = clicks.some(
      ({ network, agent, at }) =>
        network === open.network &&
        agent === open.agent &&
        at - open.at <= before &&
        open.at - at <= OPENS_AFTER_MS,
    );
    if (isOurs) members.add(open);
  }
}

/** Hits mostly come in order of time, which is seen sooner than sorted. */
function inOrder(hits: readonly WindowHit[]): readonly WindowHit[] {
  for (let i = 1; i < hits.length; i++) {
    if (hits[i]!.at < hits[i - 1]!.at) return hits.toSorted((a, b) => a.at - b.at);
  }
  return hits;
}

function hasNames({ hits, nameOf, atLeast }: Group): boolean {
  const names = new Set<unknown>();
  for (const hit of hits) {
    if (names.add(nameOf(hit)).size >= atLeast) return true;
  }
  return false;
}

export function fewestOf({ pattern, atLeast = DEFAULT_AT_LEAST }: PatternRule): number {
  return pattern === 'unsubscribe-and-body' ? FEWEST : Math.max(FEWEST, atLeast);
}

/** How far from a hit those can be that are in a pattern with it, in milliseconds. */
export function reachOf({ seconds, opensSeconds = 0 }: PatternRule): number {
  return (seconds + opensSeconds) * 1000 + OPENS_AFTER_MS;
}
