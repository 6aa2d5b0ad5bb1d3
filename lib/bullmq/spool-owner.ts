import { randomBytes } from 'node:crypto';
import { rename, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { TrackingError } from '../tracking.error.js';

/** Keeps other processes out of a folder, as long as this process lives. */
export class SpoolOwner {
  private constructor(private readonly server: Server | undefined) {}

  /**
   * Takes a folder by listening on a Unix socket in it. The system ends a socket with its process, so
   * a folder whose owner was killed is free. Only processes of one host see each other.
   *
   * @param warn is called where no socket can be made: the folder is then taken without a check
   * @throws TrackingError `INVALID_OPTIONS` if a living process owns the folder
   */
  static async take(folder: string, warn: (message: string) => void): Promise<SpoolOwner> {
    const path = join(folder, 'owner.sock');
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        return new SpoolOwner(await listen(path));
      } catch (error) {
        const { code = 'unknown error' } = error as NodeJS.ErrnoException;
        if (code !== 'EADDRINUSE') {
          warn(
            `spoolDir: no socket can be made in the folder (${code}), so it is not checked that no ` +
              'other process uses it. Give each process a folder of its own, with a short path.',
          );
          return new SpoolOwner(undefined);
        }
      }
      if (await isAlive(path)) throw inUse();
      await removeDead(path);
    }
    throw inUse();
  }

  /** Gives the folder back. */
  async release(): Promise<void> {
    const { server } = this;
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(path, () => resolve(server.unref()));
  });
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

/** Another process may have taken the folder just now, so the socket is looked at once more. */
async function removeDead(path: string): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, aside);
    if (await isAlive(aside)) await rename(aside, path);
    else await unlink(aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function inUse(): TrackingError {
  return new TrackingError(
    'INVALID_OPTIONS',
    'spoolDir: another running process uses this folder; give each process a folder of its own.',
  );
}
