import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrackingQueueOptions, TrackingQueueStats } from 'nestjs-email-tracking/bullmq';
import { OPTIONS } from '../support/app.js';
import { Compiled } from '../support/compiled.js';
import { forkApp } from '../support/forked-app.js';
import { RedisServer } from '../support/redis.js';
import { serviceFor } from '../support/service.js';
import { until } from '../support/until.js';
import type { AppSettings } from './processes/app.js';
import type { LoadResult } from './processes/load.js';
import { QUICK } from './queue-app.js';

const FOLDER = 'test/bullmq/processes';
/** Requests a second that two cores answer beside Redis and a worker. */
const RATE = 1000;

/** An app in a process of its own. */
export class Member {
  private constructor(
    readonly child: ChildProcess,
    readonly port: number,
    private readonly logFile: string,
  ) {}

  static async start(path: string, settings: AppSettings, logFile: string): Promise<Member> {
    const { child, port } = await forkApp(path, settings, logFile);
    return new Member(child, port, logFile);
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  async stats(): Promise<TrackingQueueStats> {
    const answer = once(this.child, 'message', { signal: AbortSignal.timeout(5000) });
    this.child.send('stats');
    return ((await answer) as [TrackingQueueStats])[0];
  }

  /** @returns how long the process took to end, in milliseconds */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<number> {
    const started = performance.now();
    if (!this.isAlive) return 0;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
    return performance.now() - started;
  }
}

/** How a process of a fleet differs from the others. */
export type MemberSettings = Partial<Omit<AppSettings, 'queue'>> & {
  queue?: Partial<TrackingQueueOptions>;
};

/** Apps and load generators, each a process of its own, and the count of what was delivered. */
export class Fleet {
  readonly folder = mkdtempSync(join(tmpdir(), 'tracking-fleet-'));
  readonly spoolDir = join(this.folder, 'spool');
  private readonly members: Member[] = [];
  private readonly starting = new Set<Promise<Member>>();
  private readonly answered = new Set<number>();
  private sent = 0;
  private failed = 0;
  private p99 = 0;
  private count = 0;
  private isOver = false;

  constructor(
    private readonly compiled: Compiled,
    private readonly connection: TrackingQueueOptions['connection'],
    private readonly settings: MemberSettings = {},
  ) {}

  static compile(): Compiled {
    return Compiled.make([FOLDER]);
  }

  async start(role: 'both' | 'producer' | 'worker', more: MemberSettings = {}): Promise<Member> {
    const place = this.count++;
    const settings = {
      record: join(this.folder, `record-${place}`),
      ...this.settings,
      ...more,
      tracking: { ...OPTIONS, ...this.settings.tracking, ...more.tracking },
      queue: {
        ...QUICK,
        connection: this.connection,
        role,
        ...this.settings.queue,
        ...more.queue,
      },
    };
    const logFile = join(this.folder, `log-${place}`);
    const starting = Member.start(this.compiled.pathOf(`${FOLDER}/app.ts`), settings, logFile);
    this.starting.add(starting);
    const member = await starting;
    this.members.push(member);
    return member;
  }

  /** Starts a worker that is started again whenever it dies. */
  async startImmortalWorker(more: MemberSettings = {}): Promise<void> {
    const { child } = await this.start('worker', more);
    child.once('exit', () => {
      if (!this.isOver) void this.startImmortalWorker(more);
    });
  }

  /** Sends opens that count for all but the times: a process answers its first hits slowly. */
  async warmUp(member: Member): Promise<void> {
    await this.load(member, 500, 500);
    this.p99 = 0;
  }

  /** Sends opens, numbered on, from a process of its own. */
  async load({ port }: Member, count: number, rate = RATE): Promise<LoadResult> {
    const first = this.sent;
    this.sent += count;
    // In a file: a command line would be too short for thousands of paths.
    const file = join(this.folder, `load-${first}.json`);
    writeFileSync(file, JSON.stringify({ port, paths: paths(count, first), rate }));
    const path = this.compiled.pathOf(`${FOLDER}/load.ts`);
    const child = fork(path, [file], { execArgv: [], stdio: 'inherit' });
    const [result] = (await once(child, 'message')) as [LoadResult];
    for (const place of result.answered) this.answered.add(first + place);
    for (const [status, times] of Object.entries(result.statuses)) {
      if (Number(status) >= 500) this.failed += times;
    }
    this.p99 = Math.max(this.p99, result.p99);
    return result;
  }

  /** How often each event was delivered, by its number. */
  delivered(): Map<number, number> {
    const delivered = new Map<number, number>();
    for (const file of readdirSync(this.folder).filter((name) => name.startsWith('record-'))) {
      const lines = readFileSync(join(this.folder, file), 'utf8').split('\n').filter(Boolean);
      for (const line of lines) {
        const n = Number.parseInt(line, 10);
        delivered.set(n, (delivered.get(n) ?? 0) + 1);
      }
    }
    return delivered;
  }

  /** Waits until a process reports that no event waits anywhere. */
  async drained(member: Member, milliseconds = 20_000): Promise<void> {
    await until(
      async () => {
        const stats = await member.stats();
        const { waiting, active, delayed, buffered, spooledBytes, unaccepted } = stats;
        return [waiting, active, delayed, buffered, spooledBytes, unaccepted].every((n) => n === 0);
      },
      'nothing waits',
      milliseconds,
    );
  }

  /** Prints and returns what became of all hits. */
  report(title: string, more = '') {
    const delivered = this.delivered();
    const calls = [...delivered.values()].reduce((a, b) => a + b, 0);
    const counts = {
      sent: this.sent,
      answered: this.answered.size,
      failed: this.failed,
      p99: Math.round(this.p99),
      delivered: delivered.size,
      lost: [...this.answered].filter((n) => !delivered.has(n)).length,
      repeated: calls - delivered.size,
    };
    const shown = { ...counts, p99: `${counts.p99} ms` };
    const line = Object.entries(shown).map(([name, value]) => `${name} ${value}`);
    process.stderr.write(`${title}: ${line.join(', ').replace('failed', '5xx')}${more}\n`);
    return counts;
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.allSettled(this.starting);
    await Promise.all(this.members.map((member) => member.end()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Paths of opens; `metadata.n` tells them apart. */
function paths(count: number, from: number): string[] {
  const tracking = serviceFor();
  return Array.from(
    { length: count },
    (_, i) => new URL(tracking.getOpenTrackingUrl({ n: from + i })).pathname,
  );
}

/** Gives each test fleets and servers of its own, and ends them after it, the newest first. */
export function freshFleets() {
  const ends: (() => unknown)[] = [];
  let compiled: Compiled;
  beforeAll(() => {
    compiled = Fleet.compile();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(() => compiled.remove());
  return {
    /** Remembers how something is ended. */
    endBy: (end: () => unknown) => void ends.push(end),
    async redis(settings?: readonly string[]): Promise<RedisServer> {
      const redis = await RedisServer.start(settings);
      ends.push(() => redis.stop());
      return redis;
    },
    fleet(connection: TrackingQueueOptions['connection'], settings?: MemberSettings): Fleet {
      const fleet = new Fleet(compiled, connection, settings);
      ends.push(() => fleet.end());
      return fleet;
    },
  };
}
