import { isIP } from 'node:net';

/**
 * An address as numbers of 32 bits, the highest first: one for IPv4, four for IPv6. An IPv6 address
 * that maps an IPv4 address (`::ffff:192.0.2.1`) is that one.
 */
export type IpAddress = readonly number[];

/** The addresses of a network, its first and its last included. */
export interface Network {
  first: IpAddress;
  last: IpAddress;
}

/** Six groups and an IPv4 address, all at their longest. */
const LONGEST = 45;

const DOT = 46;
const COLON = 58;

/**
 * Reads an address as strictly as `node:net` does, in one pass. Zones (`fe80::1%eth0`) are refused:
 * they name an interface of this machine, and no network.
 *
 * @returns `null` for anything else
 */
export function parseIp(text: string): IpAddress | null {
  if (text.length > LONGEST) return null;
  if (text.includes(':')) return parseIpv6(text);
  const value = parseIpv4(text, 0);
  return value === -1 ? null : [value];
}

/**
 * Reads `192.0.2.0/24`, `2001:db8::/32` or a single address. Bits behind the length may be set: they
 * do not count.
 *
 * @returns `null` for anything else
 */
export function parseNetwork(text: string): Network | null {
  const slash = text.indexOf('/');
  const spelt = slash === -1 ? text : text.slice(0, slash);
  const address = parseIp(spelt);
  if (address === null) return null;
  const most = address.length * 32;
  if (slash === -1) return { first: address, last: address };
  const length = text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(length)) return null;
  // The length of a mapped network counts the 96 bits before the IPv4 address.
  const bits = Number(length) - (most === 32 && spelt.includes(':') ? 96 : 0);
  if (bits < 0 || bits > most) return null;
  const sizes = address.map((_, i) => 2 ** (32 - Math.min(Math.max(bits - 32 * i, 0), 32)));
  const first = address.map((word, i) => word - (word % sizes[i]!));
  return { first, last: first.map((word, i) => word + sizes[i]! - 1) };
}

/**
 * A short name of the network that an address is of: its /24 (`192.0.2`), or its /48 (`2001:db8:1`).
 *
 * @returns `null` where the address cannot be read
 */
export function networkOf(ip: string): string | null {
  const address = parseIp(ip);
  if (address === null) return null;
  const [a = 0, b = 0] = address;
  // Numbers are written in one way only, so that the text can be cut.
  if (!ip.includes(':')) return ip.slice(0, ip.lastIndexOf('.'));
  if (address.length === 1) return `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}`;
  return `${hex(a >>> 16)}:${hex(a & 0xffff)}:${hex(b >>> 16)}`;
}

/** An address as lookups know it: without the mapping of IPv4. */
export function spellingOf(ip: string, address: IpAddress): string {
  const [a = 0] = address;
  if (address.length > 1 || !ip.includes(':')) return ip;
  return `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}`;
}

function hex(group: number): string {
  return group.toString(16);
}

/** @returns -1 unless all of the text from `start` on is an IPv4 address */
function parseIpv4(text: string, start: number): number {
  let value = 0;
  let part = -1;
  let dots = 0;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (part === -1 || dots === 3) return -1;
      value = value * 256 + part;
      part = -1;
      dots++;
      continue;
    }
    // A leading zero means octal to some and decimal to others, so it means nothing.
    if (code < 48 || code > 57 || part === 0) return -1;
    part = part === -1 ? code - 48 : part * 10 + code - 48;
    if (part > 255) return -1;
  }
  return dots === 3 && part !== -1 ? value * 256 + part : -1;
}

function parseIpv6(text: string): IpAddress | null {
  const groups = [0, 0, 0, 0, 0, 0, 0, 0];
  let count = 0;
  /** How many groups stand before `::`. */
  let gap = -1;
  let i = 0;
  if (text.startsWith('::')) {
    gap = 0;
    i = 2;
  }
  while (i < text.length) {
    if (count === 8) return null;
    const start = i;
    let group = 0;
    for (let digit; i < text.length && (digit = hexDigit(text.charCodeAt(i))) !== -1; i++) {
      group = group * 16 + digit;
    }
    if (i === start || i - start > 4) return null;
    if (text.charCodeAt(i) === DOT) {
      const ipv4 = parseIpv4(text, start);
      if (ipv4 === -1 || count > 6) return null;
      groups[count++] = ipv4 >>> 16;
      groups[count++] = ipv4 & 0xffff;
      break;
    }
    groups[count++] = group;
    if (i === text.length) break;
    if (text.charCodeAt(i++) !== COLON || i === text.length) return null;
    if (text.charCodeAt(i) !== COLON) continue;
    if (gap !== -1) return null;
    gap = count;
    i++;
  }
  if (gap === -1 ? count !== 8 : count === 8) return null;
  if (gap !== -1) groups.copyWithin(8 - count + gap, gap, count).fill(0, gap, 8 - count + gap);
  return toWords(groups);
}

function toWords([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0]: number[]): IpAddress {
  const last = g * 65536 + h;
  const isMapped = a === 0 && b === 0 && c === 0 && d === 0 && e === 0 && f === 0xffff;
  return isMapped ? [last] : [a * 65536 + b, c * 65536 + d, e * 65536 + f, last];
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** No address with a port, a zone and brackets is longer. */
const MAX_LENGTH = 100;

/**
 * Returns the bare address that a proxy or a provider names: without a port (`192.0.2.1:51234`,
 * `[2001:db8::1]:443`), brackets, quotes and IPv4 mapping.
 *
 * @returns `null` for what is no address: `unknown`, a host name, an empty string
 */
export function ipAddressOf(given: unknown): string | null {
  if (typeof given !== 'string' || given.length > MAX_LENGTH) return null;
  const text = given.trim().replace(/^"(.*)"$/, '$1');
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(text) ?? [];
  const ip = bracketed ?? dotted ?? text;
  if (isIP(ip) === 0) return null;
  const address = parseIp(ip);
  // An address with a zone stays as it is.
  return address ? spellingOf(ip, address) : ip;
}
