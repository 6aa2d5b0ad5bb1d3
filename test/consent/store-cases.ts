import { newSchema } from '../stats/schema.js';
import type { TestDatabase } from '../stats/databases.js';
import { KEY, OTHER_KEY } from '../support/app.js';
import { dumpOf, tracesOf } from '../support/dump.js';
import { NOON, TestPrivacy } from './privacy-app.js';
import { registerCases } from './register-cases.js';

const SAID = { source: 'form', notice: 'version 1' };

/** What is shown on every database. */
export function storeCases(open: () => Promise<TestDatabase>): void {
  let opened: TestDatabase;
  let started: TestPrivacy;
  beforeAll(async () => {
    opened = await open();
    started = await TestPrivacy.start({ client: opened.client, schema: newSchema() });
  });
  afterAll(async () => {
    await started.close();
    await opened.close();
  });
  const startWith = (schema: string, keys: Record<string, unknown>, time = { now: NOON }) =>
    TestPrivacy.start({ client: opened.client, schema, tracking: keys, time });

  registerCases(() => started);

  test('no table holds an address, or a digest that needs no key', async () => {
    const schema = newSchema();
    const test = await TestPrivacy.start({ client: opened.client, schema });
    const person = 'ann.secret@dump.example';
    await test.service.grant(person, { opens: 'identified', ...SAID });
    await test.service.withdraw(person);
    await test.register.withdrawByPage({ recipient: person, tenant: null });
    let dump = await dumpOf(opened.client, schema);
    expect(dump).toContain('version 1');
    await test.service.erase(person);
    await test.service.grant(person, { opens: 'identified', ...SAID });
    test.time.now += 1000;
    await test.prepare(person, '<later-mail@dump.example>');
    dump += await dumpOf(opened.client, schema);
    const traces = [...tracesOf(person), ...tracesOf('later-mail@dump.example')];
    expect(traces.filter((trace) => dump.includes(trace))).toEqual([]);
    await test.close();
  });

  test('a restart and a new key keep what was said, as long as the old key is kept', async () => {
    const schema = newSchema();
    const [ann, bob] = ['ann@keys.example', 'bob@keys.example'];
    const first = await startWith(schema, { encryptionKey: KEY });
    await first.service.grant(ann, { opens: 'identified', ...SAID });
    await first.service.erase(bob);
    await first.close();
    for (const keys of [
      { encryptionKey: [OTHER_KEY, KEY] },
      { encryptionKey: OTHER_KEY, retiredKeys: [KEY] },
    ]) {
      const next = await startWith(schema, keys);
      expect(await next.modesOf(ann)).toEqual(['identified', null]);
      expect(await next.isLinkErased(bob, NOON - 5000)).toBe(true);
      await next.close();
    }
    const both = await startWith(schema, { encryptionKey: [OTHER_KEY, KEY] });
    await both.service.withdraw(ann);
    expect(await both.modesOf(ann)).toEqual(['off', 'off']);
    expect(await both.service.historyOf(ann)).toHaveLength(2);
    await both.service.erase(ann);
    expect(await both.modesOf(ann)).toEqual([null, null]);
    await both.close();
    const dropped = startWith(schema, { encryptionKey: OTHER_KEY });
    await expect(dropped).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(dropped).rejects.toThrow(/retiredKeys: .*Keep the old key in retiredKeys/);
  });

  test('another process knows of an erasure and of consent within the time of the cache', async () => {
    const schema = newSchema();
    const time = { now: NOON };
    const [one, other] = await Promise.all([
      startWith(schema, {}, time),
      startWith(schema, {}, time),
    ]);
    const person = 'ann@processes.example';
    expect(await other.isLinkErased(person, NOON - 60_000)).toBe(false);
    await one.service.erase(person);
    expect(await one.isLinkErased(person, NOON - 60_000)).toBe(true);
    time.now += 10_000;
    expect(await other.isLinkErased(person, NOON - 60_000)).toBe(true);
    expect(await other.isLinkErased(person, NOON + 1000)).toBe(false);
    await one.service.withdraw(person);
    expect(await other.modesOf(person)).toEqual(['off', 'off']);
    await Promise.all([one.close(), other.close()]);
  });

  test('what is said last counts, although the clock of another process is ahead', async () => {
    const schema = newSchema();
    const ahead = await startWith(schema, {}, { now: NOON + 30_000 });
    const test = await startWith(schema, {});
    const person = 'ann@clocks.example';
    await ahead.service.grant(person, { opens: 'identified', ...SAID });
    await test.service.withdraw(person);
    expect(await ahead.modesOf(person)).toEqual(['off', 'off']);
    await Promise.all([test.close(), ahead.close()]);
  });
}
