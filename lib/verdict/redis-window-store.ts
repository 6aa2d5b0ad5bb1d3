import { CircuitBreaker } from '../util/breaker.js';
import { type Clock, SYSTEM_CLOCK } from '../util/clock.js';
import {
  MAX_WINDOW_BYTES,
  readWindow,
  WINDOW_SCRIPT,
  WINDOW_SCRIPT_SHA1,
  writeHit,
} from './redis-window-format.js';
import { rememberedHit, windowName } from './window-hit.js';
import {
  checked,
  DEFAULT_WINDOW_SECONDS,
  MAX_HITS_PER_KEY,
  type WindowHit,
  type WindowState,
  type WindowStore,
} from './window-store.js';

/**
 * The methods of a Redis client that the store needs. `Redis` and `Cluster` of ioredis have them,
 * and so do the clients of BullMQ.
 */
export interface RedisScriptClient {
  /** Runs a script that Redis has cached; rejects with `NOSCRIPT …` if it has not. */
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArgs: string[]): Promise<unknown>;
  /** Runs a script, and caches it. */
  eval(script: string, numberOfKeys: number, ...keysAndArgs: string[]): Promise<unknown>;
}

/** The options of a {@link RedisWindowStore}. */
export interface RedisWindowStoreOptions {
  /**
   * The prefix of the keys in Redis. Apps that share a Redis but not their tracking need different
   * ones.
   *
   * @default 'email-tracking:window:'
   */
  prefix?: string;
  /**
   * How long a hit is remembered, and a key after its last hit or delivery, in seconds.
   *
   * @default 900
   */
  maxAgeSeconds?: number;
  /**
   * The timeout of a call in milliseconds. Keep it below `responseBudgetMs`.
   *
   * @default 100
   */
  timeoutMs?: number;
  /** @internal */
  clock?: Clock;
}

const BREAKER = { failures: 1, pause: { firstMs: 1000, maxMs: 1000, jitter: 0 } };

/**
 * Remembers hits in Redis, shared by several processes. Each call is one atomic script and one
 * round trip, and each window one key (Redis 2.6 and later, and Cluster). Keys expire by age; limit
 * their number with `maxmemory`. Redis holds no addresses: keys are hashed.
 *
 * Calls reject while Redis is away, with an `Error` that contains no address; the hit is then
 * classified by itself. After a failure they reject immediately for one second; then a single call
 * tests whether Redis is back, while the others still reject. A call that timed out may still have
 * been carried out.
 *
 * @example ioredis
 * ```ts
 * new RedisWindowStore(new Redis(process.env.REDIS_URL));
 * ```
 * @example node-redis
 * ```ts
 * new RedisWindowStore({
 *   evalsha: (sha1, _, key, ...args) => client.evalSha(sha1, { keys: [key], arguments: args }),
 *   eval: (script, _, key, ...args) => client.eval(script, { keys: [key], arguments: args }),
 * });
 * ```
 */
export class RedisWindowStore implements WindowStore {
  private readonly prefix: string;
  private readonly maxAgeMs: number;
  private readonly timeoutMs: number;
  private readonly clock: Clock;
  private readonly breaker: CircuitBreaker;

  /**
   * @param client you connect it and close it yourself
   * @throws TrackingError `INVALID_OPTIONS` for times that are not positive numbers
   */
  constructor(
    private readonly client: RedisScriptClient,
    {
      prefix = 'email-tracking:window:',
      maxAgeSeconds = DEFAULT_WINDOW_SECONDS,
      timeoutMs = 100,
      clock = SYSTEM_CLOCK,
    }: RedisWindowStoreOptions = {},
  ) {
    const age = checked('RedisWindowStore', 'maxAgeSeconds', maxAgeSeconds, { whole: false });
    this.maxAgeMs = Math.ceil(age * 1000);
    this.timeoutMs = checked('RedisWindowStore', 'timeoutMs', timeoutMs, { whole: false });
    this.prefix = prefix;
    this.clock = clock;
    this.breaker = new CircuitBreaker(BREAKER, clock);
  }

  /** See {@link WindowStore.add}. */
  add(key: string, hit: WindowHit, now: number): Promise<WindowState> {
    const kept = rememberedHit(hit);
    const { id, line } = kept ? writeHit(kept, now) : { id: '', line: '' };
    return this.run(key, now, [id, line, '']);
  }

  /** See {@link WindowStore.deliver}. */
  deliver(key: string, deliveredAt: number, now: number): Promise<WindowState> {
    const delivery = Number.isSafeInteger(deliveredAt) ? `${deliveredAt}` : '';
    return this.run(key, now, ['', '', delivery]);
  }

  /** @param added the hit as it is written, and the delivery; empty where there is none */
  private async run(key: string, now: number, added: readonly string[]): Promise<WindowState> {
    const { breaker, clock, timeoutMs } = this;
    if (breaker.waitMs > 0) {
      throw new Error('The Redis of the window store failed recently and is not asked again yet.');
    }
    const isProbe = breaker.begin();
    const bounds = [`${this.maxAgeMs}`, `${MAX_HITS_PER_KEY}`, `${MAX_WINDOW_BYTES}`];
    let stopTimer: (() => void) | undefined;
    const late = new Promise<never>((_, reject) => {
      stopTimer = clock.after(timeoutMs, () =>
        reject(new Error(`The Redis of the window store did not answer within ${timeoutMs} ms.`)),
      );
    });
    try {
      const args = [this.prefix + windowName(key), `${now}`, ...bounds, ...added];
      const reply = await Promise.race([this.ask(args).catch(refuse), late]);
      if (isProbe) breaker.succeeded();
      return readWindow(reply);
    } catch (error) {
      breaker.failed(isProbe);
      throw error;
    } finally {
      stopTimer?.();
    }
  }

  private async ask(args: string[]): Promise<unknown> {
    try {
      return await this.client.evalsha(WINDOW_SCRIPT_SHA1, 1, ...args);
    } catch (error) {
      if (wordOf(error) !== 'NOSCRIPT') throw error;
      return this.client.eval(WINDOW_SCRIPT, 1, ...args);
    }
  }
}

/** Gives only the kind of an error: clients put addresses and the whole command into theirs. */
function refuse(error: unknown): never {
  const reason = (error as NodeJS.ErrnoException | undefined)?.code ?? wordOf(error);
  const isKind = typeof reason === 'string' && /^[A-Z_]{2,40}$/.test(reason);
  throw new Error(`The Redis of the window store failed${isKind ? `: ${reason}` : ''}.`);
}

/** Replies that are errors begin with a word for what they are: `NOSCRIPT`, `OOM`, `READONLY`. */
function wordOf(error: unknown): string | undefined {
  const message = (error as Error | undefined)?.message;
  return typeof message === 'string' ? message.split(' ', 1)[0] : undefined;
}
