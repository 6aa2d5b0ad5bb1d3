import type { HitType } from 'nestjs-email-tracking';
import type { HitFacts } from '../../lib/verdict/hit-facts.js';

/** A current browser. */
export const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** An address that no line knows. */
export const HOME = '203.0.113.7';

export const NOON = Date.UTC(2026, 10, 21, 12);

/** A hit of which nothing speaks: long after sending, by a provider that knows no headers. */
export function hit(type: HitType, facts: Partial<HitFacts> = {}): HitFacts {
  return {
    type,
    at: NOON,
    userAgent: CHROME,
    userIp: HOME,
    method: 'GET',
    headers: undefined,
    sentAt: null,
    ...facts,
  };
}
