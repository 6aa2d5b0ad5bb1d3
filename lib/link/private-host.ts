import { BlockList, isIP } from 'node:net';

/**
 * Addresses that name no place on the public internet, from the IANA special-purpose registries
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
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  special4.addSubnet(address, bits, 'ipv4');
}

/** A list of its own: one with IPv4-mapped networks in it would match every IPv4 address. */
const special6 = new BlockList();
for (const [address, bits] of [
  ['::', 96], // unspecified, loopback, and the old way to embed an IPv4 address
  ['::ffff:0:0', 96], // an IPv4 address in disguise
  ['64:ff9b::', 96], // likewise, for NAT64
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16], // likewise, for 6to4
  ['3fff::', 20],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  special6.addSubnet(address, bits, 'ipv6');
}

const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal)$/;

/**
 * Whether a host is private as far as its spelling tells: a special-purpose address, `localhost`,
 * `.local`, `.internal`, or a name without a dot. Never asks DNS.
 *
 * @param host as `URL.hostname` gives it, without a trailing dot
 */
export function isPrivateHost(host: string): boolean {
  const address = host.startsWith('[') ? host.slice(1, -1) : host;
  const family = isIP(address);
  if (family === 4) return special4.check(address, 'ipv4');
  if (family === 6) return special6.check(address, 'ipv6');
  return PRIVATE_NAME.test(host) || !host.includes('.');
}
