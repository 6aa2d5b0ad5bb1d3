import type { RecipientHash } from '../plugin.js';
import { apply, type Change, changesOf, compact, type Facts, nameless } from './facts.js';
import type { Write } from './suppression-store.js';

/** What a key begins with that is a hash. No address does: as it is compared, it has no capitals. */
export const HASH_MARK = 'HASH:';

/** Returns the keys under which somebody is kept who was erased, that of the newest key first. */
export type HashKeysOf = (address: string) => readonly string[];

/** Returns a hash as a key of the store. */
export function hashKey({ keyId, hash }: RecipientHash): string {
  return `${HASH_MARK}${keyId}:${hash}`;
}

/** Where the facts of a person are kept from now on: under the address, or under a hash of it. */
export interface Home {
  readonly key: string;
  /** Other keys that have facts of the person, which move. */
  readonly from: readonly string[];
}

/** The error for a person who was erased, in an app without a key. Logs show its code. */
class KeyIsNeeded extends Error {
  readonly code = 'ENCRYPTION_KEY_IS_NEEDED';
}

/**
 * Returns where the facts of a person are kept: all in one place, so that they count together. Whoever
 * was erased is kept under a hash, also when the person comes back, until nothing is left to be kept.
 *
 * @param has whether the store has facts under a key
 */
export function homeOf(
  address: string,
  hashes: readonly string[],
  isErased: boolean,
  has: (key: string) => boolean,
): Home {
  const known = hashes.filter(has);
  const key = known[0] ?? (isErased ? hashes[0] : address);
  if (key === undefined) throw new KeyIsNeeded();
  return { key, from: [address, ...known].filter((one) => one !== key && has(one)) };
}

/** Returns the facts of a person after a write. */
export function factsAt(
  { key, from }: Home,
  { changes, isErased }: Write,
  known: (key: string) => Facts,
  now: number,
): Facts {
  const moved = from.flatMap((one): Change[] => changesOf(known(one)));
  const facts = compact([...moved, ...changes].reduce(apply, known(key)), now);
  if (isErased) return nameless(facts);
  return key.startsWith(HASH_MARK) ? { ...facts, written: '' } : facts;
}

/** Returns all facts of a person, wherever they are. */
export function together(all: readonly Facts[]): Facts {
  return all.reduce((facts, other) => changesOf(other).reduce(apply, facts));
}
