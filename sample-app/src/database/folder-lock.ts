import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingsError } from '../settings.js';

/** Folders that this process has open. Process ids are reused, so the id in the file is not enough. */
const ours = new Set<string>();

/**
 * Locks a folder for this process: two processes in one PGlite folder would damage it.
 *
 * @returns a function that unlocks it
 * @throws SettingsError if a running process has locked it
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'in-use');
  const owner = readOwner(file);
  const isTaken = owner === process.pid ? ours.has(folder) : owner !== null && isAlive(owner);
  if (isTaken) {
    throw new SettingsError([
      `DATA_DIR (${folder}) is in use by process ${owner}: stop it, or set DATA_DIR to another folder.`,
    ]);
  }
  writeFileSync(file, `${process.pid}\n`);
  ours.add(folder);
  return () => {
    ours.delete(folder);
    rmSync(file, { force: true });
  };
}

function readOwner(file: string): number | null {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
