import type { VerdictCertainty, VerdictKind } from '../index.js';

/** Who comes: a person's program, somebody's proxy, or a machine. */
export interface Visitor {
  /** What tables call it. */
  name: string;
  /** The `User-Agent`; `null` for a visitor that sends none. */
  userAgent: string | null;
  /** Other headers that it sends, also those that differ between an open and a click. */
  headers?: Readonly<Record<string, string>>;
  /** Headers that it sends for opens only; they win over `headers`. */
  openHeaders?: Readonly<Record<string, string>>;
  /** Headers that it sends for clicks only; they win over `headers`. */
  clickHeaders?: Readonly<Record<string, string>>;
  /** Where it comes from. A step that does not say otherwise takes the first one. */
  addresses: readonly [string, ...string[]];
  /** The number of the autonomous system that the addresses are of; {@link scenarioLookup} tells it. */
  asn?: number;
  /** Where the above is known from. */
  source: string;
}

/** A visitor asks for something. */
export interface HitStep {
  /** When: seconds after the mail was written. At least as late as the step before. */
  at: number;
  /** Who. */
  by: Visitor;
  /** `open`: GET of the pixel. `click`: GET of a link. `head`: HEAD of a link. */
  does: 'open' | 'click' | 'head';
  /**
   * Which link, from 0.
   *
   * @default 0
   */
  link?: number | 'unsubscribe';
  /**
   * Where from.
   *
   * @default the first of the visitor's addresses
   */
  address?: string;
}

/** The provider says that the receiving server took the mail: just now. */
export interface DeliveryStep {
  /** When: seconds after the mail was written. */
  at: number;
  /** An event of a provider is published. */
  does: 'delivered';
}

/** One thing that happens. */
export type ScenarioStep = HitStep | DeliveryStep;

/** What a verdict must be. */
export interface ExpectedVerdict {
  /** Who made the hit. */
  kind: VerdictKind;
  /**
   * How sure that is.
   *
   * @default any
   */
  certainty?: VerdictCertainty;
  /**
   * Codes that must be among the reasons.
   *
   * @default any
   */
  reasons?: readonly string[];
}

/** What a step must come to: a verdict, or nothing that is judged (a HEAD, a delivery). */
export type Expected = ExpectedVerdict | 'none';

/** The mail of a scenario. */
export interface ScenarioMail {
  /**
   * How many links it has, without the one that ends the subscription.
   *
   * @default 3
   */
  links?: number;
  /**
   * Whether it has a link that ends the subscription, and that one is tracked.
   *
   * @default false
   */
  unsubscribeLink?: boolean;
  /**
   * Whether its links do not say whom they were sent to.
   *
   * @default false
   */
  withoutRecipient?: boolean;
  /**
   * Whether its links do not say which mail they stand in.
   *
   * @default false
   */
  withoutMessageId?: boolean;
}

/**
 * One mail, what happens to it, and what must be known at the end of it.
 *
 * @example
 * ```ts
 * const colleague: Scenario = {
 *   name: 'forwarded to a colleague',
 *   source: 'our support, ticket 4711',
 *   story: 'Ann reads on her phone and forwards the mail; Bob clicks at his desk.',
 *   steps: [
 *     { at: 600, by: VISITORS.iphoneMail, does: 'open' },
 *     { at: 4000, by: VISITORS.chrome, does: 'click' },
 *   ],
 *   expect: [{ kind: 'human' }, { kind: 'human' }],
 * };
 * ```
 */
export interface Scenario {
  /** A short name, unique among the scenarios that are played together. */
  name: string;
  /** Where it is known from: a row of the facts with its URL, a measurement, a ticket. */
  source: string;
  /** What happens, and, where sources disagree, in what. */
  story: string;
  /**
   * Whether the verdicts need to know autonomous systems: `verdict.lookup`, for example
   * {@link scenarioLookup}.
   *
   * @default false
   */
  needsLookup?: boolean;
  /**
   * The mail.
   *
   * @default three links, a message id and a recipient
   */
  mail?: ScenarioMail;
  /** What happens, in its order. */
  steps: readonly ScenarioStep[];
  /** The final verdict on each step, after all corrections. */
  expect: readonly Expected[];
}

/** What is wrong with a scenario, in a sentence; `undefined` if nothing is. */
export function problemOf({ mail = {}, steps, expect }: Scenario): string | undefined {
  if (steps.length === 0) return 'it has no steps';
  if (steps.length !== expect.length) {
    return `it has ${steps.length} steps and expects ${expect.length} verdicts; it needs one for each`;
  }
  const { links = DEFAULT_LINKS, unsubscribeLink = false } = mail;
  if (!Number.isInteger(links) || links < 0) return 'mail.links must be a whole number';
  let last = 0;
  for (const [index, step] of steps.entries()) {
    const problem = stepProblem(step, last, links, unsubscribeLink);
    if (problem !== undefined) return `step ${index + 1}: ${problem}`;
    last = step.at;
  }
  return undefined;
}

/** How many links a mail has where the scenario does not say. */
export const DEFAULT_LINKS = 3;

function stepProblem(
  step: ScenarioStep,
  last: number,
  links: number,
  unsubscribeLink: boolean,
): string | undefined {
  if (!(step.at >= last)) return `at must be ${last} or more: steps come in the order of time`;
  if (step.does === 'delivered' || step.does === 'open') return undefined;
  const { link = 0 } = step;
  if (link === 'unsubscribe') {
    return unsubscribeLink ? undefined : 'the mail has no such link; set mail.unsubscribeLink';
  }
  if (Number.isInteger(link) && link >= 0 && link < links) return undefined;
  return `the mail has no link ${link}; mail.links is ${links}`;
}
