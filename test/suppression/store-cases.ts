import { newSchema } from '../stats/schema.js';
import type { TestDatabase } from '../stats/databases.js';
import { KEY, OTHER_KEY } from '../support/app.js';
import { dumpOf, tracesOf } from '../support/dump.js';
import { anonymous, erasingCases } from './erasing-cases.js';
import { orderCases } from './order-cases.js';
import { serviceCases } from './service-cases.js';
import { hardBounce, own, TestSuppression } from './suppression-app.js';

/** What is shown on every database. @returns the database that is open while the tests run */
export function storeCases(open: () => Promise<TestDatabase>): {
  schema: string;
  database: () => TestDatabase;
} {
  const schema = newSchema();
  let opened: TestDatabase;
  let started: TestSuppression;
  // What it keeps names nobody, so an export cannot be imported.
  let erasing: TestSuppression;
  const restart = () => TestSuppression.start({ client: opened.client, schema });
  beforeAll(async () => {
    opened = await open();
    started = await restart();
    erasing = await TestSuppression.start({ client: opened.client, schema: newSchema() });
  });
  afterAll(async () => {
    await started.close();
    await erasing.close();
    await opened.close();
  });

  orderCases(() => started);
  erasingCases(() => erasing);
  serviceCases(() => started, restart);

  test('no table holds the address of somebody who was erased, or a digest that needs no key', async () => {
    const recipient = 'ann.secret@dump.example';
    const place = { client: opened.client, schema: newSchema() };
    const other = await TestSuppression.start(place);
    await other.service.add(recipient, 'lists', `${recipient} asked`, recipient);
    await other.publish(hardBounce({ recipient, mtaResponse: `550 5.1.1 ${recipient}` }));
    expect(await dumpOf(place.client, place.schema)).toContain(recipient);
    await other.erase(recipient);
    await other.publish(
      ...[hardBounce({ recipient }), own({ eventType: 'unsubscribed', recipient })].map(anonymous),
    );
    const dump = await dumpOf(place.client, place.schema);
    expect(dump).toContain('HASH:');
    expect(tracesOf(recipient).filter((trace) => dump.includes(trace))).toEqual([]);
    await other.close();
  });

  test('a new key keeps the suppressions of people who were erased, as long as the old one is kept', async () => {
    const place = { client: opened.client, schema: newSchema() };
    const recipient = 'ann@keys.example';
    const first = await TestSuppression.start(place, { encryptionKey: KEY });
    await first.service.add(recipient, 'all', 'asked');
    await first.erase(recipient);
    await first.close();
    for (const keys of [
      { encryptionKey: [OTHER_KEY, KEY] },
      { encryptionKey: OTHER_KEY, retiredKeys: [KEY] },
    ]) {
      const next = await TestSuppression.start(place, keys);
      expect(await next.scope(recipient)).toBe('all');
      await next.publish(anonymous(own({ eventType: 'unsubscribed', recipient })));
      expect((await next.service.history(recipient)).facts).toHaveLength(2);
      await next.close();
    }
    await expect(TestSuppression.start(place, { encryptionKey: OTHER_KEY })).rejects.toThrow(
      /retiredKeys: .*Keep the old key in retiredKeys/,
    );
  });

  return { schema, database: () => opened };
}
