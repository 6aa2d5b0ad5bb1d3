import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TrackingModule, TrackingService } from 'nestjs-email-tracking';
import {
  type ConsentGrant,
  type ConsentWithdrawal,
  PrivacyService,
  TrackingPrivacyModule,
} from 'nestjs-email-tracking/privacy';
import type { ConsentRow } from '../../lib/consent/consent-store.js';
import { MemoryStore } from '../../lib/consent/memory-store.js';
import { OPTIONS } from '../support/app.js';
import { NOON, TestPrivacy } from './privacy-app.js';

const GOOD: ConsentGrant = { opens: 'identified', source: 'form', notice: 'version 1' };
const PERSON = 'ann@memory.example';
let started: TestPrivacy;
beforeAll(async () => (started = await TestPrivacy.start()));
afterAll(() => started.close());

test('without a client, the app warns that a restart forgets everybody', () => {
  expect(started.logs.text).toContain('consents and erasures are kept in memory');
});

describe('what cannot be stored is refused without its value', () => {
  test.each<[what: string, problem: string, changes: Record<string, unknown>]>([
    ['no mode', "opens: or clicks is needed: 'off'", { opens: undefined }],
    ['an unknown mode', "opens: must be 'off', 'anonymous'", { opens: 'secret-4711' }],
    ['no source', 'source: is needed', { source: undefined }],
    ['an empty source', 'source: must be a text of 1 to 200', { source: ' ' }],
    ['a long source', 'source: must be a text of 1 to 200', { source: 'secret-4711'.repeat(50) }],
    ['no notice', 'notice: is needed', { notice: undefined }],
    ['a long notice', 'notice: must be a text of 1 to 10000', { notice: 'x'.repeat(10_001) }],
    ['a large proof', 'proof: must be JSON of at most 16384', { proof: 'ü'.repeat(8200) }],
    ['a proof that is no JSON', 'proof: must be JSON', { proof: 1n }],
    ['a time in the future', 'at: must be a Date', { at: new Date(Date.UTC(2030, 0)) }],
    ['an invalid time', 'at: must be a Date', { at: new Date('secret-4711') }],
    ['an unknown member', 'note: unknown', { note: 'secret-4711' }],
  ])('%s', async (_what, problem, changes) => {
    const refused = started.service.grant(PERSON, { ...GOOD, ...changes });
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    const { message } = (await refused.catch((error: unknown) => error)) as Error;
    expect(message).toContain(problem);
    expect(message).not.toContain('secret-4711');
    expect(message.match(/: (?:must|is|or|unknown)/g)).toHaveLength(1);
  });

  test('a withdrawal that would identify', async () => {
    const withdrawal = { opens: 'identified' } as unknown as ConsentWithdrawal;
    await expect(started.service.withdraw(PERSON, withdrawal)).rejects.toThrow(
      "opens: must be 'off', 'anonymous' or 'deliverability'",
    );
  });

  test.each(['', 7, 'x'.repeat(2000)])('a recipient like %.20p', async (given) => {
    const recipient = given as string;
    const { service } = started;
    for (const refused of [
      () => service.grant(recipient, GOOD),
      () => service.withdraw(recipient),
      () => service.historyOf(recipient),
      () => service.erase(recipient),
      () => Promise.resolve().then(() => service.export(recipient)),
    ]) {
      await expect(refused()).rejects.toThrow('recipient: must be an address');
    }
  });

  afterAll(async () => expect(await started.service.historyOf(PERSON)).toEqual([]));
});

test('without a key, the app does not start and says which option is needed', async () => {
  const tracking = { encryptionKey: undefined, format: 'plain' } as const;
  await expect(TestPrivacy.start({ tracking })).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining('encryptionKey') as unknown,
  });
});

test('without EventEmitterModule, the next mail follows a grant and a withdrawal at once', async () => {
  @Module({
    imports: [
      TrackingModule.forRoot({ ...OPTIONS, controllers: false }),
      TrackingPrivacyModule.forRoot(),
    ],
  })
  class SilentModule {}
  const app = await NestFactory.createApplicationContext(SilentModule, { logger: false });
  const policy = () => app.get(TrackingService).policyFor(PERSON);
  expect(await policy()).toEqual({ opens: 'anonymous', clicks: 'anonymous' });
  await app.get(PrivacyService).grant(PERSON, { ...GOOD, clicks: 'identified' });
  expect(await policy()).toEqual({ opens: 'identified', clicks: 'identified' });
  await app.get(PrivacyService).withdraw(PERSON);
  expect(await policy()).toEqual({ opens: 'off', clicks: 'off' });
  await app.close();
});

describe('a register in memory that is full', () => {
  const row = (what: ConsentRow['what']): ConsentRow => ({
    ...{ what, opens: 'off', clicks: 'off', source: 'form' },
    ...{ notice: null, proof: null, tenant: null, at: NOON },
  });
  const key = (hash: string) => ({ hash: { keyId: 'k', hash }, all: [hash], isNow: false });
  let store: MemoryStore;
  beforeEach(async () => {
    store = new MemoryStore(2);
    for (const person of ['ann', 'bob']) await store.append(row('granted'), key(person));
  });

  test('refuses grants, and takes withdrawals and erasures', async () => {
    const refused = store.append(row('granted'), key('cid'));
    await expect(refused).rejects.toMatchObject({ code: 'REGISTER_IN_MEMORY_IS_FULL' });
    await store.append(row('withdrawn'), key('cid'));
    expect(await store.records(['cid'])).toEqual([row('withdrawn')]);
    const people = ['ann', 'bob', 'cid'];
    for (const hash of people) await store.bury({ keyId: 'k', hash }, NOON);
    expect((await store.erasures(people)).size).toBe(3);
  });

  test('has room again for as many as it forgets', async () => {
    await store.forget(['ann', 'nobody']);
    await store.append(row('granted'), key('cid'));
    await expect(store.append(row('granted'), key('dan'))).rejects.toThrow();
    expect(await store.answers(['cid'])).toMatchObject([{ order: 2 }, { order: 2 }]);
  });
});
