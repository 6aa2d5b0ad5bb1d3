import type { LookupAddress, LookupOptions } from 'node:dns';

/** `dns.lookup`, or what a test puts in its place: finds every address of a name. */
export type ResolveAll = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;
