import type { HitFacts } from '../hit-facts.js';
import type { HeaderRule } from '../rule.js';
import { AgentMatcher } from './agent-matcher.js';
import { standAt, wordsOf } from './words.js';

interface Condition {
  name: string;
  isSent: boolean;
  /** In lower case: the value, in the spelling that it mostly has. */
  value: string;
  /** The same as words; none for any value. */
  row: string[];
}

export class HeaderMatcher {
  readonly #conditions: Condition[];
  readonly #agents: AgentMatcher<true> | undefined;
  readonly #needsHeaders: boolean;

  constructor({ headers, agent }: Pick<HeaderRule, 'headers' | 'agent'>) {
    this.#conditions = Object.entries(headers).map(([name, wanted]) => ({
      name,
      isSent: wanted !== false,
      value: typeof wanted === 'string' ? wanted.toLowerCase() : '',
      row: typeof wanted === 'string' ? wordsOf(wanted) : [],
    }));
    this.#needsHeaders = this.#conditions.some(({ name }) => name !== 'method');
    this.#agents = agent && new AgentMatcher([[agent, true]]);
  }

  matches(facts: HitFacts): boolean {
    if (this.#needsHeaders && facts.headers === undefined) return false;
    for (const condition of this.#conditions) if (!holds(condition, facts)) return false;
    if (this.#agents === undefined) return true;
    return facts.userAgent !== null && this.#agents.find(facts.userAgent).length > 0;
  }
}

function holds({ name, isSent, value, row }: Condition, { headers, method }: HitFacts): boolean {
  const given: unknown = name === 'method' ? method : headers?.[name];
  if (typeof given !== 'string') return !isSent;
  if (!isSent) return false;
  if (row.length === 0 || given === value) return true;
  const words = wordsOf(given);
  return words.some((_, at) => standAt(row, words, at));
}
