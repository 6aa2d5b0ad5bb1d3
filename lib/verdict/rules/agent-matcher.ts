import type { AgentPattern } from '../rule.js';
import { isWordCharacter, standAt, wordsOf } from './words.js';

/** What stands behind is looked at by nobody: no client names itself at such length. */
const MAX_AGENT_LENGTH = 1024;

/** How many answers each of the two generations of the cache holds. */
const GENERATION = 512;

/** Longer agents are not remembered, so that a cache full of hostile ones stays small. */
const MAX_CACHED_LENGTH = 400;

/** How a value starts and ends; `isOpen`: behind the end come letters and digits. */
interface Frame {
  at: number;
  start: string;
  end: string;
  isOpen: boolean;
}

/**
 * Finds the patterns that a `User-Agent` fits, in one pass over its words, whatever their number.
 * Agents come in few spellings, so the last answers are remembered.
 */
export class AgentMatcher<T> {
  readonly #values: T[] = [];
  readonly #whole = new Map<string, number[]>();
  readonly #frames: Frame[] = [];
  readonly #rows = new Map<string, { at: number; row: string[] }[]>();
  readonly #contacts: number[] = [];
  readonly #short: { at: number; length: number }[] = [];
  #young = new Map<string, readonly T[]>();
  #old = new Map<string, readonly T[]>();

  /** @param entries patterns, and what to answer for each */
  constructor(entries: Iterable<readonly [AgentPattern, T]>) {
    for (const [pattern, value] of entries) this.#add(pattern, this.#values.push(value) - 1);
  }

  /** What the patterns that fit were entered with, in their order. */
  find(agent: string): readonly T[] {
    const known = this.#young.get(agent);
    if (known !== undefined) return known;
    const found = this.#old.get(agent) ?? this.#search(agent);
    if (agent.length <= MAX_CACHED_LENGTH) this.#remember(agent, found);
    return found;
  }

  #add(pattern: AgentPattern, at: number): void {
    if ('is' in pattern) {
      listAt(this.#whole, pattern.is.toLowerCase()).push(at);
    } else if ('startsWith' in pattern) {
      const end = (pattern.endsWith ?? '').toLowerCase();
      const isOpen = end.endsWith('*');
      const start = pattern.startsWith.toLowerCase();
      this.#frames.push({ at, start, end: isOpen ? end.slice(0, -1) : end, isOpen });
    } else if ('words' in pattern) {
      for (const words of pattern.words) {
        const row = wordsOf(words);
        if (row[0] !== undefined) listAt(this.#rows, row[0]).push({ at, row });
      }
    } else if ('contactUrl' in pattern) {
      this.#contacts.push(at);
    } else {
      this.#short.push({ at, length: pattern.shorterThan });
    }
  }

  #search(agent: string): readonly T[] {
    const text = agent.slice(0, MAX_AGENT_LENGTH).trim().toLowerCase();
    const found = new Set(this.#whole.get(text));
    for (const frame of this.#frames) if (isFramed(text, frame)) found.add(frame.at);
    for (const { at, length } of this.#short) if (text.length < length) found.add(at);
    if (this.#contacts.length > 0 && namesContact(text)) {
      for (const at of this.#contacts) found.add(at);
    }
    const words = wordsOf(text);
    for (const [i, word] of words.entries()) {
      for (const { at, row } of this.#rows.get(word) ?? []) {
        if (standAt(row, words, i)) found.add(at);
      }
    }
    return [...found].sort((a, b) => a - b).map((at) => this.#values[at]!);
  }

  #remember(agent: string, found: readonly T[]): void {
    this.#young.set(agent, found);
    if (this.#young.size < GENERATION) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}

function listAt<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

function isFramed(text: string, { start, end, isOpen }: Frame): boolean {
  if (!text.startsWith(start)) return false;
  let length = text.length;
  while (isOpen && isWordCharacter(text.charCodeAt(length - 1))) length--;
  // What starts the value must not be its end as well.
  return length >= start.length + end.length && text.endsWith(end, length);
}

/** Whether a `+http://` or `+https://` stands by itself, as in `(compatible; X/1.0; +https://…)`. */
function namesContact(text: string): boolean {
  for (let at = text.indexOf('+http'); at !== -1; at = text.indexOf('+http', at + 1)) {
    const isUrl = text.startsWith('://', at + 5) || text.startsWith('s://', at + 5);
    if (isUrl && (at === 0 || ' (;,'.includes(text.charAt(at - 1)))) return true;
  }
  return false;
}
