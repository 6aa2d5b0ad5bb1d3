import { randomBytes } from 'node:crypto';
import { rename, stat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrackingError } from '../tracking.error.js';
import { codeOf } from '../util/error-code.js';
import type { LineLog } from '../util/log.js';

/** A longer path would be cut off without an error: macOS has room for 104 bytes, Linux for 108. */
const MAX_PATH_BYTES = 103;
/** What {@link takeOver} adds to a path. */
const SUFFIX_BYTES = 7;
/** How long processes that start together may take to see each other, in milliseconds. */
const SETTLING_MS = 200;

/** Gives a folder back. */
export type Release = () => Promise<void>;

/**
 * Takes a folder for this process by listening on a Unix socket in it. A socket whose process has
 * ended answers nobody, so the folder of a process that was killed is free. Only processes of one host
 * see each other.
 *
 * @param log gets a warning where no socket can be made: the folder is then taken without a check
 * @throws TrackingError `INVALID_OPTIONS` if a living process owns the folder
 */
export async function takeFolder(folder: string, log: LineLog<'TrackingQueue'>): Promise<Release> {
  const path = join(folder, 'owner.sock');
  try {
    if (Buffer.byteLength(path) + SUFFIX_BYTES > MAX_PATH_BYTES) {
      throw Object.assign(new Error('The path is too long.'), { code: 'ENAMETOOLONG' });
    }
    const server = await listen(path);
    return () => close(server);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EADDRINUSE') return takeOver(path);
    log.write(
      'SPOOL_UNGUARDED',
      `spoolDir: no socket can be made in the folder (${code}), so it is not checked that no other ` +
        'process uses it. Give each process a folder of its own, with a short path.',
    );
    return () => Promise.resolve();
  }
}

/** Replaces a socket that nobody listens on. Of processes that do so together, the last one wins. */
async function takeOver(path: string): Promise<Release> {
  const own = `${path}.${randomBytes(3).toString('hex')}`;
  const server = await listen(own);
  const { ino } = await stat(own);
  if (!(await isAlive(path))) {
    await rename(own, path);
    await sleep(SETTLING_MS);
    const last = await stat(path).catch(() => undefined);
    if (last?.ino === ino) {
      return async () => {
        await unlink(path).catch(() => undefined);
        await close(server);
      };
    }
  }
  await close(server);
  throw new TrackingError(
    'INVALID_OPTIONS',
    'spoolDir: another running process uses this folder; give each process a folder of its own.',
  );
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(path, () => resolve(server.unref()));
  });
}

/** Removes the file, too, if it still has the name that was listened on. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const answer = (isIt: boolean) => {
      socket.destroy();
      resolve(isIt);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
