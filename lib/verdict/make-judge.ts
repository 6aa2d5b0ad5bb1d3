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
    now,
  });
}
