import type { MadeRequest } from '../provider-kit.js';

/**
 * Payloads of a provider that the reference does not know, made for these tests in the shapes that its
 * documentation describes: one for each type of event at least.
 */
export interface OwnProvider {
  key: string;
  /** Below `/anymail/`, with a query if the proof is in it. */
  path: string;
  /** The options under which `make` proves itself. */
  options: object;
  /** The options under which nothing is asked for. */
  open?: object;
  /** The options under which no changed body is let in. */
  closed: object;
  /** A payload, and what its events must be: only the named fields are compared. */
  events: readonly (readonly [what: string, payload: unknown, expected: readonly object[]])[];
  /** The request as the provider makes it, signed by openssl where it signs. */
  make: (payload: unknown) => MadeRequest;
}
