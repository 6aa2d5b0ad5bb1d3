import type { HitType } from './rule.js';

/** What single rules look at. */
export interface HitFacts {
  /** An open or a click. */
  type: HitType;
  /** When it happened, in milliseconds since 1970. */
  at: number;
  /** The `User-Agent`; `''` and `null` are different things: sent empty, and not known. */
  userAgent: string | null;
  /** The address, in any spelling, checked by nobody. */
  userIp: string | null;
  /** The HTTP method, where it is known. */
  method: string | undefined;
  /** The headers of `RequestData.headers`; `undefined` where they are not known (a provider's hit). */
  headers: Readonly<Record<string, string>> | undefined;
  /** When the link was sealed, in milliseconds since 1970. */
  sentAt: number | null;
}

/** What a lookup knows of an address. Whatever it does not know is left out. */
export interface NetworkInfo {
  /** The number of the autonomous system. */
  asn?: number | undefined;
  /** The country by ISO 3166-1, such as `'DE'`. */
  country?: string | undefined;
}

/** Looks an address up, for example in a MaxMind database that you have. */
export type NetworkLookup = (address: string) => NetworkInfo | null | undefined;
