import { MemoryWindowStore, RedisWindowStore, type WindowStore } from 'nestjs-email-tracking';
import { type Person, RECIPIENT_STORE, type RecipientStore } from '../../lib/plugin.js';
import { TestApp } from '../support/app.js';

const personOf = (address: string): Person => ({ address, hashes: [] });
const NOW = new Date();

describe('what the windows of verdicts remember of a person', () => {
  let app: TestApp;
  let memory: MemoryWindowStore;

  async function start(store: WindowStore): Promise<RecipientStore> {
    app = await TestApp.start('fastify', { tracking: { verdict: { store } } });
    return app.app.get<RecipientStore>(RECIPIENT_STORE, { strict: false });
  }
  async function exported(store: RecipientStore, address: string) {
    const windows: unknown[] = [];
    for await (const one of store.export(personOf(address))) windows.push(one);
    return windows;
  }
  const hit = (recipient: string) =>
    app.get(app.tracking.getOpenTrackingUrl({}, { messageId: '<1.2@example.com>', recipient }));

  beforeEach(() => {
    memory = new MemoryWindowStore();
  });
  afterEach(() => app.close());

  it.each([
    ['Ann@Example.com', 'ann@example.com'],
    ['Ann@MÜNCHEN.example', 'ann@xn--mnchen-3ya.example'],
  ])('is exported and removed for %s, and nothing of others', async (written, address) => {
    const store = await start(memory);
    await hit(written);
    await hit('joann@example.com');
    expect(await exported(store, address)).toEqual([
      { window: { hits: [expect.objectContaining({ type: 'opened' })], deliveredAt: null } },
    ]);
    await store.erase(personOf(address), NOW);
    expect(await exported(store, address)).toEqual([]);
    expect(await exported(store, 'joann@example.com')).toHaveLength(1);
    await store.anonymise(personOf('joann@example.com'), NOW);
    expect(memory.counts).toMatchObject({ keys: 0, hits: 0, evictedKeys: 0 });
  });

  it('is not reached in Redis, which is said', async () => {
    const client = {
      evalsha: () => Promise.reject(new Error()),
      eval: () => Promise.reject(new Error()),
    };
    const store = await start(new RedisWindowStore(client));
    await store.erase(personOf('ann@example.com'), NOW);
    expect(await exported(store, 'ann@example.com')).toEqual([]);
    expect(store.unreachable!.join()).toContain('outside of the process');
  });
});
