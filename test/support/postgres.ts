import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { describeIf } from './needs.js';

/** Where Debian keeps it, the newest first. */
const ROOT = '/usr/lib/postgresql';

/** The folder of `initdb` and `postgres`; `undefined` on a machine without. */
export const POSTGRES_BIN = findBin();

/** Whether the machine has PostgreSQL. */
export const hasPostgres = POSTGRES_BIN !== undefined;

/** A `describe` that needs the PostgreSQL of the machine. */
export const describePostgres = describeIf(hasPostgres, `no PostgreSQL in ${ROOT}`);

function findBin(): string | undefined {
  const versions = existsSync(ROOT) ? readdirSync(ROOT).map(Number).filter(Number.isFinite) : [];
  return versions
    .sort((one, other) => other - one)
    .map((version) => join(ROOT, String(version), 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres')));
}

/** A real PostgreSQL on a free port of loopback, with its files in a folder of its own. */
export class PostgresServer {
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly user: { uid: number; gid: number } | undefined,
  ) {}

  static async start(): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'tracking-postgres-'));
    // It refuses to run as root.
    const user = process.getuid?.() === 0 ? idsOf('postgres') : undefined;
    const server = new PostgresServer(await freePort(), folder, user);
    server.lend(folder);
    const { status, stderr } = spawnSync(
      join(POSTGRES_BIN!, 'initdb'),
      ['-D', join(folder, 'data'), '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C'],
      { ...user, cwd: folder, encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
    await server.restart();
    return server;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** Gives a folder to its user, for files of its own. */
  lend(folder: string): void {
    chmodSync(folder, 0o700);
    if (this.user) chownSync(folder, this.user.uid, this.user.gid);
  }

  /** Starts it again, with what its files hold. */
  async restart(): Promise<void> {
    const { port, folder, user } = this;
    const child = spawn(
      join(POSTGRES_BIN!, 'postgres'),
      ['-D', join(folder, 'data'), '-p', `${port}`, '-k', folder, '-h', '127.0.0.1'],
      // One group, so that none of its processes is left when it is killed.
      { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], detached: true },
    );
    this.child = child;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        if (log.includes('ready to accept connections')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}:\n${log}`)));
      child.once('error', reject);
    });
    child.removeAllListeners('exit');
    child.stderr.removeAllListeners('data');
    child.stderr.resume();
  }

  /** Ends it: at once, as a crash would. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGQUIT');
    await gone;
  }

  /** Makes all its processes hang (`SIGSTOP`) and go on (`SIGCONT`). */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    const { pid } = this.child!;
    // Each of its processes has a session of its own, so the group is of no use.
    const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', `${pid}`], { encoding: 'utf8' });
    for (const one of [pid!, ...stdout.split('\n').filter(Boolean).map(Number)]) {
      process.kill(one, signal);
    }
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function idsOf(name: string): { uid: number; gid: number } {
  const id = (option: string) =>
    Number(spawnSync('id', [option, name], { encoding: 'utf8' }).stdout.trim());
  return { uid: id('-u'), gid: id('-g') };
}
