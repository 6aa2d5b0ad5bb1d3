import { isIP } from 'node:net';

/** An IPv4 address as an IPv6 socket names it: `::ffff:192.0.2.1` or `::ffff:c000:201`. */
const MAPPED = /^(?:::|(?:0{1,4}:){5})ffff:(?:([\d.]+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i;

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
  const address = bracketed ?? dotted ?? text;
  switch (isIP(address)) {
    case 4:
      return address;
    case 6:
      return withoutMapping(address);
    default:
      return null;
  }
}

function withoutMapping(address: string): string {
  const [, dotted, high, low] = MAPPED.exec(address) ?? [];
  if (dotted !== undefined) return dotted;
  if (high === undefined) return address;
  const [a, b] = [parseInt(high, 16), parseInt(low!, 16)];
  return [a >> 8, a & 0xff, b >> 8, b & 0xff].join('.');
}
