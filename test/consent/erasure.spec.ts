import { Module } from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';
import { type Person, RECIPIENT_STORE, type RecipientStore } from 'nestjs-email-tracking/privacy';
import { SuppressionService, TrackingSuppressionModule } from 'nestjs-email-tracking/suppression';
import type { PrivacyAccess } from '../../lib/consent/privacy-access.js';
import { SecondPass } from '../../lib/consent/second-pass.js';
import { KEY, OTHER_KEY } from '../support/app.js';
import { until } from '../support/until.js';
import { linesOf, NOON, TestPrivacy } from './privacy-app.js';

const PERSON = 'ann@erasure.example';

/** A store of an app's own, which can fail and hang. */
class OwnStore implements RecipientStore {
  mood: 'works' | 'fails' | 'hangs' = 'works';
  readonly calls: [what: string, person: Person, at: Date][] = [];
  onCall: () => void | Promise<void> = () => undefined;

  constructor(
    readonly name: string,
    readonly unreachable?: readonly string[],
  ) {}

  async *export({ address }: Person): AsyncGenerator<Record<string, unknown>> {
    yield { kept: `${this.name} of ${address}` };
    await this.act();
  }

  anonymise(person: Person, before: Date): Promise<void> {
    this.calls.push(['anonymise', person, before]);
    return this.act();
  }

  erase(person: Person, at: Date): Promise<void> {
    this.calls.push(['erase', person, at]);
    return this.act();
  }

  private async act(): Promise<void> {
    await this.onCall();
    if (this.mood === 'fails') {
      throw Object.assign(new Error(`no row of ${PERSON}`), { code: '57P03' });
    }
    if (this.mood === 'hangs') await new Promise(() => undefined);
  }
}

const shop = new OwnStore('shop', ['orders, which the law says to keep']);
const crm = new OwnStore('crm');

@Module({ providers: [{ provide: RECIPIENT_STORE, useValue: shop }] })
class ShopModule {}

@Module({
  providers: [
    { provide: 'CRM', useValue: crm },
    { provide: RECIPIENT_STORE, useExisting: 'CRM' },
  ],
})
class CrmModule {}

let started: TestPrivacy;
beforeAll(async () => {
  const imports = [ShopModule, CrmModule, TrackingSuppressionModule.forRoot()];
  started = await TestPrivacy.start({
    metadata: { imports },
    tracking: { encryptionKey: [KEY, OTHER_KEY] },
  });
});
afterAll(() => started.close());
beforeEach(() => {
  for (const store of [shop, crm]) {
    store.mood = 'works';
    store.calls.length = 0;
    store.onCall = () => undefined;
  }
});

test('an erasure reaches the store of every module, and says what it cannot reach', async () => {
  const report = await started.service.erase(`Ann <${PERSON.toUpperCase()}>`);
  expect(report).toMatchObject({ erasedAt: new Date(NOON), complete: true });
  const names = report.stores.map(({ store }) => store).sort();
  expect(names).toEqual(['consents', 'crm', 'shop', 'suppression', 'verdict windows']);
  expect(report.unreachable).toEqual([
    'what webhooks have delivered to other systems',
    'backups and copies of the databases',
    'logs of the servers, proxies and hosts',
    'windows of verdicts in the memory of other processes, which end by themselves after windowSeconds (15 minutes by default)',
    'orders, which the law says to keep',
  ]);
  expect(crm.calls.map(([what]) => what)).toEqual(['anonymise', 'erase']);
  const [, person, at] = crm.calls[0]!;
  expect(person.address).toBe(PERSON);
  expect(person.hashes).toHaveLength(2);
  expect(at).toEqual(report.erasedAt);
});

test('the person counts as erased before a store is asked', async () => {
  const person = 'before@erasure.example';
  const seen: boolean[] = [];
  shop.onCall = async () => void seen.push(await started.isLinkErased(person, NOON));
  expect(await started.isLinkErased(person, NOON)).toBe(false);
  await started.service.erase(person);
  expect(seen).toEqual([true, true]);
});

test('a store that fails stops no other, and is reported without the address', async () => {
  shop.mood = 'fails';
  const failed = await started.service.erase(PERSON);
  expect(failed.complete).toBe(false);
  expect(failed.stores.find(({ store }) => store === 'shop')).toEqual({
    store: 'shop',
    done: false,
    problem: 'anonymise: failed (57P03); erase: failed (57P03)',
  });
  expect(failed.stores.filter(({ done }) => done)).toHaveLength(4);
  expect(JSON.stringify(failed)).not.toContain(PERSON);
  shop.mood = 'works';
  expect(await started.service.erase(PERSON)).toMatchObject({ complete: true });
});

test('a store that hangs is given up after a minute for each step', async () => {
  crm.mood = 'hangs';
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  try {
    const erasing = started.service.erase(PERSON);
    await jest.advanceTimersByTimeAsync(120_000);
    const { stores } = await erasing;
    expect(stores.filter(({ done }) => !done)).toEqual([
      {
        store: 'crm',
        done: false,
        problem: 'anonymise: no answer in time; erase: no answer in time',
      },
    ]);
  } finally {
    jest.useRealTimers();
  }
});

test('an export has what every store keeps, or says that it is incomplete', async () => {
  const lines = await linesOf(started.service.export(PERSON));
  expect(lines).toContainEqual({ store: 'shop', data: { kept: `shop of ${PERSON}` } });
  expect(lines).toContainEqual({ store: 'crm', data: { kept: `crm of ${PERSON}` } });
  crm.mood = 'fails';
  await expect(linesOf(started.service.export(PERSON))).rejects.toThrow(
    "The export is incomplete: the store 'crm' could not be read (failed (57P03)).",
  );
});

test('who must not be written to is still not after an erasure', async () => {
  const suppression = started.app.get(SuppressionService);
  await suppression.add(PERSON, 'all', 'asked');
  await started.service.erase(PERSON);
  expect(await suppression.check(PERSON)).toMatchObject({ suppressed: true, address: '' });
});

describe('11 seconds after an erasure', () => {
  const pass = async (milliseconds: number, work: () => Promise<unknown>) => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    try {
      await work();
      await jest.advanceTimersByTimeAsync(milliseconds);
    } finally {
      jest.useRealTimers();
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  const SAID = { source: 'form', notice: 'version 1' };
  const person = 'again@erasure.example';

  test('the stores do it once more, up to that time, and consents since then stay', async () => {
    const { service, time } = started;
    const erasedAt = new Date(time.now);
    await pass(11_000, async () => {
      await service.erase(person);
      await service.erase(person);
      crm.calls.length = 0;
      await service.grant(person, { opens: 'identified', ...SAID });
      time.now += 11_000;
    });
    await until(() => crm.calls.length === 2);
    expect(crm.calls).toMatchObject([
      ['anonymise', { address: person }, new Date(time.now)],
      ['erase', { address: person }, erasedAt],
    ]);
    await pass(60_000, () => Promise.resolve());
    expect(crm.calls).toHaveLength(2);
    expect(await service.historyOf(person)).toHaveLength(1);
    expect(await started.isLinkErased(person, time.now)).toBe(false);
  });

  test('what fails is logged without the address', async () => {
    await pass(11_000, async () => {
      await started.service.erase(PERSON);
      shop.mood = 'fails';
    });
    await until(() => started.logs.text.includes('shop: anonymise: failed (57P03)'));
    expect(started.logs.text).toContain('Erase again those who were erased');
    expect(started.logs.text).not.toContain(PERSON);
  });

  test('nothing happens in an app that was closed', async () => {
    const own = new OwnStore('own');
    const providers = [{ provide: RECIPIENT_STORE, useValue: own }];
    const other = await TestPrivacy.start({ metadata: { providers } });
    await pass(60_000, async () => {
      await other.service.erase(PERSON);
      await other.close();
    });
    expect(own.calls.map(([what]) => what)).toEqual(['anonymise', 'erase']);
  });

  test('no more happens than was let wait, which is logged', () => {
    const write = jest.fn();
    const waiting: number[] = [];
    const clock = { after: (ms: number) => (waiting.push(ms), () => waiting.pop()) };
    const access = { log: { write } } as unknown as PrivacyAccess;
    const passes = new SecondPass(access, {} as DiscoveryService, clock, 2);
    for (const address of ['a@x.example', 'a@x.example', 'b@x.example', 'c@x.example']) {
      passes.plan({ address, hashes: [] }, new Date(NOON));
    }
    expect(waiting).toEqual([11_000, 11_000]);
    expect(write.mock.calls).toEqual([
      ['ERASURE_INCOMPLETE', expect.stringContaining('too many erasures wait')],
    ]);
    passes.stop();
    expect(waiting).toEqual([]);
  });
});
