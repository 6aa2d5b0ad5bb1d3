import type { SqlClient } from 'nestjs-email-tracking/suppression';
import { connect, openPostgres } from '../stats/databases.js';
import { newSchema } from '../stats/schema.js';
import { describePostgres, PostgresServer } from '../support/postgres.js';
import { dumpOf } from '../support/dump.js';
import { until } from '../support/until.js';
import { anonymous } from './erasing-cases.js';
import { storeCases } from './store-cases.js';
import { DAY, hardBounce, own, softBounce, TestSuppression } from './suppression-app.js';

describePostgres('the suppression list on PostgreSQL', () => {
  const { schema, database } = storeCases(openPostgres);

  test('asks the database once for each 1000 addresses', async () => {
    const asked: number[] = [];
    const counting: SqlClient = {
      ...database().client,
      query: (text, values) => {
        if (text.includes('any(')) asked.push((values[0] as string[]).length);
        return database().client.query(text, values);
      },
    };
    const other = await TestSuppression.start({ client: counting, schema });
    const many = Array.from({ length: 2500 }, (_, i) => `q${i}@query.example`);
    await other.service.filter(many, (address) => address);
    expect(asked).toEqual([1000, 1000, 500]);
    await other.close();
    const erasing = await TestSuppression.start({ client: counting, schema: newSchema() });
    await erasing.publish(anonymous(hardBounce({ recipient: 'q7@query.example' })));
    expect(await erasing.service.filter(many, (address) => address)).toHaveLength(2499);
    asked.length = 0;
    expect(await erasing.service.filter(many, (address) => address)).toHaveLength(2499);
    expect(asked).toEqual([2000, 2000, 1000]);
    await erasing.close();
  });

  test('finds addresses by an index', async () => {
    const { rows } = await database().client.transaction(async (inside) => {
      await inside.query('set local enable_seqscan = off', []);
      return inside.query(
        `explain select * from "${schema}".tracking_suppressions where address = any($1::text[])`,
        [['a', 'b']],
      );
    });
    expect(JSON.stringify(rows)).toContain('Index');
  });
});

describePostgres('several processes on one PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => (server = await PostgresServer.start()));
  afterAll(() => server.stop());

  test('migrate at once, and lose nothing of what they write to the same addresses', async () => {
    const schema = newSchema();
    const connections = Array.from({ length: 4 }, () => connect(server));
    const all = await Promise.all(
      connections.map(({ client }) => TestSuppression.start({ client, schema })),
    );
    const start = Date.now() - 40 * DAY;
    const addresses = Array.from({ length: 20 }, (_, i) => `p${i}@processes.example`);
    // Each process reports another list, and another day.
    const writing = all.flatMap((one, index) =>
      addresses.flatMap((recipient) => [
        one.publish(own({ eventType: 'unsubscribed', recipient, list: `list${index}` })),
        one.publish(softBounce({ recipient, timestamp: new Date(start + (15 + index) * DAY) })),
      ]),
    );
    expect(await Promise.all(writing)).not.toContain(false);
    for (const recipient of addresses) {
      const { facts, days } = await all[0]!.service.history(recipient);
      expect([facts.length, days.length]).toEqual([4, 4]);
      expect(await all[1]!.scope(recipient)).toBe('all');
    }
    await Promise.all(all.map((one) => one.close()));
    await Promise.all(connections.map(({ end }) => end()));
  });

  test('forget addresses while others write to them, and lose nothing', async () => {
    const schema = newSchema();
    const connections = [connect(server), connect(server)];
    const [writer, cleaner] = await Promise.all(
      connections.map(({ client }) => TestSuppression.start({ client, schema })),
    );
    const addresses = Array.from({ length: 50 }, (_, i) => `f${i}@forget.example`);
    const old = new Date(Date.now() - 400 * DAY);
    for (let round = 0; round < 5; round++) {
      // Too old to matter: each is forgotten at once.
      await Promise.all(
        addresses.map((recipient) => writer!.publish(softBounce({ recipient, timestamp: old }))),
      );
      const list = `list${round}`;
      const left = (recipient: string) => own({ eventType: 'unsubscribed', recipient, list });
      await Promise.all([
        cleaner!.service.prune(),
        ...addresses.map((recipient) => writer!.publish(left(recipient))),
        cleaner!.service.prune(),
      ]);
      const stopped: string[] = [];
      await writer!.service.filter(addresses, (address) => address, {
        list,
        onSuppressed: (address) => stopped.push(address),
      });
      expect(stopped).toEqual(addresses);
      await Promise.all(addresses.map((a) => writer!.service.remove(a, `list:${list}`, 'again')));
    }
    await Promise.all([writer!.close(), cleaner!.close(), ...connections.map(({ end }) => end())]);
  });

  test('erase people while others write to them, lose nothing, and keep no address', async () => {
    const schema = newSchema();
    const connections = [connect(server), connect(server), connect(server)];
    const [one, two, eraser] = await Promise.all(
      connections.map(({ client }) => TestSuppression.start({ client, schema })),
    );
    const addresses = Array.from({ length: 20 }, (_, i) => `e${i}@erase.example`);
    for (let round = 0; round < 5; round++) {
      const list = `list${round}`;
      const results = await Promise.all(
        addresses.flatMap((recipient) => [
          one!.publish(own({ eventType: 'unsubscribed', recipient, list })),
          eraser!.erase(recipient).then(() => true),
          two!.publish(anonymous(own({ eventType: 'unsubscribed', recipient, list: `${list}-x` }))),
          one!.publish(softBounce({ recipient, timestamp: new Date(Date.now() - round * DAY) })),
        ]),
      );
      expect(results).not.toContain(false);
      for (const recipient of addresses) {
        const { address, facts, days } = await two!.service.history(recipient);
        expect([address, facts.length, days.length]).toEqual([null, 2 * (round + 1), round + 1]);
      }
    }
    expect(await dumpOf(connections[0]!.client, schema)).not.toContain('@erase.example');
    await Promise.all([one!.close(), two!.close(), eraser!.close()]);
    await Promise.all(connections.map(({ end }) => end()));
  });
});

describePostgres('a PostgreSQL that is killed', () => {
  test('events and questions are refused in time, and all works again when it is back', async () => {
    const server = await PostgresServer.start();
    const { client, end } = connect(server);
    try {
      const started = await TestSuppression.start({ client });
      const { service } = started;
      await started.publish(hardBounce({ recipient: 'before@example.com' }));
      await server.kill();
      const begun = Date.now();
      const refused = Array.from({ length: 50 }, (_, i) =>
        started.publish(hardBounce({ recipient: `during${i}@example.com` })),
      );
      expect(new Set(await Promise.all(refused))).toEqual(new Set([false]));
      expect(Date.now() - begun).toBeLessThan(7000);
      await expect(service.check('before@example.com')).rejects.toMatchObject({
        code: 'SUPPRESSION_UNKNOWN',
      });
      await expect(service.add('a@example.com', 'all', 'asked')).rejects.toThrow(
        'could not be written',
      );
      expect(await service.health()).toMatchObject({ status: 'down', database: false });
      expect(started.logs.text).not.toContain('@example.com');
      await server.restart();
      await until(() => started.publish(hardBounce({ recipient: 'during0@example.com' })));
      expect(await started.scope('before@example.com')).toBe('all');
      expect(await started.scope('during0@example.com')).toBe('all');
      expect(await service.health()).toMatchObject({ status: 'up', database: true, durable: true });
      await started.close();
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
      const started = await TestSuppression.start({ client });
      expect(await started.publish(hardBounce())).toBe(false);
      await server.restart();
      await until(() => started.publish(hardBounce()));
      expect(await started.scope('ann@example.com')).toBe('all');
      await started.close();
    } finally {
      await end();
      await server.stop();
    }
  });
});
