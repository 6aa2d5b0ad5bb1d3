import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from './until.js';

const MODULES = join(process.cwd(), 'node_modules');
const { version } = JSON.parse(
  readFileSync(join(MODULES, '@electric-sql/pglite/package.json'), 'utf8'),
) as { version: string };

/** A database that was just made. PGlite takes seconds to make one, and no time to copy it. */
const EMPTY = join(MODULES, '.cache', `empty-pglite-${version}`);
const LOCK = `${EMPTY}.lock`;

const CREATE = `const { PGlite } = require('@electric-sql/pglite');
PGlite.create(process.argv[1]).then((db) => db.close());`;

/** Copies an empty database into a folder. The first of all workers makes the one that is copied. */
export async function copyEmptyDatabase(folder: string): Promise<void> {
  if (!existsSync(EMPTY)) await makeEmpty();
  cpSync(EMPTY, folder, { recursive: true });
}

async function makeEmpty(): Promise<void> {
  mkdirSync(join(MODULES, '.cache'), { recursive: true });
  if (!lock() && (await isMadeByAnother())) return;
  const folder = mkdtempSync(`${EMPTY}-`);
  // In a process of its own: Jest's modules make it three times as slow.
  await promisify(execFile)(process.execPath, ['-e', CREATE, folder]);
  try {
    renameSync(folder, EMPTY);
  } catch {
    rmSync(folder, { recursive: true, force: true });
  }
  rmSync(LOCK, { recursive: true, force: true });
}

function lock(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    return false;
  }
}

/** Returns false where the worker that has the lock was ended. */
async function isMadeByAnother(): Promise<boolean> {
  try {
    await until(() => existsSync(EMPTY), 'an empty database', 30_000);
    return true;
  } catch {
    return false;
  }
}
