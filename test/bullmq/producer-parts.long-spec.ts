import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isTrackingError, type TrackingEvent } from 'nestjs-email-tracking';
import { AloneLock } from '../../lib/bullmq/alone-lock.js';
import { encodeEvent } from '../../lib/bullmq/event-codec.js';
import { JobProcessor } from '../../lib/bullmq/job-processor.js';
import { Batcher } from '../../lib/util/batcher.js';
import { EVENT_JOB } from '../../lib/bullmq/queue-names.js';
import { toQueueSettings } from '../../lib/bullmq/queue-options.js';
import { QueueSink } from '../../lib/bullmq/queue-sink.js';
import { reportDurability } from '../../lib/bullmq/redis-checks.js';
import { retryDelay } from '../../lib/bullmq/retry-delay.js';
import { SpoolFolder } from '../../lib/bullmq/spool/spool-folder.js';
import { openEvent } from './events.js';

const CONNECTION = { url: 'redis://127.0.0.1:1' };

describe('micro-batches', () => {
  it('are written when full, or when the first has waited', async () => {
    const written: number[][] = [];
    const batcher = new Batcher<number>({ size: 3, waitMs: 5 }, (items) => {
      written.push(items);
      return Promise.resolve();
    });
    await Promise.all([1, 2, 3, 4].map((item) => batcher.add(item)));
    expect(written).toEqual([[1, 2, 3], [4]]);
    expect(batcher.waiting).toBe(0);
  });
});

describe('the options of the queue', () => {
  it('have defaults', () => {
    expect(toQueueSettings({ connection: 'redis://127.0.0.1:1' })).toEqual({
      connection: CONNECTION,
      role: 'both',
      queueName: 'hits',
      concurrency: 5,
      attempts: 16,
      backoff: { type: 'exponential', delay: 5000, maxDelay: 43_200_000, jitter: 1 },
      batch: { size: 100, waitMs: 5 },
      bufferSize: 100_000,
      spoolDir: undefined,
      spoolMaxBytes: 1_073_741_824,
      stalledAfterMs: 30_000,
    });
  });

  it('are reported together, without their values', () => {
    const given = {
      connection: 'http://secret@example.com',
      role: 'boss',
      queueName: 'a:b',
      batch: { size: 0, wait: 1 },
      backoff: { jitter: 2 },
      attempts: 0.5,
      spoolMaxBytes: 1e6,
      colour: 'red',
    };
    let thrown: unknown;
    try {
      toQueueSettings(given);
    } catch (error) {
      thrown = error;
    }
    expect(isTrackingError(thrown) && thrown.code).toBe('INVALID_OPTIONS');
    const { message } = thrown as Error;
    for (const name of [
      ...['connection', 'role', 'queueName', 'batch.size', 'batch.wait', 'backoff.jitter'],
      ...['attempts', 'spoolMaxBytes', 'colour'],
    ]) {
      expect(message).toContain(`- ${name}:`);
    }
    expect(message).not.toContain('secret');
  });

  it.each([undefined, null, {}])('need a connection: %j', (given) => {
    expect(() => toQueueSettings(given)).toThrow(/has a problem/);
  });
});

describe('the wait before the next attempt', () => {
  const backoff = toQueueSettings({ connection: CONNECTION }).backoff;
  it('doubles from 5 seconds to 12 hours', () => {
    const waits = [1, 2, 3, 14, 15, 16].map((n) => retryDelay(backoff, n, 0, () => 0));
    expect(waits).toEqual([5000, 10_000, 20_000, 40_960_000, 43_200_000, 43_200_000]);
  });
  it('is random by the part that is jitter', () => {
    expect(retryDelay(backoff, 1, 0, () => 0.9)).toBe(500);
    expect(retryDelay({ ...backoff, jitter: 0 }, 1, 0, () => 0.9)).toBe(5000);
    expect(retryDelay({ ...backoff, type: 'fixed' }, 9, 0, () => 0)).toBe(5000);
  });
  it('is at least what the target asked for, and at most the longest wait', () => {
    expect(retryDelay(backoff, 1, 60_000, () => 1)).toBe(60_000);
    expect(retryDelay(backoff, 1, 1e12, () => 1)).toBe(43_200_000);
  });
});

describe('the sink', () => {
  it('loses one event that JSON cannot carry, and says so, but not its batch', async () => {
    const errors: string[] = [];
    const written: unknown[] = [];
    const logger = {
      log: () => undefined,
      warn: () => undefined,
      error: (line: string) => void errors.push(line),
    };
    const queue = {
      add: (_name: string, data: unknown) => {
        written.push(JSON.stringify(data));
        return Promise.resolve({});
      },
    };
    const sink = new QueueSink(
      queue as never,
      toQueueSettings({ connection: CONNECTION }),
      250,
      logger,
    );
    void sink.take(openEvent('good'));
    void sink.take({ ...openEvent('bad'), espEvent: 1n });
    await sleep(1500);
    expect(sink.counts).toMatchObject({ accepted: 1, lost: 1, unaccepted: 0 });
    expect(errors.join()).toContain('JSON cannot carry');
    expect(written.join()).toContain('good');
    await sink.close(100);
  });
});

describe('the sink, for senders that retry events that were not accepted', () => {
  const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
  const settings = toQueueSettings({ connection: CONNECTION });

  it('takes the others of a batch with one that JSON cannot carry', async () => {
    const queue = {
      add: (_name: string, data: unknown) => Promise.resolve().then(() => JSON.stringify(data)),
    };
    const sink = new QueueSink(queue as never, settings, 250, silent);
    const bad = { ...openEvent('bad'), espEvent: 1n };
    const accepted = [sink.accept(openEvent('good')), sink.accept(bad)];
    expect(await Promise.all(accepted)).toEqual([true, true]);
    expect(await sink.accept(bad)).toBe(true);
    expect(sink.counts).toMatchObject({ accepted: 1, lost: 2, unaccepted: 0, overruns: 0 });
    await sink.close(100);
  });

  it('counts an event once that both Redis and the spool accept', async () => {
    let answer: () => void = () => undefined;
    const queue = { add: () => new Promise<void>((resolve) => (answer = resolve)) };
    const folder = mkdtempSync(join(tmpdir(), 'tracking-spool-'));
    const spool = new SpoolFolder(folder, 1e6, silent);
    const sink = new QueueSink(queue as never, settings, 10, silent, spool);
    expect(await sink.accept(openEvent('late'))).toBe(true);
    expect(sink.counts).toMatchObject({ accepted: 1, unaccepted: 0 });
    answer();
    await sleep(5);
    expect(sink.counts).toMatchObject({ accepted: 1, unaccepted: 0 });
    await sink.close(100);
    rmSync(folder, { recursive: true });
  });
});

describe('the sink at the end', () => {
  it('does not fill the log with what it loses', async () => {
    const errors: string[] = [];
    const logger = {
      log: () => undefined,
      warn: () => undefined,
      error: (line: string) => void errors.push(line),
    };
    const away = { add: () => Promise.reject(new Error('away')) };
    const small = toQueueSettings({ connection: CONNECTION, bufferSize: 1, batch: { size: 1 } });
    const sink = new QueueSink(away as never, small, 250, logger);
    for (let i = 0; i < 100; i++) await sink.take(openEvent(String(i)));
    await sink.close(100);
    expect(sink.counts.lost).toBe(100);
    expect(errors).toHaveLength(10);
  });

  it('logs lost events without a spool, including those that arrive too late', async () => {
    const errors: string[] = [];
    const logger = {
      log: () => undefined,
      warn: () => undefined,
      error: (line: string) => void errors.push(line),
    };
    const away = { add: () => Promise.reject(new Error('away')) };
    const settings = toQueueSettings({ connection: CONNECTION });
    const sink = new QueueSink(away as never, settings, 250, logger);
    await sink.take(openEvent('early'));
    expect(sink.counts).toMatchObject({ unaccepted: 1, lost: 0 });
    await sink.close(100);
    expect(sink.counts).toMatchObject({ unaccepted: 0, lost: 1 });
    await sink.take(openEvent('late'));
    expect(sink.counts).toMatchObject({ unaccepted: 0, lost: 2 });
    expect(errors.join()).toContain('2 in total');
  });
});

describe('the worker', () => {
  it.each([0, 1])(
    'does not repeat what was finished before the worker died, after %i failures',
    async (n) => {
      const ran: string[] = [];
      const runner = {
        run: ({ eventId }: TrackingEvent) => {
          ran.push(eventId);
          return Promise.resolve({ done: [], failed: [], afterMs: 0 });
        },
      };
      const ids = new Set<string>();
      const finished = {
        known: (asked: string[]) => Promise.resolve(new Set(asked.filter((id) => ids.has(id)))),
        add: (added: string[]) => Promise.resolve(added.forEach((id) => ids.add(id))),
      };
      const processor = new JobProcessor(
        { addBulk: () => Promise.resolve([]) },
        toQueueSettings({ connection: CONNECTION }),
        runner as never,
        finished as never,
        new AloneLock(),
        () => undefined,
      );
      const event = { ...openEvent('once'), espName: 'Postmark', recipient: 'reader@example.com' };
      const job = {
        name: EVENT_JOB,
        data: { event: encodeEvent(event) } as object,
        attemptsMade: n,
        stalledCounter: 0,
        updateData: (data: object) => Promise.resolve(void (job.data = data)),
      };
      await processor.process(job as never);
      // BullMQ was not told any more.
      job.stalledCounter = 1;
      await processor.process(job as never);
      expect(ran).toEqual(['once']);
      expect(JSON.stringify([job.data, ...ids])).not.toContain('reader@');
    },
  );
});

describe('the lock', () => {
  it('lets one run alone, and the others together', async () => {
    const lock = new AloneLock();
    let running = 0;
    const seen: [string, number][] = [];
    const task = (name: string) => async () => {
      running++;
      await sleep(5);
      seen.push([name, running]);
      await sleep(5);
      running--;
    };
    await Promise.all([
      lock.run(false, task('a')),
      lock.run(false, task('b')),
      lock.run(true, task('alone')),
      lock.run(false, task('c')),
      lock.run(true, task('alone')),
    ]);
    expect(seen.filter(([name]) => name === 'alone')).toEqual([
      ['alone', 1],
      ['alone', 1],
    ]);
    expect(seen.slice(0, 2)).toEqual([
      ['a', 2],
      ['b', 2],
    ]);
    expect(seen).toHaveLength(5);
  });
});

describe('what Redis keeps', () => {
  const report = (durability: Partial<Parameters<typeof reportDurability>[0]>) => {
    const lines: string[] = [];
    const logger = {
      log: (line: string) => void lines.push(line),
      warn: (line: string) => void lines.push(`WARN ${line}`),
    };
    const nothing = {
      evictionPolicy: undefined,
      appendOnly: undefined,
      appendFsync: undefined,
      snapshots: undefined,
    };
    reportDurability({ ...nothing, ...durability }, logger);
    return lines.join('\n');
  };
  it.each([
    [{ appendOnly: true, appendFsync: 'always' }, 'loses no accepted hit'],
    [{ appendOnly: true, appendFsync: 'everysec' }, 'lose the last second'],
    [{ appendOnly: true, appendFsync: 'no' }, 'half a minute'],
    [{ appendOnly: true }, 'depends on appendfsync'],
    [{ appendOnly: false, snapshots: '3600 1' }, 'since the last one'],
    [{ appendOnly: false, snapshots: '' }, 'WARN Redis persists nothing'],
    [{}, 'does not report'],
    [{ evictionPolicy: 'volatile-lru' }, 'WARN Redis has maxmemory-policy volatile-lru'],
  ])('is logged: %j', (durability, told) => {
    expect(report(durability)).toContain(told);
  });
  it('does not warn about noeviction', () => {
    expect(report({ evictionPolicy: 'noeviction' })).not.toContain('WARN');
  });
});
