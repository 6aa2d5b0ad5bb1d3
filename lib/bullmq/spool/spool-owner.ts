import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** Who writes a file: its name says so. */
export interface SpoolOwner {
  host: string;
  pid: number;
}

/** A living owner touches its file this often, in milliseconds. */
export const HEARTBEAT_MS = 10_000;
/** A file of another machine that has not been touched for this long is an orphan. */
const ORPHANED_AFTER_MS = 5 * 60_000;

const NAME = /^hits-([\w.-]+)-(\d+)-[0-9a-f]{16}\.spool$/;

/** A new file name of this process. */
export function newSpoolName(): string {
  return `hits-${hostName()}-${process.pid}-${randomBytes(8).toString('hex')}.spool`;
}

/** Whose file it is; `undefined` for files that are not ours to touch. */
export function ownerOf(name: string): SpoolOwner | undefined {
  const [, host, pid] = NAME.exec(name) ?? [];
  return host === undefined ? undefined : { host, pid: Number(pid) };
}

/**
 * Whether the process that wrote a file is gone.
 *
 * @param touched when the file was last written or touched, in milliseconds since 1970
 */
export function isOrphan(owner: SpoolOwner, touched: number, now: number = Date.now()): boolean {
  if (owner.host !== hostName()) return now - touched > ORPHANED_AFTER_MS;
  // In a container every process is number 1: a file from before our start is no file of ours.
  if (owner.pid === process.pid) return touched < now - process.uptime() * 1000;
  return !isAlive(owner.pid) || now - touched > ORPHANED_AFTER_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function hostName(): string {
  return hostname().replace(/[^\w.-]/g, '_') || 'host';
}
