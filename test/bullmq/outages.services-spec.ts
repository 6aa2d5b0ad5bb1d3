import {
  appendFileSync,
  existsSync,
  readdirSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TrackingQueueOptions, TrackingQueueService } from 'nestjs-email-tracking/bullmq';
import { type TestApp } from '../support/app.js';
import { describeRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { freshForEach, startQueueApp } from './queue-app.js';

const BUDGET_MS = 200;
/** So that what is lost can be counted in advance. */
const ONE = { size: 1 };

describeRedis('while Redis is slow or down', () => {
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
  async function end(app: TestApp) {
    fresh.open.splice(fresh.open.indexOf(app), 1);
    await app.close();
  }
  async function handledBy(options: Partial<TrackingQueueOptions>, count: number) {
    const app = await start({ ...options, role: 'both' });
    await until(() => new Set(app.recorder.events.map(({ eventId }) => eventId)).size >= count);
    return app.recorder.events.map(({ metadata }) => metadata.n as number).sort((a, b) => a - b);
  }

  it('starts without Redis, answers at once, and writes what waited when Redis is there', async () => {
    await fresh.redis.kill();
    const app = await start();
    for (let n = 0; n < 10; n++) expect(await hit(app, n)).toBeLessThan(BUDGET_MS);
    await until(async () => (await stats(app)).buffered === 10);
    expect(await stats(app)).toMatchObject({ accepted: 0, unaccepted: 10, lost: 0 });
    await fresh.redis.restart();
    await until(async () => (await stats(app)).accepted === 10);
    expect(await stats(app)).toMatchObject({ unaccepted: 0, buffered: 0 });
    expect(await handledBy({}, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('holds readers up for the budget while Redis hangs, and after five times not at all', async () => {
    const app = await start();
    await hit(app, 0);
    fresh.redis.signal('SIGSTOP');
    const times: number[] = [];
    for (let n = 1; n <= 8; n++) times.push(await hit(app, n));
    for (const time of times.slice(0, 5)) expect(time).toBeLessThan(BUDGET_MS + 100);
    for (const time of times.slice(5)) expect(time).toBeLessThan(BUDGET_MS / 2);
    expect(times[0]).toBeGreaterThan(BUDGET_MS / 2);
    expect(app.logs.text).toContain('Responses no longer wait for it');
    fresh.redis.signal('SIGCONT');
    await until(async () => (await stats(app)).accepted === 9);
    await until(async () => (await app.app.get(TrackingQueueService).health()).status === 'up');
    expect(await hit(app, 9)).toBeLessThan(BUDGET_MS / 2);
    expect(await handledBy({}, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('counts and logs what a full buffer cannot hold', async () => {
    await fresh.redis.kill();
    const app = await start({ bufferSize: 5, batch: ONE });
    for (let n = 0; n < 8; n++) await hit(app, n);
    expect(await stats(app)).toMatchObject({ buffered: 5, unaccepted: 5, lost: 3 });
    expect(app.logs.text).toContain('events were lost (3 in total): the buffer is full');
    await fresh.redis.restart();
    await until(async () => (await stats(app)).accepted === 5);
    expect(await handledBy({}, 5)).toEqual([3, 4, 5, 6, 7]);
  });

  it('lets the buffer overflow into the spool, and drains it by itself', async () => {
    const spoolDir = join(fresh.folder, 'spool');
    await fresh.redis.kill();
    const app = await start({ bufferSize: 5, spoolDir, batch: ONE });
    for (let n = 0; n < 20; n++) await hit(app, n);
    await until(async () => (await stats(app)).accepted === 15);
    const before = await stats(app);
    expect(before).toMatchObject({ buffered: 5, unaccepted: 5, lost: 0 });
    expect(before.spooledBytes).toBeGreaterThan(15 * 100);
    const [file] = readdirSync(spoolDir);
    expect(statSync(spoolDir).mode & 0o777).toBe(0o700);
    expect(statSync(join(spoolDir, file!)).mode & 0o777).toBe(0o600);
    await fresh.redis.restart();
    await until(async () => (await stats(app)).spooledBytes === 0);
    expect(readdirSync(spoolDir)).toEqual([]);
    expect(await stats(app)).toMatchObject({ accepted: 20, unaccepted: 0, lost: 0 });
    expect(await handledBy({}, 20)).toHaveLength(20);
  });

  it('loses no more than it says where the spool is full', async () => {
    await fresh.redis.kill();
    const app = await start({
      bufferSize: 1,
      spoolDir: fresh.folder,
      spoolMaxBytes: 2048,
      batch: ONE,
    });
    for (let n = 0; n < 20; n++) await hit(app, n);
    await until(async () => {
      const { accepted, lost, unaccepted } = await stats(app);
      return unaccepted === 1 && accepted + lost === 19;
    });
    const { accepted, lost } = await stats(app);
    expect(accepted).toBeGreaterThan(0);
    expect(lost).toBeGreaterThan(0);
    expect(app.logs.text).toContain('the spool has reached spoolMaxBytes');
  });

  it('empties the buffer into the spool at the end, and the next start drains it', async () => {
    await fresh.redis.kill();
    const app = await start({ spoolDir: fresh.folder });
    for (let n = 0; n < 10; n++) await hit(app, n);
    await end(app);
    const [file] = readdirSync(fresh.folder);
    expect(statSync(join(fresh.folder, file!)).size).toBeGreaterThan(1000);
    await fresh.redis.restart();
    // Its owner was this very process, which lives: so the test makes it one that is gone.
    const orphan = asOrphan(fresh.folder, file!);
    expect(await handledBy({ spoolDir: fresh.folder }, 10)).toHaveLength(10);
    expect(existsSync(orphan)).toBe(false);
    await until(() => readdirSync(fresh.folder).length === 0);
  });

  it('is drained by a worker, too', async () => {
    await fresh.redis.kill();
    const app = await start({ spoolDir: fresh.folder });
    await hit(app, 0);
    await end(app);
    asOrphan(fresh.folder, readdirSync(fresh.folder)[0]!);
    await fresh.redis.restart();
    const worker = await start({ spoolDir: fresh.folder, role: 'worker' });
    await until(() => worker.recorder.events.length === 1);
    await until(() => readdirSync(fresh.folder).length === 0);
  });

  it('recovers a spool file that was cut off in the middle of a record', async () => {
    await fresh.redis.kill();
    const app = await start({ spoolDir: fresh.folder, batch: ONE, bufferSize: 1 });
    for (let n = 0; n < 10; n++) await hit(app, n);
    await end(app);
    const orphan = asOrphan(fresh.folder, readdirSync(fresh.folder)[0]!);
    truncateSync(orphan, statSync(orphan).size - 7);
    // A second one that holds nothing but the start of a record.
    const torn = join(fresh.folder, 'hits-elsewhere-1-00000000000000aa.spool');
    appendFileSync(torn, Buffer.from([0, 0, 1, 0, 9]));
    await fresh.redis.restart();
    expect(await handledBy({ spoolDir: fresh.folder }, 9)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    await until(() =>
      fresh.open.some(({ logs }) => /0 damaged batches and \d+ bytes/.test(logs.text)),
    );
    await until(() => readdirSync(fresh.folder).length === 1);
  });
});

/** Gives a file the name of a process that is gone. */
function asOrphan(folder: string, name: string): string {
  const path = join(folder, name.replace(/-\d+-(?=[0-9a-f]{16}\.spool$)/, '-4194999-'));
  renameSync(join(folder, name), path);
  return path;
}
