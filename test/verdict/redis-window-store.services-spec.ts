import { Queue } from 'bullmq';
import * as fc from 'fast-check';
import { Cluster, Redis } from 'ioredis';
import {
  MemoryWindowStore,
  type RedisScriptClient,
  RedisWindowStore,
  type RedisWindowStoreOptions,
  type WindowState,
} from 'nestjs-email-tracking';
import { describeRedis, RedisServer } from '../support/redis.js';
import { FakeClock } from '../webhook/fake-clock.js';
import { anyCalls, anyHit, hitOf, START } from './window-hits.js';

const NOTHING: WindowState = { hits: [], deliveredAt: null };
const PREFIX = 'email-tracking:window:';

/** Counts what a client is asked. */
class Counting implements RedisScriptClient {
  readonly asked = { evalsha: 0, eval: 0 };

  constructor(private readonly client: RedisScriptClient) {}

  evalsha(sha1: string, keys: number, ...args: string[]): Promise<unknown> {
    this.asked.evalsha++;
    return this.client.evalsha(sha1, keys, ...args);
  }

  eval(script: string, keys: number, ...args: string[]): Promise<unknown> {
    this.asked.eval++;
    return this.client.eval(script, keys, ...args);
  }
}

describeRedis('the window in Redis', () => {
  let redis: RedisServer;
  let client: Redis;
  const clients: { disconnect(): void }[] = [];

  beforeAll(async () => {
    redis = await RedisServer.start(['--appendonly', 'no']);
    client = connect();
  });
  beforeEach(() => client.flushall());
  afterAll(async () => {
    for (const one of clients) one.disconnect();
    await redis.stop();
  });

  function connect(): Redis {
    const one = new Redis(redis.url, { retryStrategy: () => 20 });
    one.on('error', () => undefined);
    clients.push(one);
    return one;
  }

  /** Patient, so that a machine with much to do fails no test. */
  function storeOf(
    given: RedisScriptClient = client,
    options: RedisWindowStoreOptions = {},
  ): RedisWindowStore {
    return new RedisWindowStore(given, { timeoutMs: 10_000, ...options });
  }

  /** The one key that Redis holds. */
  async function onlyKey(): Promise<string> {
    const keys = await client.keys('*');
    expect(keys).toHaveLength(1);
    return keys[0]!;
  }

  it('gives the states that the window in memory gives', async () => {
    await fc.assert(
      fc.asyncProperty(anyCalls(250), async (calls) => {
        await client.flushall();
        const memory = new MemoryWindowStore({ maxAgeSeconds: 10 });
        const store = storeOf(client, { maxAgeSeconds: 10 });
        const expected: WindowState[] = [];
        const states: Promise<WindowState>[] = [];
        let now = START;
        for (const call of calls) {
          now += call.after;
          if ('hit' in call) {
            expected.push(memory.add(call.key, call.hit, now));
            states.push(store.add(call.key, call.hit, now));
          } else {
            expected.push(memory.deliver(call.key, call.deliveredAt, now));
            states.push(store.deliver(call.key, call.deliveredAt, now));
          }
        }
        expect(await Promise.all(states)).toEqual(expected);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  }, 60_000);

  it('asks once for each call, and hands the script in where Redis does not know it', async () => {
    const counting = new Counting(client);
    const store = storeOf(counting);
    await client.script('FLUSH');
    await store.add('key', hitOf({ id: '1' }), START);
    expect(counting.asked).toEqual({ evalsha: 1, eval: 1 });
    await store.add('key', hitOf({ id: '2' }), START);
    await store.deliver('key', START, START);
    expect(counting.asked).toEqual({ evalsha: 3, eval: 1 });
    await client.script('FLUSH');
    const { hits, deliveredAt } = await store.add('key', hitOf({ id: '3' }), START);
    expect(hits.map(({ id }) => id)).toEqual(['1', '2']);
    expect(deliveredAt).toBe(START);
  });

  it('keeps a window in one key that contains no address and expires', async () => {
    const store = storeOf(client, { maxAgeSeconds: 100 });
    const key = 'default\n<1@example.com>\nperson@example.com';
    await store.deliver(key, START, START);
    await store.add(key, hitOf({ id: '1', network: '192.0.2.0/24' }), START);
    const name = await onlyKey();
    expect(name).toMatch(/^email-tracking:window:[\w-]{43}$/);
    expect(await client.get(name)).not.toContain('@');
    const left = await client.pttl(name);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(100_000);
    await client.pexpire(name, 1000);
    await store.add(key, hitOf({ id: '1' }), START); // A repeat.
    expect(await client.pttl(name)).toBeLessThanOrEqual(1000);
    await store.add(key, hitOf({ id: '2' }), START);
    expect(await client.pttl(name)).toBeGreaterThan(1000);
  });

  it('writes a usual hit in little space', async () => {
    const id = '0198c5a2-7d3e-7a11-b0a4-0123456789ab';
    const hit = hitOf({ id, link: '3', trackedLinks: 12, network: '192.0.2.0/24' });
    await storeOf().add('key', hit, START);
    expect(await client.strlen(await onlyKey())).toBeLessThan(120);
  });

  it('keeps windows apart by the prefix', async () => {
    const [one, two] = ['one:', 'two:'].map((prefix) => storeOf(client, { prefix }));
    await one!.add('key', hitOf({ id: '1' }), START);
    expect(await two!.add('key', hitOf({ id: '2' }), START)).toEqual(NOTHING);
    expect((await client.keys('one:*')).length).toBe(1);
  });

  it('takes a client as BullMQ has it', async () => {
    const queue = new Queue('any', { connection: client });
    const shared = (await queue.getBackend().client) as unknown as RedisScriptClient;
    const store = storeOf(shared);
    await store.add('key', hitOf({ id: '1' }), START);
    expect((await store.add('key', hitOf({ id: '2' }), START)).hits).toEqual([hitOf({ id: '1' })]);
    await queue.close();
  });

  it('works in a cluster', async () => {
    const node = await RedisServer.start([
      '--cluster-enabled',
      'yes',
      '--cluster-announce-ip',
      '127.0.0.1',
    ]);
    const direct = new Redis(node.url);
    let cluster: Cluster | undefined;
    try {
      await direct.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
      while (!(await direct.cluster('INFO')).includes('cluster_state:ok')) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      cluster = new Cluster([{ host: '127.0.0.1', port: node.port }]);
      const store = storeOf(cluster);
      const keys = Array.from({ length: 30 }, (_, i) => `key ${i}`);
      for (const id of ['1', '2']) {
        const add = (key: string) => store.add(key, hitOf({ id }), START);
        const states = await Promise.all(keys.map(add));
        expect(states.map(({ hits }) => hits.length)).toEqual(keys.map(() => Number(id) - 1));
      }
    } finally {
      cluster?.disconnect();
      direct.disconnect();
      await node.stop();
    }
  });

  describe('with several stores at once', () => {
    interface Answer extends WindowState {
      id: string;
    }

    async function addAll(ids: readonly (readonly string[])[]): Promise<Answer[]> {
      const stores = ids.map(() => storeOf(connect()));
      // Otherwise the first to be connected would be done before the others begin.
      await Promise.all(stores.map((store) => store.add('warm', hitOf({ id: '1' }), START)));
      const answers: Promise<Answer>[] = [];
      for (let i = 0; i < ids[0]!.length; i++) {
        for (const [place, store] of stores.entries()) {
          const id = ids[place]![i]!;
          const call = store.add('key', hitOf({ id }), START);
          answers.push(call.then((state) => ({ id, ...state })));
        }
      }
      return Promise.all(answers);
    }

    /** The order in which hits were added: each but the first was told who came just before. */
    function orderOf(answers: readonly Answer[]): string[] {
      const after = new Map(answers.map(({ id, hits }) => [hits.at(-1)?.id, id]));
      expect(after.size).toBe(answers.length);
      const order: string[] = [];
      for (let id = after.get(undefined); id !== undefined; id = after.get(id)) order.push(id);
      return order;
    }

    const idsOf = ({ hits }: WindowState) => hits.map(({ id }) => id);

    it('adds hits one after the other', async () => {
      const all = ['a', 'b', 'c'].map((store) => Array.from({ length: 200 }, (_, i) => store + i));
      const answers = await addAll(all);
      const order = orderOf(answers);
      expect([...order].sort()).toEqual(all.flat().sort());
      for (const answer of answers) {
        const place = order.indexOf(answer.id);
        expect(idsOf(answer)).toEqual(order.slice(Math.max(0, place - 64), place));
      }
      // Or else nothing was done at the same time.
      const changes = order.filter((id, i) => i > 0 && id[0] !== order[i - 1]![0]);
      expect(changes.length).toBeGreaterThan(2);
    });

    it('adds a hit that all of them have once', async () => {
      const ids = Array.from({ length: 60 }, (_, i) => `${i}`);
      const answers = await addAll([ids, [...ids].reverse(), ids]);
      const news = answers.filter((answer) => !idsOf(answer).includes(answer.id));
      expect(news.map(({ id }) => id).sort()).toEqual([...ids].sort());
      const order = orderOf(news);
      for (const answer of answers) {
        expect(idsOf(answer)).toEqual(order.slice(0, answer.hits.length));
      }
    });

    it('keeps the earliest delivery of all', async () => {
      const stores = [storeOf(connect()), storeOf(connect())];
      const times = Array.from({ length: 40 }, (_, i) => START + ((i * 7) % 40));
      const answers = await Promise.all(
        times.map((time, i) => stores[i % 2]!.deliver('key', time, START)),
      );
      const told = answers.map(({ deliveredAt }) => deliveredAt ?? Infinity);
      expect(told.filter((time) => time === Infinity)).toHaveLength(1);
      expect((await stores[0]!.deliver('key', START + 99, START)).deliveredAt).toBe(START);
    });
  });

  describe('with a key that somebody else wrote', () => {
    const next = hitOf({ id: 'next', link: 'next' });
    const good = `${START},\t"good",\t0,1,"1","html",3,null`;
    const head = `${START} ${START}\n`;

    async function nameOf(key: string): Promise<string> {
      await storeOf().add(key, hitOf({ id: '1' }), START);
      const name = await onlyKey();
      await client.del(name);
      return name;
    }

    it.each<[string, string, string[]]>([
      ['a text', 'hello', []],
      ['nothing but an end of line', '\n', []],
      ['no last end of line', `${head}${good}`, []],
      ['times without end', `${'9'.repeat(400)} \n${good}\n`, []],
      ['a delivery that is none', `${START} -\n${good}\n`, []],
      ['more hits than there may be', head + `${good}\n`.repeat(66), []],
      ['far too much', `${head}${good}${' '.repeat(5_000_000)}\n`, []],
      ['lines that are no hits', `${head}${START}x\n${good}\n${START},{}\n`, ['good']],
      ['lines that are no JSON', `${head}${START},\t"a\n${good}\n`, ['good']],
      ['hits with too few values', `${head}${START},\t"a",\t0\n${good}\n`, ['good']],
      [
        'hits with other values',
        `${head}${good.replace('"good"', '{"a":1}')}\n${good}\n`,
        ['good'],
      ],
      ['hits of no kind', `${head}${good.replace(',1,', ',127,')}\n${good}\n`, ['good']],
      ['hits at no time', `${head}${good.replace('\t0', '\t1e999')}\n${good}\n`, ['good']],
      ['names that are too long', `${head}${good.replace('good', 'x'.repeat(600))}\n`, []],
    ])('reads what can be read of %s', async (_, content, ids) => {
      await client.set(await nameOf('key'), content);
      const store = storeOf();
      const { hits } = await store.add('key', next, START);
      expect(hits.map(({ id }) => id)).toEqual(ids);
      expect((await store.add('key', hitOf({ id: '2' }), START)).hits.at(-1)).toEqual(next);
    });

    it('writes over a key of another type', async () => {
      await client.rpush(await nameOf('key'), 'hello');
      expect(await storeOf().add('key', next, START)).toEqual(NOTHING);
      expect((await storeOf().deliver('key', START, START)).hits).toEqual([next]);
    });

    it('survives any text, and any damage to its own', async () => {
      const name = await nameOf('key');
      const store = storeOf();
      const damage = fc.array(fc.tuple(fc.nat(600), fc.string({ unit: 'binary', maxLength: 3 })), {
        maxLength: 4,
      });
      const hits = fc.array(anyHit, { maxLength: 5 });
      const property = fc.asyncProperty(hits, damage, fc.boolean(), async (some, cuts, isOwn) => {
        await client.del(name);
        for (const hit of some) await store.add('key', hit, START);
        let content = isOwn ? ((await client.get(name)) ?? '') : head;
        for (const [at, text] of cuts)
          content = content.slice(0, at) + text + content.slice(at + 1);
        await client.set(name, content);
        const state = await store.add('key', next, START);
        expect(state.hits.length).toBeLessThanOrEqual(64);
        expect((await store.add('key', hitOf({ id: 'b' }), START)).hits).toContainEqual(next);
      });
      await fc.assert(property, { numRuns: 200 });
    }, 60_000);

    it.each([null, 7, ['a'], {}, Buffer.from('a')])(
      'takes the answer %j for nothing',
      async (any) => {
        const answer = () => Promise.resolve(any);
        expect(await storeOf({ evalsha: answer, eval: answer }).add('key', next, START)).toEqual(
          NOTHING,
        );
      },
    );
  });

  it.each([{ timeoutMs: 0 }, { timeoutMs: Infinity }, { maxAgeSeconds: NaN }])(
    'refuses %j',
    (options) => {
      const name = Object.keys(options)[0]!;
      expect(() => new RedisWindowStore(client, options)).toThrow(name);
    },
  );

  it('uses the prefix that is documented', async () => {
    await storeOf().add('key', hitOf({ id: '1' }), START);
    expect((await onlyKey()).startsWith(PREFIX)).toBe(true);
  });

  describe('while Redis is away', () => {
    let clock: FakeClock;
    let counting: Counting;
    let store: RedisWindowStore;
    const add = (id: string) => store.add('key', hitOf({ id }), START);
    const asked = () => counting.asked.evalsha;

    beforeEach(async () => {
      clock = new FakeClock();
      counting = new Counting(connect());
      store = new RedisWindowStore(counting, { clock });
      await add('1');
      expect(clock.waiting).toBe(0);
    });
    afterEach(() => redis.signal('SIGCONT'));

    async function expectLate(call: Promise<unknown>): Promise<void> {
      const outcome = expect(call).rejects.toThrow('did not answer within 100 ms');
      await clock.pass(100);
      await outcome;
      expect(clock.waiting).toBe(0);
    }

    it('gives up when Redis hangs, fails at once for a second, and recovers', async () => {
      redis.signal('SIGSTOP');
      await expectLate(add('2'));
      await expect(add('3')).rejects.toThrow('failed recently');
      await clock.pass(999);
      await expect(add('3')).rejects.toThrow('failed recently');
      expect(asked()).toBe(2);

      await clock.pass(1);
      const probe = add('4');
      await expect(add('5')).rejects.toThrow('failed recently');
      await expectLate(probe);
      expect(asked()).toBe(3);

      await clock.pass(1000);
      redis.signal('SIGCONT');
      await add('6');
      const { hits } = await add('7');
      // What was given up was carried out nevertheless: Redis had it.
      expect(hits.map(({ id }) => id)).toEqual(['1', '2', '4', '6']);
    });

    it('gives up when Redis is killed, and recovers', async () => {
      await redis.kill();
      await expectLate(add('2'));
      await expect(add('3')).rejects.toThrow('failed recently');
      expect(asked()).toBe(2);
      await redis.restart();
      await clock.pass(1000);
      await add('4');
      expect((await add('5')).hits.at(-1)?.id).toBe('4');
    });

    it('gives up by the clock of the system, too', async () => {
      const impatient = new RedisWindowStore(connect(), { timeoutMs: 20 });
      redis.signal('SIGSTOP');
      await expect(impatient.add('key', hitOf({ id: '1' }), START)).rejects.toThrow('20 ms');
    });

    it('says why, and nothing of the hit or of where Redis is', async () => {
      await client.config('SET', 'maxmemory', '1');
      const error = await add('2').catch((caught: unknown) => caught);
      await client.config('SET', 'maxmemory', '0');
      expect(error).toEqual(new Error('The Redis of the window store failed: OOM.'));
      await expect(add('3')).rejects.toThrow('failed recently');
      await clock.pass(1000);
      expect((await add('3')).hits).toHaveLength(1);

      const gone = new Redis(redis.port, '127.0.0.1', {
        enableOfflineQueue: false,
        lazyConnect: true,
      });
      const other = new RedisWindowStore(gone, { clock });
      const refused = await other.add('key', hitOf({ id: '1' }), START).catch(String);
      expect(refused).toBe('Error: The Redis of the window store failed.');
      gone.disconnect();
    });

    it('takes a client that throws for one that rejects', async () => {
      const never = () => {
        throw new Error('not today');
      };
      const broken = new RedisWindowStore({ evalsha: never, eval: never }, { clock });
      await expect(broken.add('key', hitOf({ id: '1' }), START)).rejects.toThrow('failed');
    });
  });
});
