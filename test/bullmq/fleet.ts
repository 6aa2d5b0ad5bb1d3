import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrackingQueueOptions, TrackingQueueStats } from 'nestjs-email-tracking/bullmq';
import { OPTIONS } from '../support/app.js';
import { Compiled } from '../support/compiled.js';
import type { RedisServer } from '../support/redis.js';
import { serviceFor } from '../support/service.js';
import type { AppSettings } from './processes/app.js';
import type { LoadResult, LoadSettings } from './processes/load.js';

const FOLDER = 'test/bullmq/processes';

/** A process of the fleet. */
export class Member {
  private constructor(
    readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(path: string, settings: AppSettings): Promise<Member> {
    const child = fork(path, [JSON.stringify(settings)], { execArgv: [], stdio: 'inherit' });
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`A process ended with ${code} before it was ready.`);
      }),
    ])) as [{ port: number }];
    return new Member(child, message.port);
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async ask(what: 'stats' | 'times' = 'stats') {
    const answer = once(this.child, 'message');
    this.child.send(what);
    const [message] = (await answer) as [{ stats: TrackingQueueStats; times: number[] }];
    return message;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!this.isAlive) return;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
  }
}

/** What all processes of a fleet share. */
type FleetSettings = Partial<Omit<AppSettings, 'queue'>> & {
  queue?: Partial<TrackingQueueOptions>;
};

/** Producers, workers and a load generator, each a process of its own. */
export class Fleet {
  readonly folder = mkdtempSync(join(tmpdir(), 'tracking-fleet-'));
  readonly spoolDir = join(this.folder, 'spool');
  readonly record = join(this.folder, 'record');
  private readonly members: Member[] = [];
  private readonly starting = new Set<Promise<Member>>();
  private workers: Member[] = [];
  private isOver = false;

  constructor(
    private readonly compiled: Compiled,
    private readonly redis: RedisServer,
    private readonly settings: FleetSettings = {},
  ) {}

  static compile(): Compiled {
    return Compiled.make([FOLDER]);
  }

  async start(role: 'producer' | 'worker', more: Partial<AppSettings> = {}): Promise<Member> {
    const starting = Member.start(this.compiled.pathOf(`${FOLDER}/app.ts`), {
      ...this.settings,
      tracking: { ...OPTIONS, ...this.settings.tracking },
      queue: {
        connection: this.redis.url,
        role,
        stalledAfterMs: 500,
        backoff: { delay: 50, maxDelay: 500 },
        ...(role === 'producer' && { spoolDir: this.spoolDir }),
        ...this.settings.queue,
      },
      ...(role === 'worker' && { record: this.record }),
      ...more,
    });
    this.starting.add(starting);
    const member = await starting;
    this.members.push(member);
    return member;
  }

  /** A worker that is started again whenever it dies. */
  async startImmortalWorker(): Promise<void> {
    const worker = await this.start('worker');
    const { child } = worker;
    this.workers = [...this.workers.filter(({ isAlive }) => isAlive), worker];
    child.once('exit', () => {
      if (!this.isOver) void this.startImmortalWorker();
    });
  }

  /** Kills the immortal workers. */
  killWorkers(): void {
    for (const { child } of this.workers) child.kill('SIGKILL');
  }

  /** Sends hits from a process of its own. */
  async load(settings: Omit<LoadSettings, 'connections'> & { connections?: number }) {
    const path = this.compiled.pathOf(`${FOLDER}/load.ts`);
    // In a file: a command line would be too short for thousands of paths.
    const file = join(this.folder, 'load.json');
    writeFileSync(file, JSON.stringify({ connections: 32, ...settings }));
    const child = fork(path, [file], { execArgv: [], stdio: 'inherit' });
    const [result] = (await once(child, 'message')) as [LoadResult];
    return result;
  }

  /** How often the handler was called. */
  lines(): number {
    return readFileSync(this.record, 'utf8').split('\n').length - 1;
  }

  /** The ids under which each hit was handled. */
  handled(): Map<number, Set<string>> {
    const handled = new Map<number, Set<string>>();
    const lines = existsSync(this.record) ? readFileSync(this.record, 'utf8').split('\n') : [];
    for (const line of lines.filter(Boolean)) {
      const [n, id] = line.split(' ') as [string, string];
      const ids = handled.get(Number(n)) ?? new Set();
      handled.set(Number(n), ids.add(id));
    }
    return handled;
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.allSettled(this.starting);
    await Promise.all(this.members.map((member) => member.kill()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Paths of opens; `metadata.n` tells them apart. */
export function paths(count: number, from = 0): string[] {
  const tracking = serviceFor();
  return Array.from(
    { length: count },
    (_, i) => new URL(tracking.getOpenTrackingUrl({ n: from + i })).pathname,
  );
}

/** Shows a count, whatever Jest does with the console. */
export function print(line: string): void {
  process.stderr.write(`${line}\n`);
}
