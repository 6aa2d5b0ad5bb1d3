import { randomInt } from 'node:crypto';

/** Places at first; there are always at least twice as many as keys. */
const FIRST_PLACES = 1024;

/**
 * Gives each key a number, from 0 on without gaps, until it is removed: its slot. A `Map` does the
 * same; at 100 000 keys, when one comes and another goes, it takes twice as long. Here,
 * other keys are told by their hashes, which lie together, and are not read.
 */
export class KeyTable {
  /** Each place holds a slot + 1, or 0. A key stands at its hash's place, or where it was free next. */
  #places = new Int32Array(FIRST_PLACES);
  readonly #hashes: number[] = [];
  readonly #keys: (string | undefined)[] = [];
  readonly #free: number[] = [];

  /** @param seed known to nobody, so that nobody can think of keys that meet at one place */
  constructor(private readonly seed: number = randomInt(2 ** 31)) {}

  /** How many keys there are. */
  get size(): number {
    return this.#keys.length - this.#free.length;
  }

  /** Jenkins' one at a time, as V8 has it for its own strings. */
  hashOf(key: string): number {
    let hash = this.seed;
    for (let i = 0; i < key.length; i++) {
      hash = (hash + key.charCodeAt(i)) | 0;
      hash = (hash + (hash << 10)) | 0;
      hash ^= hash >>> 6;
    }
    hash = (hash + (hash << 3)) | 0;
    hash ^= hash >>> 11;
    return (hash + (hash << 15)) | 0;
  }

  /** @returns -1 for a key that is not there */
  find(key: string, hash: number): number {
    const places = this.#places;
    const last = places.length - 1;
    for (let place = hash & last; places[place] !== 0; place = (place + 1) & last) {
      const slot = places[place]! - 1;
      if (this.#hashes[slot] === hash && this.#keys[slot] === key) return slot;
    }
    return -1;
  }

  /** @param key one that is not there */
  add(key: string, hash: number): number {
    if (this.size * 2 >= this.#places.length) this.#grow();
    const slot = this.#free.pop() ?? this.#keys.length;
    this.#keys[slot] = key;
    this.#hashes[slot] = hash;
    this.#enter(slot, hash);
    return slot;
  }

  /** Its number is given to another key. */
  remove(slot: number): void {
    const places = this.#places;
    const last = places.length - 1;
    let gap = this.#hashes[slot]! & last;
    while (places[gap] !== slot + 1) gap = (gap + 1) & last;
    // Those behind the gap move up, unless that would take them before their own place.
    for (let place = (gap + 1) & last; places[place] !== 0; place = (place + 1) & last) {
      const own = this.#hashes[places[place]! - 1]! & last;
      if (((place - own) & last) < ((place - gap) & last)) continue;
      places[gap] = places[place]!;
      gap = place;
    }
    places[gap] = 0;
    this.#keys[slot] = undefined;
    this.#free.push(slot);
  }

  #enter(slot: number, hash: number): void {
    const last = this.#places.length - 1;
    let place = hash & last;
    while (this.#places[place] !== 0) place = (place + 1) & last;
    this.#places[place] = slot + 1;
  }

  #grow(): void {
    this.#places = new Int32Array(this.#places.length * 2);
    for (const [slot, key] of this.#keys.entries()) {
      if (key !== undefined) this.#enter(slot, this.#hashes[slot]!);
    }
  }
}
