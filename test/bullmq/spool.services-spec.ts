import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TrackingQueueOptions, TrackingQueueService } from 'nestjs-email-tracking/bullmq';
import { type TestApp } from '../support/app.js';
import { describeRedis } from '../support/redis.js';
import { SmallDisk } from '../support/small-disk.js';
import { until } from '../support/until.js';
import { freshForEach, startQueueApp } from './queue-app.js';

const BUDGET_MS = 200;

describeRedis('the buffer and the spool', () => {
  const fresh = freshForEach();

  async function start(options: Partial<TrackingQueueOptions> = {}): Promise<TestApp> {
    const app = await startQueueApp(
      'fastify',
      { connection: fresh.redis.url, role: 'producer', ...options },
      { tracking: { responseBudgetMs: BUDGET_MS } },
    );
    fresh.open.push(app);
    return app;
  }
  const stats = (app: TestApp) => app.app.get(TrackingQueueService).stats();
  const hit = async (app: TestApp, n: number) => {
    const started = performance.now();
    const { status } = await app.get(app.tracking.getOpenTrackingUrl({ n }));
    expect(status).toBe(200);
    return performance.now() - started;
  };
  const hits = async (app: TestApp, count: number) => {
    for (let n = 0; n < count; n++) await hit(app, n);
  };
  async function end(app: TestApp) {
    fresh.open.splice(fresh.open.indexOf(app), 1);
    await app.close();
  }
  /** Starts a worker, waits until it has handled as many events, and returns their numbers. */
  async function handledBy(options: Partial<TrackingQueueOptions>, count: number) {
    const app = await start({ ...options, role: 'both' });
    await until(() => new Set(app.recorder.events.map(({ eventId }) => eventId)).size >= count);
    const numbers = app.recorder.events.map(({ metadata }) => metadata.n as number);
    return { app, numbers: numbers.sort((a, b) => a - b) };
  }
  /** The file in a folder that holds records. */
  function fileIn(folder: string): string {
    const files = readdirSync(folder).map((name) => join(folder, name));
    const [file, ...more] = files.filter((path) => statSync(path).isFile());
    expect(more).toEqual([]);
    return file!;
  }

  it('starts without Redis, answers at once, and writes what waited when Redis is there', async () => {
    await fresh.redis.kill();
    const app = await start();
    for (let n = 0; n < 10; n++) expect(await hit(app, n)).toBeLessThan(BUDGET_MS + 50);
    expect(await stats(app)).toMatchObject({ unaccepted: 10, lost: 0, redis: 'away' });
    await fresh.redis.restart();
    await until(async () => (await stats(app)).unaccepted === 0);
    expect(await stats(app)).toMatchObject({ waiting: 10, buffered: 0, lost: 0, redis: 'up' });
    expect((await handledBy({}, 10)).numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('holds readers up for the budget at most while Redis hangs, and soon not at all', async () => {
    const app = await start();
    await hit(app, 0);
    fresh.redis.signal('SIGSTOP');
    const times: number[] = [];
    for (let n = 1; n <= 10; n++) times.push(await hit(app, n));
    for (const time of times) expect(time).toBeLessThan(BUDGET_MS + 100);
    for (const time of times.slice(5)) expect(time).toBeLessThan(BUDGET_MS / 2);
    fresh.redis.signal('SIGCONT');
    await until(async () => (await stats(app)).unaccepted === 0);
    await until(async () => (await app.app.get(TrackingQueueService).health()).status === 'up');
    expect(await hit(app, 11)).toBeLessThan(BUDGET_MS / 2);
    expect((await handledBy({}, 12)).numbers).toHaveLength(12);
  });

  it('counts and logs what a full buffer cannot hold', async () => {
    await fresh.redis.kill();
    const app = await start({ bufferSize: 5 });
    await hits(app, 8);
    expect(await stats(app)).toMatchObject({ unaccepted: 5, lost: 3 });
    expect(app.logs.text).toMatch(/3 in total.*spoolDir/);
    await fresh.redis.restart();
    expect((await handledBy({}, 5)).numbers).toHaveLength(5);
  });

  it('lets the buffer overflow into the spool, and reads it back by itself', async () => {
    const spoolDir = join(fresh.folder, 'spool');
    await fresh.redis.kill();
    const app = await start({ bufferSize: 5, spoolDir });
    await hits(app, 20);
    await until(async () => (await stats(app)).unaccepted <= 5);
    const before = await stats(app);
    expect(before).toMatchObject({ lost: 0 });
    expect(before.spooledBytes).toBeGreaterThan(15 * 100);
    expect(statSync(spoolDir).mode & 0o777).toBe(0o700);
    expect(statSync(fileIn(spoolDir)).mode & 0o777).toBe(0o600);
    await fresh.redis.restart();
    await until(async () => (await stats(app)).spooledBytes === 0);
    await until(async () => (await stats(app)).unaccepted === 0);
    expect(await stats(app)).toMatchObject({ waiting: 20, lost: 0 });
  });

  it.each(['both', 'worker', 'producer'] as const)(
    'keeps the buffer at the end, and role %s reads it back at its start',
    async (role) => {
      await fresh.redis.kill();
      const spoolDir = fresh.folder;
      const app = await start({ spoolDir });
      await hits(app, 10);
      await end(app);
      expect(statSync(fileIn(spoolDir)).size).toBeGreaterThan(1000);
      await fresh.redis.restart();
      const next = await start({ spoolDir, role });
      await until(async () => (await stats(next)).spooledBytes === 0);
      expect((await handledBy({}, role === 'producer' ? 10 : 0)).app).toBeDefined();
      await until(() => fresh.open.some((one) => (one as TestApp).recorder.events.length > 0));
    },
  );

  it('refuses a folder that a living process owns, and says so', async () => {
    const owner = await start({ spoolDir: fresh.folder });
    await expect(start({ spoolDir: fresh.folder })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/spoolDir.*process/s) as unknown,
    });
    await end(owner);
    await start({ spoolDir: fresh.folder });
  });

  it('warns that it is not checked who owns a folder with a long path', async () => {
    const long = join(fresh.folder, 'x'.repeat(100));
    const [one, other] = [join(long, 'one'), join(long, 'other')];
    const app = await start({ spoolDir: one });
    await start({ spoolDir: other });
    expect(app.logs.text).toMatch(/spoolDir.*not checked/s);
    expect(readdirSync(fresh.folder)).toEqual(['x'.repeat(100)]);
  });

  describe('with damage', () => {
    /** Leaves ten events in the spool. */
    async function spoolTen(): Promise<string> {
      await fresh.redis.kill();
      const app = await start({ spoolDir: fresh.folder });
      await hits(app, 10);
      await end(app);
      await fresh.redis.restart();
      return fileIn(fresh.folder);
    }

    it('recovers all whole records of a file that was cut off in one', async () => {
      const file = await spoolTen();
      truncateSync(file, statSync(file).size - 7);
      const { app, numbers } = await handledBy({ spoolDir: fresh.folder }, 9);
      expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      expect(app.logs.text).toMatch(/spool/);
      await until(async () => (await stats(app)).spooledBytes === 0);
    });

    it('leaves out a record that was changed, and counts it', async () => {
      const file = await spoolTen();
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(file, bytes);
      const { app, numbers } = await handledBy({ spoolDir: fresh.folder }, 9);
      expect(numbers).toHaveLength(9);
      expect(app.logs.text).toMatch(/spool/);
    });

    it('starts with a file that holds nothing but the start of a record', async () => {
      const file = await spoolTen();
      truncateSync(file, 5);
      const app = await start({ spoolDir: fresh.folder });
      await until(async () => (await stats(app)).spooledBytes === 0);
      expect(app.logs.text).toMatch(/spool/);
    });
  });

  it('counts what is lost where the spool has reached its limit', async () => {
    await fresh.redis.kill();
    const app = await start({ bufferSize: 1, spoolDir: fresh.folder, spoolMaxBytes: 4096 });
    await hits(app, 20);
    await until(async () => (await stats(app)).lost > 0);
    expect(app.logs.text).toMatch(/spoolMaxBytes/);
    // What does not fit into the buffer waits for the disk, however slow that is.
    await until(async () => (await stats(app)).unaccepted <= 1);
    await fresh.redis.restart();
    await until(async () => (await stats(app)).spooledBytes === 0);
    await until(async () => (await stats(app)).unaccepted === 0);
    const { lost, waiting } = await stats(app);
    expect(waiting).toBe(20 - lost);
    expect(waiting).toBeGreaterThan(0);
  });

  it('counts what is lost where the disk is full', async () => {
    const disk = SmallDisk.mount(1);
    if (!disk) return;
    let app: TestApp | undefined;
    try {
      await fresh.redis.kill();
      app = await start({ bufferSize: 1, spoolDir: join(disk.folder, 'spool') });
      await hits(app, 5);
      disk.fill();
      await hits(app, 20);
      await until(async () => (await stats(app!)).lost >= 15);
      expect(app.logs.text).toMatch(/ENOSPC/);
      disk.free();
      await fresh.redis.restart();
      await until(async () => (await stats(app!)).spooledBytes === 0);
      await until(async () => (await stats(app!)).unaccepted === 0);
      const { lost, waiting } = await stats(app);
      process.stderr.write(`disk full: sent 25, kept ${waiting}, lost ${lost}\n`);
      expect(waiting! + lost).toBe(25);
    } finally {
      if (app) await end(app);
      disk.unmount();
    }
  });
});
