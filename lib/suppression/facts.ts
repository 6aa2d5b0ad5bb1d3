import { addTo, type Days, endOf, SOFT_MS, thirdBounce, withoutOld } from './soft-bounces.js';
import type { Suppression, SuppressionReason, SuppressionScope } from './suppression.js';

/** How long it is remembered that something was lifted, for events that are reported late. */
const LIFT_MS = 365 * 86_400_000;

/** The most marks of an address. Only its lists can be many. */
const MAX_MARKS = 500;

/** Who did something by hand, and why. */
export interface Note {
  readonly why: string | null;
  readonly by: string | null;
}

/** A time, and what is known about it. */
export interface Moment extends Note {
  readonly at: number;
  readonly reportedBy: string | null;
}

/** What a mark is about: facts of one key replace each other, the newest wins. */
export interface MarkKey {
  readonly reason: SuppressionReason;
  /** Which mails it stops. */
  readonly scope: SuppressionScope;
  /** Whose unsubscribes: of a provider, or your own. `null` for all other reasons. */
  readonly owner: string | null;
}

/** The newest fact that suppresses, and the newest that lifts it. Their times decide. */
export interface Mark extends MarkKey {
  readonly set?: Moment | undefined;
  readonly lifted?: Moment | undefined;
}

/** All that is known about an address. What it means is computed by {@link suppressionsOf}. */
export interface Facts {
  readonly written: string;
  readonly marks: readonly Mark[];
  readonly days: Days;
}

export const NO_FACTS: Facts = { written: '', marks: [], days: [] };

/** A fact that suppresses, or lifts what suppresses. */
export interface MarkChange extends MarkKey, Moment {
  readonly what: 'set' | 'lifted';
  readonly written: string;
  /** Whether somebody does it who sees what is known now. */
  readonly isManual?: boolean;
}

/** What happened to a mail. */
export interface DayChange {
  readonly what: 'bounced' | 'delivered';
  readonly written: string;
  readonly at: number;
}

/** Something that happened to an address. */
export type Change = MarkChange | DayChange;

/** Adds a change. In which order changes are added does not matter, manual ones apart. */
export function apply(facts: Facts, change: Change): Facts {
  // Any rule will do that does not depend on the order; this one prefers capitals.
  const written =
    facts.written === '' || change.written < facts.written ? change.written : facts.written;
  return 'reason' in change
    ? { ...facts, written, marks: addMark(facts, change) }
    : { ...facts, written, days: addTo(facts.days, change.what, change.at) };
}

function addMark(facts: Facts, change: MarkChange): Mark[] {
  const { what, isManual, reason, owner, at, reportedBy, why, by } = change;
  let { scope } = change;
  let index = facts.marks.findIndex((mark) => isOf(mark, { reason, scope, owner }));
  if (index === -1 && facts.marks.length >= MAX_MARKS) {
    // Too many lists: what suppresses becomes wider, what lifts is left out.
    if (what === 'lifted') return [...facts.marks];
    scope = 'lists';
    index = facts.marks.findIndex((mark) => isOf(mark, { reason, scope, owner }));
  }
  const key = { reason, scope, owner };
  const mark: Mark = facts.marks[index] ?? key;
  const moment = {
    at: isManual ? Math.max(at, newestOf(facts, what, key)) : at,
    reportedBy,
    why,
    by,
  };
  const changed = { ...mark, [what]: newer(mark[what], moment) };
  return index === -1 ? [...facts.marks, changed] : facts.marks.with(index, changed);
}

/** What is done by hand concerns all that is known then, whatever its time. */
function newestOf(facts: Facts, what: 'set' | 'lifted', key: MarkKey): number {
  const same = facts.marks.filter(
    ({ reason, scope }) => reason === key.reason && scope === key.scope,
  );
  if (what === 'set') return Math.max(0, ...same.map(({ lifted }) => lifted?.at ?? 0));
  const times = same.map(({ set }) => set?.at ?? 0);
  if (key.reason === 'soft-bounces')
    times.push(...facts.days.map(({ bounced }) => bounced?.[1] ?? 0));
  return Math.max(0, ...times) + 1;
}

function isOf(mark: MarkKey, { reason, scope, owner }: MarkKey): boolean {
  return mark.reason === reason && mark.scope === scope && mark.owner === owner;
}

function newer(one: Moment | undefined, other: Moment): Moment {
  if (!one || one.at !== other.at) return one && one.at > other.at ? one : other;
  return textOf(one) > textOf(other) ? one : other;
}

function textOf({ reportedBy, why, by }: Moment): string {
  return JSON.stringify([reportedBy, why, by]);
}

/** A suppression, and the mark that it comes from. */
export type Found = Omit<Suppression, 'address' | 'at' | 'until'> &
  Pick<MarkKey, 'owner'> & { at: number; until: number | null };

/** Computes from the facts what is suppressed at a time. Where times are equal, it is. */
export function suppressionsOf({ marks, days }: Facts, now: number): Found[] {
  const found = marks.flatMap((mark) =>
    mark.set && suppresses(mark, marks) ? [foundOf(mark, mark.set, null)] : [],
  );
  const soft = softOf(marks, days);
  return soft && soft.until! > now ? [...found, soft] : found;
}

/** Whether a mark suppresses by itself. Soft bounces are counted with the days. */
export function suppresses(mark: Mark, marks: readonly Mark[]): boolean {
  const { reason, set } = mark;
  return reason !== 'soft-bounces' && set !== undefined && set.at >= liftOf(marks, mark);
}

/** Your own `subscribed` lifts what anybody reported of its list. */
function liftOf(marks: readonly Mark[], mark: Mark): number {
  const own = marks.find((one) => isOf(one, { ...mark, owner: null }));
  return Math.max(mark.lifted?.at ?? 0, own?.lifted?.at ?? 0);
}

function softOf(marks: readonly Mark[], days: Days): Found | undefined {
  const mark: Mark = marks.find(({ reason }) => reason === 'soft-bounces') ?? SOFT;
  const lift = mark.lifted?.at ?? 0;
  const third = thirdBounce(days, lift) ?? 0;
  const imported = mark.set && mark.set.at >= lift ? mark.set : undefined;
  const at = Math.max(third, imported?.at ?? 0);
  if (at === 0) return undefined;
  const moment = imported?.at === at ? imported : { at, reportedBy: null, why: null, by: null };
  return foundOf(mark, moment, at + SOFT_MS);
}

export const SOFT: MarkKey = { reason: 'soft-bounces', scope: 'all', owner: null };

function foundOf({ reason, scope, owner }: MarkKey, moment: Moment, until: number | null): Found {
  const { at, reportedBy, why, by } = moment;
  return { reason, scope, owner, at, until, reportedBy, why, by };
}

/** Leaves out what does not matter any more. */
export function compact(facts: Facts, now: number): Facts {
  const isKept = (mark: Mark) => suppresses(mark, facts.marks) || endOfMark(mark) > now;
  return { ...facts, marks: facts.marks.filter(isKept), days: withoutOld(facts.days, now) };
}

/** Returns when nothing of it will matter any more; `undefined` if it always will. */
export function forgetAt({ marks, days }: Facts): number | undefined {
  if (marks.some((mark) => suppresses(mark, marks))) return undefined;
  return Math.max(0, ...marks.map(endOfMark), endOf(days));
}

/** The end of a mark that suppresses no more. Never after the end of one that lifts it. */
function endOfMark({ set, lifted }: Mark): number {
  return Math.max(set?.at ?? 0, lifted?.at ?? 0) + LIFT_MS;
}
