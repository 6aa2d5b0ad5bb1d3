import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describePostgres, PostgresServer } from '../support/postgres.js';
import { SmallDisk } from '../support/small-disk.js';
import { until } from '../support/until.js';
import { compareCases } from './compare-cases.js';
import { connect, openPostgres, type TestDatabase } from './databases.js';
import { eventOf } from './events.js';
import { exportCases } from './export-cases.js';
import { faultsCases } from './faults-cases.js';
import { migrationCases } from './migration-cases.js';
import { numbersCases } from './numbers-cases.js';
import { privacyCases } from './privacy-cases.js';
import { privacyPropertyCases } from './privacy-property-cases.js';
import { propertyCases } from './property-cases.js';
import { questionsCases } from './questions-cases.js';
import { questionsPropertyCases } from './questions-property-cases.js';
import { TestStore } from './store.js';

describePostgres('the store on PostgreSQL', () => {
  let opened: TestDatabase;
  beforeAll(async () => (opened = await openPostgres()));
  afterAll(() => opened.close());

  numbersCases(() => opened);
  compareCases(() => opened);
  migrationCases(() => opened);
  exportCases(() => opened);
  faultsCases(() => opened);
  privacyCases(() => opened);
  privacyPropertyCases(() => opened);
  propertyCases(() => opened);
  questionsCases(() => opened);
  questionsPropertyCases(() => opened);
});

describePostgres('a PostgreSQL that is killed', () => {
  test('events wait until it is back, and are written once', async () => {
    const server = await PostgresServer.start();
    const { client, end } = connect(server);
    try {
      const store = await TestStore.start(client);
      await store.add(eventOf());
      await server.kill();
      const waiting = Array.from({ length: 50 }, () => eventOf());
      for (const event of waiting) void store.take(event);
      await until(() => store.stats.counts.failures > 0);
      expect(await store.stats.health()).toMatchObject({ status: 'down', database: false });
      expect(store.stats.counts.buffered).toBe(50);
      await expect(store.stats.totals()).rejects.toThrow();
      await server.restart();
      await until(() => store.stats.counts.written === 51);
      expect((await store.stats.totals()).clicks.total).toBe(51);
      await until(() => store.stats.counts.buffered === 0);
      expect((await store.stats.health()).status).toBe('up');
    } finally {
      await end();
      await server.stop();
    }
  });

  test('an app starts without it, and makes the tables when it is there', async () => {
    const server = await PostgresServer.start();
    const { client, end } = connect(server);
    try {
      await server.kill();
      const store = await TestStore.start(client);
      void store.take(eventOf({ eventId: randomUUID() }));
      await until(() => store.stats.counts.failures > 0);
      await server.restart();
      await until(() => store.stats.counts.written === 1);
      expect((await store.stats.totals()).clicks.total).toBe(1);
    } finally {
      await end();
      await server.stop();
    }
  });
});

describePostgres('a disk that is full', () => {
  test('events wait until there is room, and are written once', async () => {
    const disk = SmallDisk.mount(16);
    if (!disk) return;
    const server = await PostgresServer.start();
    const { client, end } = connect(server);
    try {
      const folder = join(disk.folder, 'tables');
      mkdirSync(folder);
      chmodSync(disk.folder, 0o755);
      server.lend(folder);
      await client.query(`create tablespace small location '${folder}'`, []);
      await client.query('alter database postgres set default_tablespace = small', []);
      // Connections that were there before do not know of it.
      const small = connect(server);
      try {
        const store = await TestStore.start(small.client);
        await store.add(eventOf());
        disk.fill();
        const waiting = Array.from({ length: 3000 }, () => eventOf());
        for (const event of waiting) void store.take(event);
        await until(() => store.stats.counts.failures > 0);
        expect(store.stats.counts).toMatchObject({ lost: 0, refused: 0 });
        expect((await store.stats.health()).status).toBe('down');
        disk.free();
        await until(() => store.stats.counts.written === 3001);
        expect((await store.stats.totals()).clicks.total).toBe(3001);
      } finally {
        await small.end();
      }
    } finally {
      await end();
      await server.stop();
      disk.unmount();
    }
  });
});
