import type { PrivacyMode, VerdictCertainty, VerdictKind } from '../index.js';
import type { TestConsent } from './test-consents.js';

/** A visitor that makes requests: a person's program, a proxy, or a machine. */
export interface Visitor {
  /** The name of the visitor in tables. */
  name: string;
  /** The `User-Agent`; `null` for a visitor that sends none. */
  userAgent: string | null;
  /** Other headers that it sends with opens and clicks. */
  headers?: Readonly<Record<string, string>>;
  /** Headers that it sends with opens only; they override `headers`. */
  openHeaders?: Readonly<Record<string, string>>;
  /** Headers that it sends with clicks only; they override `headers`. */
  clickHeaders?: Readonly<Record<string, string>>;
  /** Its IP addresses. A step uses the first one by default. */
  addresses: readonly [string, ...string[]];
  /** The number of the autonomous system of the addresses, as {@link scenarioLookup} returns it. */
  asn?: number;
  /** The source of these facts. */
  source: string;
}

/** A step in which a visitor makes a request. */
export interface HitStep {
  /** The time in seconds after the mail was written. Not earlier than the previous step. */
  at: number;
  /** The visitor. */
  by: Visitor;
  /** `open`: GET of the pixel. `click`: GET of a link. `head`: HEAD of a link. */
  does: 'open' | 'click' | 'head';
  /**
   * The position of the link, from 0.
   *
   * @default 0
   */
  link?: number | 'unsubscribe';
  /**
   * The IP address.
   *
   * @default the first of the visitor's addresses
   */
  address?: string;
  /**
   * What the recipient answers from this time on, before the request. Needs `consents` in the options of
   * {@link TrackingScenarios.for}.
   *
   * @default as before
   */
  consent?: TestConsent;
}

/** A step in which the provider reports that the mail was delivered at this time. */
export interface DeliveryStep {
  /** The time in seconds after the mail was written. */
  at: number;
  /** An event of a provider is published. */
  does: 'delivered';
}

/** A step of a scenario. */
export type ScenarioStep = HitStep | DeliveryStep;

/** The expected verdict of a step. */
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
  /**
   * How much the event tells about its reader.
   *
   * @default any
   */
  mode?: PrivacyMode;
}

/**
 * The expected result of a step: a verdict, or `'none'` if there is none (a HEAD, a delivery,
 * a hit that may not be recorded).
 */
export type Expected = ExpectedVerdict | 'none';

/** The mail of a scenario. */
export interface ScenarioMail {
  /**
   * How many links it has, without the unsubscribe link.
   *
   * @default 3
   */
  links?: number;
  /**
   * Whether it has an unsubscribe link that is tracked.
   *
   * @default false
   */
  unsubscribeLink?: boolean;
  /**
   * Whether its links do not contain the recipient.
   *
   * @default false
   */
  withoutRecipient?: boolean;
  /**
   * Whether its links do not contain the message id.
   *
   * @default false
   */
  withoutMessageId?: boolean;
  /**
   * What its recipient answers before it is written: it is written with the modes that follow. Needs
   * `consents` in the options of {@link TrackingScenarios.for}, and a mail with a pixel and links.
   *
   * @default nobody is asked
   */
  consent?: TestConsent;
}

/**
 * A mail, the steps that happen to it, and the expected verdicts.
 *
 * @example
 * ```ts
 * const colleague: Scenario = {
 *   name: 'forwarded to a colleague',
 *   source: 'our support, ticket 4711',
 *   story: 'Ann reads in Apple Mail and forwards the mail; Bob clicks at his desk.',
 *   steps: [
 *     { at: 600, by: VISITORS.macMail, does: 'open' },
 *     { at: 4000, by: VISITORS.chrome, does: 'click' },
 *   ],
 *   expect: [{ kind: 'human' }, { kind: 'human' }],
 * };
 * ```
 */
export interface Scenario {
  /** A short name, unique among the scenarios that are played together. */
  name: string;
  /** The source of the scenario: a URL, a measurement, or a ticket. */
  source: string;
  /** What happens, and where sources disagree about it. */
  story: string;
  /**
   * Whether the verdicts need autonomous systems, from `verdict.lookup`, for example {@link
   * scenarioLookup}.
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
  /** The steps, in order. */
  steps: readonly ScenarioStep[];
  /** The expected final verdict of each step, after all corrections. */
  expect: readonly Expected[];
}

/** Returns what is wrong with a scenario, or `undefined` if it is valid. */
export function problemOf({ mail = {}, steps, expect }: Scenario): string | undefined {
  if (steps.length === 0) return 'it has no steps';
  if (steps.length !== expect.length) {
    return `it has ${steps.length} steps and expects ${expect.length} verdicts; it needs one for each`;
  }
  const { links = DEFAULT_LINKS, unsubscribeLink = false } = mail;
  if (mail.withoutRecipient && usesConsents({ mail, steps })) {
    return 'a mail without a recipient has nobody who can consent';
  }
  if (!Number.isInteger(links) || links < 0) return 'mail.links must be a whole number';
  let last = 0;
  for (const [index, step] of steps.entries()) {
    const problem = stepProblem(step, last, links, unsubscribeLink);
    if (problem !== undefined) return `step ${index + 1}: ${problem}`;
    last = step.at;
  }
  return undefined;
}

export const DEFAULT_LINKS = 3;

/** Whether a scenario needs to know, and to change, who consents. */
export function usesConsents({ mail = {}, steps }: Pick<Scenario, 'mail' | 'steps'>): boolean {
  return mail.consent !== undefined || steps.some((step) => 'consent' in step);
}

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
