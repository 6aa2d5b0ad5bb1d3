import type { RecipientHash } from '../link/recipient-keys.js';

/** A person whose data is asked for, or is to go. */
export interface Person {
  /** The address as it is compared: in lower case, with its domain in punycode. */
  readonly address: string;
  /** The address as hashes, one for each key. */
  readonly hashes: readonly RecipientHash[];
}

/** The injection token of a {@link RecipientStore}. Every module that keeps one provides it. */
export const RECIPIENT_STORE = 'nestjs-email-tracking:recipient-store';

/**
 * What keeps something about recipients. Provide one to let `PrivacyService` reach data of your own. An
 * erasure calls it twice: at once, and 11 seconds later for what other processes stored meanwhile.
 */
export interface RecipientStore {
  /** Its name in an export and in what an erasure reports. */
  readonly name: string;

  /** Returns all that it keeps about a person. */
  export(person: Person): AsyncIterable<Record<string, unknown>>;

  /** Takes the person out of what is counted up to a time: the counts stay and name nobody. */
  anonymise(person: Person, before: Date): Promise<void>;

  /** Removes what only speaks of the person. What must be kept, such as a suppression, stays as a hash. */
  erase(person: Person, at: Date): Promise<void>;

  /** What it cannot reach, in words for the person who asked for the erasure. */
  readonly unreachable?: readonly string[];
}
