import { addTo, type Days, endOf, SOFT_MS, thirdBounce, withoutOld } from './soft-bounces.js';
import type { Suppression, SuppressionReason, SuppressionScope } from './suppression.js';

/** How long it is remembered that something was lifted, for events that are reported late. */
const LIFT_MS = 365 * 86_400_000;

/** How many marks an address can have before further lists are not told apart. */
const MAX_MARKS = 500;

/** How far the clocks of processes may differ, in milliseconds. */
const CLOCKS_MS = 1000;

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
  /** Whether it is done by hand, so that it outweighs what is known. */
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

/** Adds a change. The order of changes does not matter, except for those made by hand. */
export function apply(facts: Facts, change: Change): Facts {
  // The smallest one, so that the order does not matter. It prefers capitals.
  const written =
    facts.written === '' || change.written < facts.written ? change.written : facts.written;
  return 'reason' in change
    ? { ...facts, written, marks: addMark(facts, change) }
    : { ...facts, written, days: addTo(facts.days, change.what, change.at) };
}

function addMark(facts: Facts, change: MarkChange): Mark[] {
  const { marks } = facts;
  const key = keyIn(marks, change);
  if (!key) return [...marks];
  const { what, isManual, reportedBy, why, by } = change;
  const index = marks.findIndex((mark) => isOf(mark, key));
  const mark: Mark = marks[index] ?? key;
  const at = isManual ? timeByHand(facts, { ...change, ...key }) : change.at;
  const changed = { ...mark, [what]: newer(mark[what], { at, reportedBy, why, by }) };
  return index === -1 ? [...marks, changed] : marks.with(index, changed);
}

/**
 * The mark that a change belongs to. For an address with too many lists, a change that suppresses gets
 * a wider scope, and one that lifts nothing known is left out.
 */
function keyIn(
  marks: readonly Mark[],
  { what, reason, scope, owner }: MarkChange,
): MarkKey | undefined {
  const key = { reason, scope, owner };
  const isFull = scope.startsWith('list:') && marks.length >= MAX_MARKS;
  if (!isFull || marks.some((mark) => isOf(mark, key))) return key;
  if (what === 'set') return { ...key, scope: 'lists' };
  return marks.some((mark) => mark.reason === reason && mark.scope === scope) ? key : undefined;
}

/**
 * The time of something done by hand. It outweighs what is known then, also what the clock of another
 * process dates slightly later. What is dated even later happened afterwards, and stays.
 */
function timeByHand({ marks, days }: Facts, change: MarkChange): number {
  const { what, reason, scope, at } = change;
  const same = marks.filter((mark) => mark.reason === reason && mark.scope === scope);
  const isKnown = (time: number | undefined): time is number =>
    time !== undefined && time <= at + CLOCKS_MS;
  if (what === 'set') return Math.max(at, ...same.map(({ lifted }) => lifted?.at).filter(isKnown));
  const bounces = reason === 'soft-bounces' ? days.flatMap(({ bounced }) => bounced ?? []) : [];
  const times = [...same.map(({ set }) => set?.at), ...bounces].filter(isKnown);
  return Math.max(at, ...times.map((time) => time + 1));
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

const SOFT: MarkKey = { reason: 'soft-bounces', scope: 'all', owner: null };

function foundOf({ reason, scope, owner }: MarkKey, moment: Moment, until: number | null): Found {
  const { at, reportedBy, why, by } = moment;
  return { reason, scope, owner, at, until, reportedBy, why, by };
}

/** Leaves out what cannot matter any more. */
export function compact(facts: Facts, now: number): Facts {
  const isKept = (mark: Mark) => suppresses(mark, facts.marks) || endOfMark(mark) > now;
  return { ...facts, marks: facts.marks.filter(isKept), days: withoutOld(facts.days, now) };
}

/** Returns when nothing of it will matter any more; `undefined` if it always will. */
export function forgetAt({ marks, days }: Facts): number | undefined {
  if (marks.some((mark) => suppresses(mark, marks))) return undefined;
  return Math.max(0, ...marks.map(endOfMark), endOf(days));
}

/**
 * When a mark that does not suppress is forgotten. A mark that lifts another one is newer, so it is
 * forgotten later.
 */
function endOfMark({ set, lifted }: Mark): number {
  return Math.max(set?.at ?? 0, lifted?.at ?? 0) + LIFT_MS;
}

/** Returns the changes that lead to some facts, to add them to others. */
export function changesOf({ written, marks, days }: Facts): Change[] {
  return [
    ...marks.flatMap(({ set, lifted, ...key }): Change[] => [
      ...(set ? [{ ...key, ...set, what: 'set' as const, written }] : []),
      ...(lifted ? [{ ...key, ...lifted, what: 'lifted' as const, written }] : []),
    ]),
    ...days.flatMap(({ bounced = [], delivered = [] }): Change[] => [
      ...bounced.map((at) => ({ what: 'bounced' as const, written, at })),
      ...delivered.map((at) => ({ what: 'delivered' as const, written, at })),
    ]),
  ];
}

/** Returns facts without how the address was written, and without the words of people. */
export function nameless({ marks, days }: Facts): Facts {
  const mute = (moment: Moment | undefined) => moment && { ...moment, why: null, by: null };
  const muted = marks.map(({ set, lifted, ...key }) => ({
    ...key,
    ...(set && { set: mute(set) }),
    ...(lifted && { lifted: mute(lifted) }),
  }));
  return { written: '', marks: muted, days };
}
