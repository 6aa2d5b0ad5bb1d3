/** Names up to this length are found; longer ones are no name of HTML, SVG or VML that matters. */
const LONGEST = 31;

/**
 * Finds a tag or attribute name in the middle of a text, without regard to case and without cutting
 * it out: most names of a mail are not wanted, and the first letter and the length already say so.
 */
export class NameTable<T> {
  readonly #buckets: ([name: string, value: T][] | undefined)[] = [];

  /** @param entries ASCII names in lower case, and what to answer for each */
  constructor(entries: Iterable<readonly [string, T]>) {
    for (const [name, value] of entries) {
      const at = bucket(name.charCodeAt(0), name.length);
      (this.#buckets[at] ??= []).push([name, value]);
    }
    // A table without holes stays a fast array.
    for (let at = 0; at < 32 * (LONGEST + 1); at++) this.#buckets[at] ??= undefined;
  }

  /** Returns what the name at `[start, end)` of `text` was entered with. */
  find(text: string, start: number, end: number): T | undefined {
    if (end - start > LONGEST || end === start) return undefined;
    const candidates = this.#buckets[bucket(text.charCodeAt(start), end - start)];
    if (candidates === undefined) return undefined;
    for (const [name, value] of candidates) if (isAt(name, text, start)) return value;
    return undefined;
  }
}

/**
 * Whether `name` is at `start` of `text`. Folds ASCII letters only, as HTML does: for
 * `toLowerCase` the Kelvin sign is a `k`.
 *
 * @param name an ASCII name in lower case
 */
export function isAt(name: string, text: string, start: number): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = text.charCodeAt(start + i);
    const lower = code >= 65 && code <= 90 ? code + 32 : code;
    if (lower !== name.charCodeAt(i)) return false;
  }
  return true;
}

function bucket(firstCode: number, length: number): number {
  return (firstCode & 31) * (LONGEST + 1) + length;
}
