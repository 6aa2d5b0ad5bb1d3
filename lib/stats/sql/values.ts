import { createHash } from 'node:crypto';
import { domainToASCII, domainToUnicode } from 'node:url';
import { toMillis } from '../../sql/values.js';
import { addressKey } from '../../util/address-key.js';
import { cleanText } from '../../util/clean-text.js';
import { parseUrl } from '../../util/parse-url.js';

/** What PostgreSQL does not hold, as JSON writes it. */
const LOST_IN_JSON = /\\u(?:0000|d[89a-f])/i;

/** The widest text that an index holds in any language, with room for others beside it. */
export const KEY_LENGTH = 400;

/** The longest tag that is counted by. */
export const TAG_LENGTH = 100;

/** Texts that a provider or a reader may make as long as they like. */
export const TEXT_LENGTH = 8000;

/** Returns a text as {@link cleanText} does, and `null` for anything else. */
export function cleanOptional(value: unknown, length?: number): string | null {
  return typeof value === 'string' ? cleanText(value, length) : null;
}

/** JSON as PostgreSQL holds it; `null` for what is no JSON. */
export function cleanJson(value: unknown): unknown {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
    if (json === undefined || !LOST_IN_JSON.test(json)) return json === undefined ? null : value;
    return JSON.parse(json, (_, held: unknown) => cleanHeld(held));
  } catch {
    return null;
  }
}

function cleanHeld(held: unknown): unknown {
  if (typeof held === 'string') return cleanText(held);
  if (typeof held !== 'object' || held === null || Array.isArray(held)) return held;
  return Object.fromEntries(Object.entries(held).map(([name, value]) => [cleanText(name), value]));
}

const YEAR_10_000 = 253_402_300_800_000;

/** A time from 1970 to 9999, in milliseconds; anything else becomes `otherwise`. */
export function cleanTime(value: unknown, otherwise: number): number {
  const at = value instanceof Date ? value.getTime() : Number.NaN;
  return at >= 0 && at < YEAR_10_000 ? Math.floor(at) : otherwise;
}

/** A whole number that fits the column. */
export function cleanInt(value: unknown): number | null {
  return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31 ? (value as number) : null;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** 128 bits of a hash as a UUID: short and of a fixed length. */
export function uuidOf(text: string): string {
  if (UUID.test(text)) return text;
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** 64 bits of a hash, as text: what groups links. */
export function bigintOf(text: string): string {
  return createHash('sha256').update(text).digest().readBigInt64BE().toString();
}

/** An address as it is stored: providers write it in small letters. */
export function bareRecipient(recipient: string): string {
  return recipient.trim().toLowerCase();
}

/** An address as it is compared and all ways in which the tables may spell it. */
export function spellingsOf(recipient: string): string[] {
  const key = addressKey(recipient) ?? '';
  const at = key.lastIndexOf('@') + 1;
  const local = key.slice(0, at) + domainToUnicode(key.slice(at));
  return [...new Set([bareRecipient(recipient), key, at > 0 ? local : key])].filter(Boolean);
}

/** All ways in which the tables may spell a domain. */
export function spellingsOfDomain(domain: string): string[] {
  return [...new Set([domain, domainToASCII(domain), domainToUnicode(domain)])].filter(Boolean);
}

/** The origin and path of a URL; `null` for what has none. */
export function cutUrl(url: string | null): string | null {
  const { protocol, origin, pathname } = (url === null ? undefined : parseUrl(url)) ?? {};
  return protocol?.startsWith('http') ? `${origin}${pathname}` : null;
}

/** A time of a column, as a date. */
export function toDate(value: unknown): Date | null {
  const at = toMillis(value);
  return at === null ? null : new Date(at);
}

/** A JSON column, which some clients parse and others hand out as text. */
export function fromJson<T>(value: unknown): T {
  return (typeof value === 'string' ? JSON.parse(value) : (value ?? null)) as T;
}
