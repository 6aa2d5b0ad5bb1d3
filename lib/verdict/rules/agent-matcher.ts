import { LRUCache } from 'lru-cache';
import type { AgentPattern } from '../rule.js';
import { partsOf } from './agent-parts.js';
import { isWordCharacter, standAt, wordsOf } from './words.js';

/** Longer agents are cut before they are searched. */
const MAX_AGENT_LENGTH = 1024;

const MAX_CACHED = 1024;

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
  readonly #values: (T | undefined)[] = [];
  readonly #fallbacks = new Set<number>();
  readonly #whole = new Map<string, number[]>();
  readonly #frames: Frame[] = [];
  readonly #rows: Rows = new Map();
  /** Words that count only where a program names itself. */
  readonly #nameRows: Rows = new Map();
  readonly #endings: Ending[] = [];
  readonly #nameEndings: Ending[] = [];
  readonly #urls: number[] = [];
  readonly #addresses: number[] = [];
  readonly #short: { at: number; length: number }[] = [];
  readonly #cache = new LRUCache<string, readonly T[]>({ max: MAX_CACHED });

  /**
   * @param entries patterns, and what to answer for each, if anything; those of a fallback are left
   *   out where any other fits
   */
  constructor(
    entries: Iterable<readonly [AgentPattern, T | undefined, isFallback?: boolean | undefined]>,
  ) {
    for (const [pattern, value, isFallback = false] of entries) {
      const at = this.#values.push(value) - 1;
      if (isFallback) this.#fallbacks.add(at);
      this.#add(pattern, at);
    }
  }

  /** What the patterns that fit were entered with, in their order. */
  find(agent: string): readonly T[] {
    const known = this.#cache.get(agent);
    if (known !== undefined) return known;
    const found = this.#search(agent);
    if (agent.length <= MAX_CACHED_LENGTH) this.#cache.set(agent, found);
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
      const rows = pattern.place === 'name' ? this.#nameRows : this.#rows;
      for (const words of pattern.words) {
        const row = wordsOf(words);
        if (row[0] !== undefined) listAt(rows, row[0]).push({ at, row });
      }
    } else if ('endings' in pattern) {
      const endings = pattern.place === 'name' ? this.#nameEndings : this.#endings;
      const except = new Set(pattern.except?.map((word) => word.toLowerCase()));
      for (const text of pattern.endings) endings.push({ at, text: text.toLowerCase(), except });
    } else if ('contactUrl' in pattern) {
      this.#urls.push(at);
    } else if ('contactAddress' in pattern) {
      this.#addresses.push(at);
    } else {
      this.#short.push({ at, length: pattern.shorterThan });
    }
  }

  #search(agent: string): readonly T[] {
    const text = agent.slice(0, MAX_AGENT_LENGTH).trim().toLowerCase();
    const found = new Set(this.#whole.get(text));
    for (const frame of this.#frames) if (isFramed(text, frame)) found.add(frame.at);
    for (const { at, length } of this.#short) if (text.length < length) found.add(at);
    findRows(this.#rows, text, found);
    this.#searchParts(text, found);
    const first = [...found].filter((at) => !this.#fallbacks.has(at));
    return (first.length > 0 ? first : [...found])
      .sort((a, b) => a - b)
      .map((at) => this.#values[at])
      .filter((value) => value !== undefined);
  }

  #searchParts(text: string, found: Set<number>): void {
    const { name, added } = partsOf(text);
    findRows(this.#nameRows, name, found);
    if (this.#urls.length > 0 && namesUrl(added)) for (const at of this.#urls) found.add(at);
    if (this.#addresses.length > 0 && namesAddress(added)) {
      for (const at of this.#addresses) found.add(at);
    }
    findEndings(this.#endings, added, found);
    findEndings(this.#nameEndings, name, found);
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

/** Words in a row, by the first of them. */
type Rows = Map<string, { at: number; row: string[] }[]>;

function findRows(rows: Rows, text: string, found: Set<number>): void {
  if (rows.size === 0) return;
  const words = wordsOf(text);
  for (const [i, word] of words.entries()) {
    for (const { at, row } of rows.get(word) ?? []) {
      if (standAt(row, words, i)) found.add(at);
    }
  }
}

interface Ending {
  at: number;
  text: string;
  except: ReadonlySet<string>;
}

function findEndings(endings: readonly Ending[], text: string, found: Set<number>): void {
  if (endings.length === 0) return;
  for (const word of wordsOf(text)) {
    for (const { at, text: ending, except } of endings) {
      if (word.endsWith(ending) && !except.has(word)) found.add(at);
    }
  }
}

/** Finds a URL behind a delimiter: `(compatible; X/1.0; +https://…)`. */
function namesUrl(text: string): boolean {
  return /(?:^|[ (;,])\+?(?:https?:\/\/|www\.)[a-z0-9]/.test(text);
}

/** `ios@9.2.3` is no address. */
function namesAddress(text: string): boolean {
  return text.includes('@') && /[\w.-]@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2}/.test(text);
}
