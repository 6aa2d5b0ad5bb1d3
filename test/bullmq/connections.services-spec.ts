import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable, Module } from '@nestjs/common';
import { Cluster, Redis } from 'ioredis';
import {
  TrackingQueueModule,
  type TrackingQueueOptions,
  type TrackingQueueOptionsFactory,
  TrackingQueueService,
} from 'nestjs-email-tracking/bullmq';
import { TestApp } from '../support/app.js';
import { freePort } from '../support/free-port.js';
import { describeRedis, RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { QUICK } from './queue-app.js';

/** Whatever the connection looks like, a hit goes through Redis to its handler. */
async function expectHitThrough(module: ReturnType<typeof TrackingQueueModule.forRoot>) {
  const app = await TestApp.start('fastify', { metadata: { imports: [module] } });
  try {
    expect((await app.get(app.tracking.getOpenTrackingUrl({ n: 1 }))).status).toBe(200);
    await until(() => app.recorder.events.length === 1);
    expect(app.recorder.events[0]!.metadata).toEqual({ n: 1 });
    const { accepted, lost } = await app.app.get(TrackingQueueService).stats();
    expect({ accepted, lost }).toEqual({ accepted: 1, lost: 0 });
  } finally {
    await app.close();
  }
}

const through = (connection: TrackingQueueOptions['connection']) =>
  expectHitThrough(TrackingQueueModule.forRoot({ ...QUICK, connection }));

describeRedis('connections to Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => void (redis = await RedisServer.start()));
  afterAll(() => redis.stop());

  it('may be a URL', () => through(redis.url));
  it('may be an object with a URL', () => through({ url: redis.url }));
  it('may be host and port', () => through({ host: '127.0.0.1', port: redis.port }));

  it("may be the app's own client, which stays open", async () => {
    const client = new Redis(redis.port, '127.0.0.1', { maxRetriesPerRequest: null });
    try {
      await through(client);
      expect(await client.ping()).toBe('PONG');
    } finally {
      client.disconnect();
    }
  });

  it('come from a factory, a class, or a provider of another module', async () => {
    const options = { ...QUICK, connection: redis.url };
    @Injectable()
    class Factory implements TrackingQueueOptionsFactory {
      createTrackingQueueOptions() {
        return options;
      }
    }
    @Module({ providers: [Factory], exports: [Factory] })
    class FactoryModule {}

    await expectHitThrough(
      TrackingQueueModule.forRootAsync({ useFactory: () => Promise.resolve(options) }),
    );
    await expectHitThrough(TrackingQueueModule.forRootAsync({ useClass: Factory }));
    await expectHitThrough(
      TrackingQueueModule.forRootAsync({ imports: [FactoryModule], useExisting: Factory }),
    );
  });

  it('may be a Sentinel', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tracking-sentinel-'));
    const port = await freePort();
    const config = join(folder, 'sentinel.conf');
    writeFileSync(config, `sentinel monitor main 127.0.0.1 ${redis.port} 1\n`);
    const sentinel = spawn(
      'redis-server',
      [config, '--sentinel', '--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      await said(sentinel, '+monitor');
      await through({ sentinels: [{ host: '127.0.0.1', port }], name: 'main' });
    } finally {
      await end(sentinel, folder);
    }
  });
});

describeRedis('a Redis Cluster', () => {
  it('may be the connection', async () => {
    const redis = await RedisServer.start([
      ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
    ]);
    const setUp = new Redis(redis.port, '127.0.0.1');
    await setUp.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await until(async () =>
      String(await setUp.call('CLUSTER', 'INFO')).includes('cluster_state:ok'),
    );
    setUp.disconnect();
    const cluster = new Cluster([{ host: '127.0.0.1', port: redis.port }]);
    try {
      await through(cluster);
    } finally {
      cluster.disconnect();
      await redis.stop();
    }
  });
});

describeRedis('a Redis behind TLS', () => {
  it('may be the connection', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tracking-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync(
      'openssl',
      `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext
       subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout ${key} -out ${cert}`.split(/\s+/),
      { stdio: 'ignore' },
    );
    const port = await freePort();
    const redis = await RedisServer.start([
      ...['--tls-port', `${port}`, '--tls-cert-file', cert, '--tls-key-file', key],
      ...['--tls-ca-cert-file', cert, '--tls-auth-clients', 'no'],
    ]);
    try {
      await through({ host: '127.0.0.1', port, tls: { ca: readFileSync(cert) } });
    } finally {
      await redis.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

function said(child: ChildProcess, what: string): Promise<void> {
  let log = '';
  return new Promise((resolve, reject) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes(what)) resolve();
    });
    child.once('exit', () => reject(new Error(`It ended:\n${log}`)));
  });
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  const gone = once(child, 'exit');
  child.removeAllListeners('exit');
  child.kill('SIGKILL');
  await Promise.race([gone, once(child, 'close')]);
  rmSync(folder, { recursive: true, force: true });
}
