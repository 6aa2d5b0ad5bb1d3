import { isTrackingError } from 'nestjs-email-tracking';
import type { SqlClient } from 'nestjs-email-tracking/privacy';
import { openPglite, type TestDatabase } from '../stats/databases.js';
import { newSchema } from '../stats/schema.js';
import { Moody } from '../suppression/moody.js';
import { NOON, TestPrivacy } from './privacy-app.js';

const PERSON = 'ann@hanging.example';
let opened: TestDatabase;
beforeAll(async () => (opened = await openPglite()));
afterAll(() => opened.close());

test.each(['fails', 'hangs'] as const)(
  'while the database %s, nothing counts as stored and nobody as not erased',
  async (mood) => {
    const moody = new Moody(opened.client);
    const test = await TestPrivacy.start({ client: moody.client, schema: newSchema() });
    moody.mood = mood;
    const { service } = test;
    const said = { opens: 'identified', source: 'form', notice: 'version 1' } as const;
    const codes = await Promise.all(
      [
        () => service.grant(PERSON, said),
        () => service.withdraw(PERSON),
        () => service.erase(PERSON),
        () => test.register.withdrawByPage({ recipient: PERSON, tenant: null }),
      ].map((work) => work().catch((error: unknown) => isTrackingError(error) && error.code)),
    );
    expect(codes).toEqual(Array.from({ length: 4 }, () => 'NOT_STORED'));
    expect(test.events).toEqual([]);
    const unread = 'The register of consents could not be read';
    await Promise.all([
      expect(test.isLinkErased(PERSON, NOON)).rejects.toThrow(unread),
      expect(test.modesOf(PERSON)).rejects.toThrow(unread),
      expect(service.historyOf(PERSON)).rejects.toThrow(unread),
      ...Array.from({ length: 30 }, (_, i) => test.prepare(PERSON, `<${i}@hanging.example>`)),
    ]);
    moody.mood = 'works';
    await service.erase(PERSON);
    expect(await test.isLinkErased(PERSON, NOON)).toBe(true);
    expect(test.logs.text).not.toContain('hanging.example');
    expect(test.logs.warnings.length).toBeLessThanOrEqual(10);
    await test.close();
  },
);

test('an app starts without its database, and works when it is there', async () => {
  const moody = new Moody(opened.client);
  moody.mood = 'fails';
  const test = await TestPrivacy.start({ client: moody.client, schema: newSchema() });
  expect(test.logs.text).toContain('The tables could not be created (57P03)');
  moody.mood = 'works';
  await test.service.withdraw(PERSON);
  expect(await test.modesOf(PERSON)).toEqual(['off', 'off']);
  await test.close();
});

describe('questions of who was erased', () => {
  let asked = 0;
  let hold: Promise<void> | undefined;
  let test_: TestPrivacy;
  beforeAll(async () => {
    const { client } = opened;
    const counting: SqlClient = {
      ...client,
      query: async (text, values) => {
        const isQuestion = text.includes('select hash, erased_at');
        if (isQuestion) asked++;
        const result = await client.query(text, values);
        if (isQuestion) await hold;
        return result;
      },
    };
    test_ = await TestPrivacy.start({ client: counting, schema: newSchema() });
  });
  afterAll(() => test_.close());
  beforeEach(() => (asked = 0));

  test('share queries, and are answered from memory for 10 seconds', async () => {
    const all = Array.from({ length: 400 }, (_, i) => `p${i % 200}@asked.example`);
    await Promise.all(all.map((person) => test_.isLinkErased(person, NOON)));
    expect(asked).toBeLessThanOrEqual(2);
    test_.time.now += 9999;
    await Promise.all(all.map((person) => test_.isLinkErased(person, NOON)));
    expect(asked).toBeLessThanOrEqual(2);
    test_.time.now += 1;
    await test_.isLinkErased(all[0]!, NOON);
    expect(asked).toBeLessThanOrEqual(3);
  });

  test('that are on their way when somebody is erased here are asked again', async () => {
    let release!: () => void;
    hold = new Promise((resolve) => (release = resolve));
    const early = test_.isLinkErased(PERSON, NOON);
    while (asked === 0) await new Promise((resolve) => setImmediate(resolve));
    await test_.service.erase(PERSON);
    hold = undefined;
    release();
    expect(await early).toBe(true);
    expect(await test_.isLinkErased(PERSON, NOON)).toBe(true);
  });
});
