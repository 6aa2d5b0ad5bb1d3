import { jest } from '@jest/globals';
import { backoffMs } from '../../lib/util/backoff.js';
import { BoundedQueue } from '../../lib/util/bounded-queue.js';
import { CircuitBreaker } from '../../lib/util/breaker.js';
import { LATE, resolvesIn, withDeadline } from '../../lib/util/deadline.js';

describe('withDeadline', () => {
  const never = new Promise<never>(() => undefined);

  test('resolves and rejects as the promise does in time', async () => {
    await expect(withDeadline(Promise.resolve(7), 1000)).resolves.toBe(7);
    await expect(withDeadline(Promise.reject(new Error('no')), 1000)).rejects.toThrow('no');
  });

  test('says when it is late, and leaves no timer and no unhandled rejection', async () => {
    const unhandled = jest.fn();
    process.once('unhandledRejection', unhandled);
    let fail!: (error: Error) => void;
    const late = new Promise<void>((_, reject) => (fail = reject));
    await expect(withDeadline(late, 1)).resolves.toBe(LATE);
    fail(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test('resolvesIn() knows only success', async () => {
    await expect(resolvesIn(Promise.resolve(), 1000)).resolves.toBe(true);
    await expect(resolvesIn(Promise.reject(new Error('no')), 1000)).resolves.toBe(false);
    await expect(resolvesIn(never, 1)).resolves.toBe(false);
  });
});

test.each([
  [0, 0, 100],
  [3, 0, 800],
  [9, 0, 1000],
  [3, 0.5, 600],
  [5000, 0, 1000],
])('the wait after %d others, with the chance of %d: %d ms', (waits, chance, expected) => {
  const backoff = { firstMs: 100, maxMs: 1000, jitter: 0.5 };
  expect(backoffMs(backoff, waits, () => chance)).toBe(expected);
});

describe('CircuitBreaker', () => {
  let time = 0;
  const clock = { now: () => time, random: () => 0 };
  const pause = { firstMs: 1000, maxMs: 3000, jitter: 0 };

  test('opens after failures in a row, probes once a pause, closes with the first success', () => {
    const breaker = new CircuitBreaker({ failures: 2, pause }, clock);
    breaker.failed(breaker.begin());
    breaker.succeeded();
    breaker.failed(breaker.begin());
    expect(breaker.isClosed).toBe(true);
    breaker.failed(breaker.begin());
    expect([breaker.isClosed, breaker.waitMs]).toEqual([false, 1000]);
    for (const next of [2000, 3000, 3000]) {
      time += breaker.waitMs;
      expect(breaker.waitMs).toBe(0);
      const probe = breaker.begin();
      expect([probe, breaker.waitMs]).toEqual([true, Infinity]);
      breaker.failed(false); // an attempt that began before
      breaker.failed(probe);
      expect(breaker.waitMs).toBe(next);
    }
    breaker.succeeded();
    expect([breaker.isClosed, breaker.waitMs]).toEqual([true, 0]);
  });
});

describe('BoundedQueue', () => {
  test('sheds the oldest by weight', () => {
    const queue = new BoundedQueue<string>(5, (item) => item.length);
    expect(queue.push('aa')).toEqual([]);
    expect(queue.push('bb')).toEqual([]);
    expect(queue.push('cc')).toEqual(['aa']);
    expect(queue.push('ddddd')).toEqual(['bb', 'cc']);
    expect(queue.push('tooooo')).toEqual(['ddddd', 'tooooo']);
    expect(queue.size).toBe(0);
  });

  test('takes in order, puts back at the front, and removes', () => {
    const queue = new BoundedQueue<number>(4);
    for (const item of [1, 2, 3, 4]) queue.push(item);
    const taken = queue.take(2);
    queue.push(5);
    expect(queue.putBack(taken)).toEqual([1]);
    expect(queue.remove((item) => item % 2 === 0)).toEqual([2, 4]);
    expect(queue.take(Infinity)).toEqual([3, 5]);
    expect(queue.size).toBe(0);
  });

  test('keeps the order when it is long', () => {
    const queue = new BoundedQueue<number>(10_000);
    let next = 0;
    let expected = 0;
    for (let round = 0; round < 100; round++) {
      for (let i = 0; i < 100; i++) queue.push(next++);
      for (const item of queue.take(90)) expect(item).toBe(expected++);
      expect(queue.size).toBe(next - expected);
    }
  });
});
