import { systemClock } from '../event/tracking-clock.js';
import { MemoryWindowStore } from './memory-window-store.js';
import { RuleBook } from './rule-book.js';
import type { VerdictRuleOptions } from './rule-options.js';
import { VerdictJudge, type JudgeSettings } from './verdict-judge.js';
import type { WindowStore } from './window-store.js';

/** What a judge is made from; without any of it, from the catalogue, in memory. */
export interface JudgeOptions extends VerdictRuleOptions, Pick<JudgeSettings, 'context'> {
  store?: WindowStore;
  maxKeys?: number;
  windowSeconds?: number;
}

/** Puts a judge together. */
export function makeJudge(options: JudgeOptions, now: () => number): VerdictJudge {
  const { store, maxKeys, windowSeconds, context } = options;
  return new VerdictJudge({
    rules: new RuleBook(options),
    store: store ?? new MemoryWindowStore({ maxKeys, maxAgeSeconds: windowSeconds }),
    context,
    now: store === undefined && now === systemClock ? steadyClock() : now,
  });
}

/**
 * The ages of what this process remembers do not change when its wall clock is set. Stores that
 * processes share need the wall clock, and clocks of tests are what they say.
 */
function steadyClock(): () => number {
  const start = systemClock() - performance.now();
  return () => Math.round(start + performance.now());
}
