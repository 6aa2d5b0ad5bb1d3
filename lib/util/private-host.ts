import { BlockList, isIP } from 'node:net';
import { parseIp, spellingOf } from './ip-address.js';

/**
 * Addresses that are set apart for special purposes, by the IANA registries
 * (https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry,
 * read in November 2026), and multicast.
 */
const special4 = new BlockList();
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  special4.addSubnet(address, bits, 'ipv4');
}

const special6 = new BlockList();
for (const [address, bits] of [
  ['::', 96], // unspecified, loopback, and the old way to embed an IPv4 address
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['100:0:0:1::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10], // site-local: deprecated, and in no registry, but routers still know it
  ['ff00::', 8],
] as const) {
  special6.addSubnet(address, bits, 'ipv6');
}

/** Networks whose addresses embed IPv4 addresses, and the 16-bit group at which these start. */
const DISGUISES = [
  { prefix: [0, 0, 0, 0, 0xffff, 0], at: 6 }, // ::ffff:0:0:0/96, IPv4-translated (SIIT)
  { prefix: [0x64, 0xff9b, 0, 0, 0, 0], at: 6 }, // 64:ff9b::/96, NAT64
  { prefix: [0x2002], at: 1 }, // 2002::/16, 6to4
];

/** The last groups of an ISATAP address (RFC 5214), in any network, in front of the IPv4 address. */
const ISATAP = [0x5efe, 0x200_5efe];

/**
 * Whether an address is set apart, so that it names no ordinary place on the public internet. An
 * IPv6 address that embeds an IPv4 address is checked as that one, too.
 *
 * @param address IPv4 or IPv6, with or without a zone; anything else counts as special
 */
export function isSpecialAddress(address: string): boolean {
  const bare = address.replace(/%.*$/s, '');
  const family = isIP(bare);
  if (family === 4) return special4.check(bare, 'ipv4');
  if (family !== 6) return true;
  const hidden = hiddenAddress(bare);
  return special6.check(bare, 'ipv6') || (hidden !== undefined && special4.check(hidden, 'ipv4'));
}

/** Returns the IPv4 address that an IPv6 address embeds, if any. */
function hiddenAddress(ip: string): string | undefined {
  const address = parseIp(ip);
  if (!address) return undefined;
  // IPv4-mapped: ::ffff:0:0/96.
  if (address.length === 1) return spellingOf(ip, address);
  const groups = address.flatMap((word) => [word >>> 16, word & 0xffff]);
  const disguise = DISGUISES.find(({ prefix }) => prefix.every((group, i) => groups[i] === group));
  const isatap = ISATAP.includes(groups[4]! * 0x1_0000 + groups[5]!);
  if (!disguise && !isatap) return undefined;
  const [high = 0, low = 0] = groups.slice(disguise?.at ?? 6);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal)$/;

/**
 * Whether a host is private as far as its spelling tells: a special-purpose address, an IPv4
 * address in disguise, `localhost`, `.local`, `.internal`, or a name without a dot. Never asks DNS.
 *
 * @param hostname as `URL.hostname` gives it
 */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  // No name on the internet has an empty label, but some resolvers drop the dots.
  if (host.endsWith('.')) return true;
  const address = host.startsWith('[') ? host.slice(1, -1) : host;
  const family = isIP(address);
  if (family === 0) return PRIVATE_NAME.test(host) || !host.includes('.');
  // Nobody who means well writes a public IPv4 address like that.
  if (family === 6 && hiddenAddress(address) !== undefined) return true;
  return isSpecialAddress(address);
}

/** Returns true for `localhost` and loopback addresses, but not for a name such as `127.evil.example`. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127\..*|\[::1\])$/.test(host) && isPrivateHost(host);
}
