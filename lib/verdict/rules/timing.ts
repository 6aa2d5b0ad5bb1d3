import type { HitFacts } from '../hit-facts.js';
import type { TimingRule } from '../rule.js';

/** Two clocks, one of which gives whole seconds: a hit may seem to be that much too early. */
const CLOCK_SLACK_MS = 1_000;

/**
 * Whether a line speaks of the time between a mail and a hit.
 *
 * @param deliveredAt when a provider said that the mail was delivered, in milliseconds since 1970
 */
export function isTimeOf(
  { timing, seconds }: Pick<TimingRule, 'timing' | 'seconds'>,
  { at, sentAt }: Pick<HitFacts, 'at' | 'sentAt'>,
  deliveredAt: number | null,
): boolean {
  if (deliveredAt === null) {
    return timing === 'after-sending' && sentAt !== null && isWithin(at - sentAt, seconds);
  }
  if (timing === 'before-delivery') return at - deliveredAt < -seconds * 1_000;
  return timing === 'after-delivery' && isWithin(at - deliveredAt, seconds);
}

function isWithin(age: number, seconds: number): boolean {
  return age >= -CLOCK_SLACK_MS && age <= seconds * 1_000;
}
