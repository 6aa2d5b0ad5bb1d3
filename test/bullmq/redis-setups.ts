import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../support/free-port.js';
import { RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';

/** Runs one command, such as `CONFIG SET maxmemory 1`. */
export async function run({ port }: { port: number }, command: string): Promise<string> {
  const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 1 });
  // What fails rejects the command, too.
  client.on('error', () => undefined);
  try {
    const [name, ...rest] = command.split(' ') as [string, ...string[]];
    return String(await client.call(name, ...rest));
  } finally {
    client.disconnect();
  }
}

/** All values in a Redis, as text. */
export async function everythingIn({ port }: { port: number }): Promise<string> {
  const client = new Redis(port, '127.0.0.1');
  try {
    const readers: Record<string, ((key: string) => Promise<unknown>) | undefined> = {
      hash: (key) => client.hgetall(key),
      set: (key) => client.smembers(key),
      list: (key) => client.lrange(key, 0, -1),
      zset: (key) => client.zrange(key, '0', '-1'),
      stream: (key) => client.xrange(key, '-', '+'),
      string: (key) => client.get(key),
    };
    const keys = await client.keys('*');
    // A key may be gone by now.
    const values = keys.map(async (key) => readers[await client.type(key)]?.(key));
    return JSON.stringify([keys, await Promise.all(values)]);
  } finally {
    client.disconnect();
  }
}

/** A Redis and its replica, in step. */
export async function startPair(): Promise<[RedisServer, RedisServer]> {
  const first = await RedisServer.start(['--repl-diskless-sync-delay', '0']);
  const second = await RedisServer.start(['--repl-diskless-sync-delay', '0']);
  await run(second, `REPLICAOF 127.0.0.1 ${first.port}`);
  await until(async () => (await run(second, 'INFO replication')).includes('link_status:up'));
  return [first, second];
}

/** Makes the replica the master. Connections to both stay open. */
export async function failOver(from: RedisServer, to: RedisServer): Promise<void> {
  await run(from, 'FAILOVER');
  await until(async () => (await run(to, 'INFO replication')).includes('role:master'));
}

/** A name that can be pointed elsewhere: connections that are open stay where they are. */
export class Name {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private target: number,
  ) {
    server.on('connection', (near) => {
      const far = connect(this.target, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
  }

  static async of({ port }: RedisServer): Promise<Name> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Name(server, port);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  pointTo({ port }: RedisServer): void {
    this.target = port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

/** A Sentinel that watches a master by the name `main`. */
export async function startSentinel(master: RedisServer) {
  const folder = mkdtempSync(join(tmpdir(), 'tracking-sentinel-'));
  const port = await freePort();
  const config = join(folder, 'sentinel.conf');
  writeFileSync(
    config,
    `port ${port}
bind 127.0.0.1
sentinel monitor main 127.0.0.1 ${master.port} 1
sentinel down-after-milliseconds main 500
sentinel failover-timeout main 5000
`,
  );
  const child = spawn('redis-server', [config, '--sentinel', '--dir', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await until(() => run({ port }, 'PING').then(Boolean, () => false));
  // How often it asks for replicas: ten seconds, unless told, which Redis 7 understands.
  await run({ port }, 'SENTINEL DEBUG INFO-PERIOD 500').catch(() => undefined);
  return {
    port,
    connection: { sentinels: [{ host: '127.0.0.1', port }], name: 'main' },
    async stop(): Promise<void> {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A Cluster of one node. */
export async function startCluster(): Promise<RedisServer> {
  const redis = await RedisServer.start([
    ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
  ]);
  await run(redis, 'CLUSTER ADDSLOTSRANGE 0 16383');
  await until(async () => (await run(redis, 'CLUSTER INFO')).includes('cluster_state:ok'));
  return redis;
}

/** A Redis behind TLS, with a certificate that an authority of its own has signed. */
export async function startTls() {
  const folder = mkdtempSync(join(tmpdir(), 'tracking-tls-'));
  const file = (name: string) => join(folder, name);
  const openssl = (line: string) =>
    execFileSync('openssl', line.split(/\s+/), { stdio: 'ignore', cwd: folder });
  openssl('req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem');
  openssl('req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out request.pem');
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  openssl(
    'x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out cert.pem',
  );
  const port = await freePort();
  const redis = await RedisServer.start([
    ...['--tls-port', `${port}`, '--tls-cert-file', file('cert.pem')],
    ...['--tls-key-file', file('key.pem'), '--tls-ca-cert-file', file('ca.pem')],
    ...['--tls-auth-clients', 'no'],
  ]);
  return {
    connection: { host: '127.0.0.1', port, tls: { ca: readFileSync(file('ca.pem')) } },
    async stop(): Promise<void> {
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
