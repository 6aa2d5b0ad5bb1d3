import { LOAD_HITS } from '../support/load-hits.js';
import { describeRedis, type RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { freshFleets, type Member } from './fleet.js';
import { run } from './redis-setups.js';

/** Of all hits; the process ends when `ENOUGH` of them are delivered or buffered. */
const HITS = LOAD_HITS / 5;
const ENOUGH = (HITS * 3) / 5;
const LIMIT_MS = 1500;
/** What Nest and a busy machine take beside the queue. */
const MARGIN_MS = 3000;

/** How Redis fails before the shutdown, and how it comes back after it. */
const STATES: Record<string, [(redis: RedisServer) => unknown, (redis: RedisServer) => unknown]> = {
  up: [() => undefined, () => undefined],
  killed: [(redis) => redis.kill(), (redis) => redis.restart()],
  stopped: [(redis) => redis.signal('SIGSTOP'), (redis) => redis.signal('SIGCONT')],
  demoted: [
    (redis) => run(redis, 'REPLICAOF 127.0.0.1 1'),
    (redis) => run(redis, 'REPLICAOF NO ONE'),
  ],
  full: [
    (redis) => run(redis, 'CONFIG SET maxmemory 1'),
    (redis) => run(redis, 'CONFIG SET maxmemory 0'),
  ],
};

describeRedis('SIGTERM under load', () => {
  const fresh = freshFleets();

  it.each([
    ...['both', 'producer', 'worker'].flatMap((role) => [
      { role, state: 'killed' },
      { role, state: 'stopped' },
    ]),
    { role: 'both', state: 'up' },
    { role: 'both', state: 'demoted' },
    { role: 'both', state: 'full' },
  ] as { role: 'both' | 'producer' | 'worker'; state: string }[])(
    'ends in time and loses nothing: role $role, Redis $state',
    async ({ role, state }) => {
      const [fail, recover] = STATES[state]!;
      const redis = await fresh.redis();
      const fleet = fresh.fleet(redis.url);
      const queue = { spoolDir: fleet.spoolDir, shutdownTimeoutMs: LIMIT_MS };
      const app = await fleet.start(role, { queue });
      await fleet.load(app, 100);
      await fail(redis);
      const load = fleet.load(app, HITS - 100);
      const isUnderWay =
        state === 'up' ? () => fleet.delivered().size >= HITS / 4 : () => hasBuffered(app, ENOUGH);
      await until(isUnderWay, 'enough is delivered, or buffered', 30_000);
      const took = await app.end('SIGTERM');
      await load;
      await recover(redis);
      const next = await fleet.start('both', { queue });
      await fleet.drained(next);
      const title = `SIGTERM, role ${role}, Redis ${state}`;
      const counts = fleet.report(title, `, ended after ${Math.round(took)} ms`);
      expect(took).toBeLessThan(LIMIT_MS + MARGIN_MS);
      expect(counts).toMatchObject({ failed: 0, lost: 0 });
      expect(counts.answered).toBeGreaterThanOrEqual(state === 'up' ? HITS / 4 : ENOUGH);
    },
  );

  it('loses nothing when it ends while it reads the spool back', async () => {
    const redis = await fresh.redis();
    const fleet = fresh.fleet(redis.url);
    const queue = { bufferSize: 100, spoolDir: fleet.spoolDir, shutdownTimeoutMs: LIMIT_MS };
    const app = await fleet.start('producer', { queue });
    await redis.kill();
    await fleet.load(app, 2500);
    await until(() => app.stats().then(({ unaccepted }) => unaccepted <= 100), 'all is spooled');
    await redis.restart();
    await until(() => app.stats().then(({ waiting }) => (waiting ?? 0) > 0), 'it is read back');
    await app.end('SIGTERM');
    const next = await fleet.start('both', { queue });
    await fleet.drained(next);
    const counts = fleet.report('SIGTERM while the spool is read');
    expect(counts).toMatchObject({ answered: 2500, failed: 0, delivered: 2500, lost: 0 });
  });

  it.each(['killed', 'stopped'])(
    'logs once how many events are lost without a spool, Redis %s',
    async (state) => {
      const redis = await fresh.redis();
      const fleet = fresh.fleet(redis.url, { queue: { shutdownTimeoutMs: LIMIT_MS } });
      const app = await fleet.start('both');
      const [fail, recover] = STATES[state]!;
      await fail(redis);
      await fleet.load(app, 500);
      expect((await app.stats()).unaccepted).toBe(500);
      const took = await app.end('SIGTERM');
      await recover(redis);
      // A Redis that was stopped may have been sent some of them.
      await fleet.drained(await fleet.start('both'));
      const [logged, ...more] = [...app.log.matchAll(/(\d+) events were lost/g)];
      const counted = Number(logged?.[1]);
      const title = `SIGTERM, no spool, Redis ${state}`;
      const numbers = `, logged as lost ${counted}, ended after ${Math.round(took)} ms`;
      const { answered, lost } = fleet.report(title, numbers);
      expect([answered, more]).toEqual([500, []]);
      expect(took).toBeLessThan(LIMIT_MS + MARGIN_MS);
      expect(counted).toBeGreaterThanOrEqual(lost);
    },
  );

  it('ends in time while a handler never settles, and its event is delivered later', async () => {
    const redis = await fresh.redis();
    const fleet = fresh.fleet(redis.url, { queue: { shutdownTimeoutMs: LIMIT_MS } });
    const app = await fleet.start('both', { endless: 3 });
    await fleet.load(app, 20);
    await until(() => fleet.delivered().size === 19);
    const took = await app.end('SIGTERM');
    expect(took).toBeLessThan(LIMIT_MS + MARGIN_MS);
    const next = await fleet.start('both');
    await fleet.drained(next);
    const counts = fleet.report('endless handler', `, ended after ${Math.round(took)} ms`);
    expect(counts).toMatchObject({ answered: 20, delivered: 20, lost: 0 });
  });
});

async function hasBuffered(app: Member, count: number): Promise<boolean> {
  const { unaccepted } = await app.stats();
  return unaccepted >= count;
}
