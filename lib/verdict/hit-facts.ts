import type { HitType } from './rule.js';

/** The facts of a hit that rules for single hits look at. */
export interface HitFacts {
  /** An open or a click. */
  type: HitType;
  /** When it happened, in milliseconds since 1970. */
  at: number;
  /** The `User-Agent`: `''` if it was sent empty, `null` if it is not known. */
  userAgent: string | null;
  /** The address in any spelling, not validated. */
  userIp: string | null;
  /** The HTTP method, if it is known. */
  method: string | undefined;
  /** The headers of `RequestData.headers`; `undefined` if they are not known (a provider's hit). */
  headers: Readonly<Record<string, string>> | undefined;
  /** When the link was made, in milliseconds since 1970. */
  sentAt: number | null;
}

/** What a lookup knows about an address. Unknown members are left out. */
export interface NetworkInfo {
  /** The number of the autonomous system. */
  asn?: number | undefined;
  /** The country by ISO 3166-1, such as `'DE'`. */
  country?: string | undefined;
}

/** Looks an address up, for example in a MaxMind database. */
export type NetworkLookup = (address: string) => NetworkInfo | null | undefined;
