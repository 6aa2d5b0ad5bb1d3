// Both databases of the store: PGlite in memory, and a real PostgreSQL on loopback.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Pool } from 'pg';
import { pgClient, pgliteClient } from '../../dist/stats/index.js';

export async function openPglite() {
  const db = await PGlite.create();
  return { client: pgliteClient(db), close: () => db.close() };
}

/** @returns `undefined` on a machine without PostgreSQL */
export async function openPostgres() {
  const bin = findBin();
  if (!bin) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'bench-postgres-'));
  // It refuses to run as root.
  const user = process.getuid() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  if (user.uid) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...user, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const child = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1', '-c', 'shared_buffers=256MB'],
    { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await new Promise((resolve, reject) => {
    let log = '';
    child.stderr.on('data', (chunk) => {
      log += chunk;
      if (log.includes('ready to accept connections')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}: ${log}`)));
  });
  child.removeAllListeners('exit');
  const pool = new Pool({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    database: 'postgres',
    max: 4,
  });
  return {
    client: pgClient(pool),
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    psql: join(bin, 'psql'),
    async close() {
      await pool.end();
      child.kill('SIGINT');
      await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Measures on each database that is installed, one after the other.
 *
 * @param measure gets the name of a database and its client, and returns rows
 */
export async function onEachDatabase(log, measure) {
  const rows = [];
  for (const [name, open] of [
    ['PGlite', openPglite],
    ['PostgreSQL', openPostgres],
  ]) {
    const database = await open();
    if (!database) {
      log(`  skipped: ${name} is not installed`);
      continue;
    }
    try {
      rows.push(...(await measure(name, database.client)));
    } finally {
      await database.close();
    }
  }
  return rows;
}

function findBin() {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).map(Number).filter(Number.isFinite) : [];
  return versions
    .sort((one, other) => other - one)
    .map((version) => join(root, String(version), 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
}

function idOf(option) {
  return Number(spawnSync('id', [option, 'postgres'], { encoding: 'utf8' }).stdout.trim());
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
