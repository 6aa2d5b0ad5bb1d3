import { AssertionError } from 'node:assert';
import type { PrivacyMode, ReclassifiedEvent, TrackingEvent, Verdict } from '../index.js';
import type { Expected, Scenario, ScenarioStep } from './scenario.js';

/** The result of one step. */
export interface ScenarioHit {
  /** The step. */
  step: ScenarioStep;
  /** The status of the app's response; `null` for a delivery. */
  status: number | null;
  /** The event that reached the app's handlers; `null` if none did. */
  event: TrackingEvent | null;
  /** The first verdict of the event. */
  first: Verdict | null;
  /** The verdict after all corrections. */
  final: Verdict | null;
}

/**
 * The result of playing a scenario: what the app published, step by step.
 *
 * @example
 * ```ts
 * const run = await scenarios.play(scenario);
 * run.check();
 * expect(run.hits[0]?.final?.kind).toBe('human');
 * ```
 */
export class ScenarioRun {
  /** The results of the steps, in order. */
  readonly hits: readonly ScenarioHit[];

  /** @internal */
  constructor(
    /** The scenario that was played. */
    readonly scenario: Scenario,
    /** The Message-ID of the mail; `null` if its links do not contain it. */
    readonly messageId: string | null,
    /** The recipient of the mail; `null` if its links do not contain it. */
    readonly recipient: string | null,
    hits: readonly Omit<ScenarioHit, 'first' | 'final'>[],
    /** The corrections of these hits, in the order of their arrival. */
    readonly corrections: readonly ReclassifiedEvent[],
    /** Events of this mail that belong to no step. */
    readonly unexpected: readonly TrackingEvent[],
  ) {
    this.hits = hits.map((hit) => {
      const first = hit.event?.verdict ?? null;
      return { ...hit, first, final: lastVerdict(hit.event, corrections) ?? first };
    });
  }

  /**
   * Compares the final verdicts with what the scenario expects.
   *
   * @throws AssertionError of `node:assert` with a table of all steps
   */
  check(): void {
    const { expect } = this.scenario;
    const isAsExpected = this.hits.map((hit, i) => meets(hit, expect[i]!));
    if (isAsExpected.every(Boolean) && this.unexpected.length === 0) return;
    throw new AssertionError({
      message: this.#report(isAsExpected),
      actual: this.hits.map(({ final }) => final),
      expected: expect,
      operator: 'scenario',
    });
  }

  #report(isAsExpected: readonly boolean[]): string {
    const { name, expect, needsLookup } = this.scenario;
    const rows = this.hits.map((hit, i) => [
      isAsExpected[i] ? ' ' : '>',
      `${i + 1}`,
      `${hit.step.at} s`,
      describeStep(hit.step),
      describeExpected(expect[i]!),
      describeSeen(hit),
      hit.final?.reasons.join(', ') ?? '',
    ]);
    const head = ['', '#', 'at', 'step', 'expected', 'seen', 'reasons'];
    const notes = [
      this.unexpected.length > 0 && `Events that no step accounts for: ${this.unexpected.length}.`,
      needsLookup &&
        'The scenario needs to know autonomous systems: verdict: { lookup: scenarioLookup }.',
    ];
    return [
      `The scenario "${name}" did not come out as expected.`,
      '',
      ...inColumns([head, ...rows]),
      ...notes.filter((note) => typeof note === 'string').map((note) => `\n${note}`),
    ].join('\n');
  }
}

function lastVerdict(
  event: TrackingEvent | null,
  corrections: readonly ReclassifiedEvent[],
): Verdict | undefined {
  if (event === null) return undefined;
  return corrections.findLast(({ eventIds }) => eventIds.includes(event.eventId))?.verdict;
}

function meets({ step, event, final }: ScenarioHit, expected: Expected): boolean {
  if (expected === 'none') return step.does === 'delivered' || event === null;
  if (final === null) return false;
  const { kind, certainty = final.certainty, reasons = [], mode } = expected;
  return (
    (mode === undefined || mode === modeOf(event)) &&
    final.kind === kind &&
    final.certainty === certainty &&
    reasons.every((code) => final.reasons.includes(code))
  );
}

function modeOf(event: TrackingEvent | null): PrivacyMode {
  return event?.mode ?? 'identified';
}

const VERBS = { open: 'opens', click: 'clicks', head: 'asks by HEAD for' } as const;

function describeStep(step: ScenarioStep): string {
  if (step.does === 'delivered') return 'the mail is delivered';
  const { by, does, link = 0, address } = step;
  const what = does === 'open' ? '' : ` ${link === 'unsubscribe' ? link : `link ${link}`}`;
  const from = address === undefined ? '' : ` from ${address}`;
  const consent = 'consent' in step ? ', consent changed' : '';
  return `${by.name} ${VERBS[does]}${what}${from}${consent}`;
}

function describeExpected(expected: Expected): string {
  if (expected === 'none') return 'none';
  const { kind, certainty, reasons = [], mode } = expected;
  return [kind, certainty, mode, reasons.length > 0 && `(${reasons.join(', ')})`]
    .filter(Boolean)
    .join(' ');
}

function describeSeen({ step, status, event, first, final }: ScenarioHit): string {
  if (step.does === 'delivered') return 'none';
  if (event === null) return `no event (answer ${status})`;
  if (final === null) return 'an event without a verdict';
  const mode = event.mode === undefined ? '' : ` ${event.mode}`;
  const seen = `${final.kind} ${final.certainty}${mode}`;
  if (first === final || first === null) return seen;
  return `${seen} (at first ${first.kind} ${first.certainty})`;
}

function inColumns(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
