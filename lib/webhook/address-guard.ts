import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isSpecialAddress } from '../util/private-host.js';
import type { TrackingError } from '../tracking.error.js';
import { webhookRefused } from './webhook-failure.js';

/** `dns.lookup`, or what a test puts in its place: every address of a name. */
export type ResolveAll = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Judges a host that is spelled as an address. Node connects to such a host without a lookup, so
 * {@link guardedLookup} never sees it.
 *
 * @param url as it is about to be connected to
 * @throws TrackingError `WEBHOOK_REFUSED`
 */
export function judgeLiteral({ hostname }: URL): void {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isSpecialAddress(host)) throw refused();
}

/**
 * A `lookup` for sockets that lets no special address through. The addresses that it judged are the
 * ones that are connected to, so no second answer of DNS can slip in between. One special address
 * among several refuses the name: it has no business there.
 */
export function guardedLookup(resolve: ResolveAll): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error) return callback(error, '');
      if (!first || addresses.some(({ address }) => isSpecialAddress(address))) {
        return callback(refused(), '');
      }
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function refused(): TrackingError {
  return webhookRefused(
    'its host has a private, loopback or other special address. To allow it, set ' +
      'webhookAllowPrivateHosts',
  );
}
