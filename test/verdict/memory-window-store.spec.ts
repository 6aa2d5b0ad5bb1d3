import * as fc from 'fast-check';
import { isTrackingError, MemoryWindowStore } from 'nestjs-email-tracking';
import { anyCalls, hitOf, ModelStore, START } from './window-hits.js';

const NOTHING = { hits: [], deliveredAt: null };

describe('the window in memory', () => {
  it('gives what was known before, in the order in which hits were added', () => {
    const store = new MemoryWindowStore();
    const [one, two, three] = ['1', '2', '3'].map((id, i) => hitOf({ id, at: START - i }));
    expect(store.add('key', one!, START)).toEqual(NOTHING);
    expect(store.add('key', two!, START)).toEqual({ hits: [one], deliveredAt: null });
    expect(store.add('key', three!, START)).toEqual({ hits: [one, two], deliveredAt: null });
    expect(store.add('other', one!, START)).toEqual(NOTHING);
    expect(store.counts).toMatchObject({ keys: 2, hits: 4 });
  });

  it('does not change returned states, and ignores later changes of given hits', () => {
    const store = new MemoryWindowStore();
    const given = hitOf({ id: '1', link: '1' });
    store.add('key', given, START);
    given.link = 'another';
    const state = store.add('key', hitOf({ id: '2' }), START);
    for (let id = 3; id < 100; id++) store.add('key', hitOf({ id: `${id}` }), START);
    store.deliver('key', START, START);
    expect(state).toEqual({ hits: [hitOf({ id: '1', link: '1' })], deliveredAt: null });
  });

  it('changes nothing for a repeat, not even which key is the oldest', () => {
    const store = new MemoryWindowStore({ maxKeys: 2, maxAgeSeconds: 10 });
    store.add('first', hitOf({ id: '1' }), START);
    store.add('second', hitOf({ id: '2' }), START + 1);
    const known = { hits: [hitOf({ id: '1' })], deliveredAt: null };
    expect(store.add('first', hitOf({ id: '1', link: 'x' }), START + 2)).toEqual(known);
    store.add('third', hitOf({ id: '3' }), START + 3);
    expect(store.add('second', hitOf({ id: '2' }), START + 3).hits).toHaveLength(1);
    expect(store.add('first', hitOf({ id: '4' }), START + 3)).toEqual(NOTHING);
  });

  it('keeps the earliest delivery', () => {
    const store = new MemoryWindowStore();
    expect(store.deliver('key', START + 5, START + 9)).toEqual(NOTHING);
    expect(store.deliver('key', START + 7, START + 9).deliveredAt).toBe(START + 5);
    expect(store.deliver('key', START + 2, START + 9).deliveredAt).toBe(START + 5);
    expect(store.deliver('key', NaN, START + 9).deliveredAt).toBe(START + 2);
    expect(store.add('key', hitOf({ id: '1' }), START + 9).deliveredAt).toBe(START + 2);
    expect(store.counts).toMatchObject({ keys: 1, hits: 1 });
  });

  it('remembers a key for exactly maxAgeSeconds', () => {
    const store = new MemoryWindowStore({ maxAgeSeconds: 10 });
    store.add('key', hitOf({ id: '1' }), START);
    expect(store.add('key', hitOf({ id: '1' }), START + 10_000).hits).toHaveLength(1);
    expect(store.add('key', hitOf({ id: '1' }), START + 10_001)).toEqual(NOTHING);
    expect(store.counts).toMatchObject({ keys: 1, hits: 1, expiredKeys: 1, evictedKeys: 0 });
  });

  it('leaves out hits that are too old in a key that is not', () => {
    const store = new MemoryWindowStore({ maxAgeSeconds: 10 });
    for (const id of [0, 6, 12]) store.add('key', hitOf({ id: `${id}` }), START + id * 1000);
    const { hits } = store.add('key', hitOf({ id: '13' }), START + 13_000);
    expect(hits.map(({ id }) => id)).toEqual(['6', '12']);
    expect(store.counts).toMatchObject({ hits: 3, evictedHits: 0 });
  });

  it('remembers 64 hits of a key, and counts the others', () => {
    const store = new MemoryWindowStore();
    for (let id = 0; id < 70; id++) store.add('key', hitOf({ id: `${id}` }), START);
    const { hits } = store.add('key', hitOf({ id: '70' }), START);
    expect(hits.map(({ id }) => Number(id))).toEqual(Array.from({ length: 64 }, (_, i) => i + 6));
    expect(store.counts).toMatchObject({ hits: 64, evictedHits: 7 });
    // One that has gone is news again.
    expect(store.add('key', hitOf({ id: '0' }), START).hits[0]?.id).toBe('7');
  });

  it('removes expired keys as others arrive, and keeps the rest', () => {
    const store = new MemoryWindowStore({ maxAgeSeconds: 10 });
    for (let i = 0; i < 100; i++) store.add(`${i}`, hitOf({ id: '1' }), START + i);
    expect(store.counts.keys).toBe(100);
    for (let i = 0; i < 30; i++) store.deliver('new', START - i, START + 10_050);
    expect(store.counts).toEqual({
      keys: 51,
      hits: 50,
      evictedKeys: 0,
      evictedHits: 0,
      expiredKeys: 50,
    });
  });

  it.each([
    ['ids', { id: 'x'.repeat(513) }],
    ['names of links', { id: '1', link: 'x'.repeat(513) }],
    ['times that are none', { id: '1', at: NaN }],
  ])('does not remember hits with such %s', (_, hit) => {
    const store = new MemoryWindowStore();
    store.add('key', hitOf(hit), START);
    expect(store.add('key', hitOf({ id: '2' }), START)).toEqual(NOTHING);
  });

  it('remembers keys of any length and characters', () => {
    const store = new MemoryWindowStore();
    const keys = ['', '\0', '__proto__', 'x'.repeat(100_000), `${'x'.repeat(100_000)}y`];
    for (const key of keys) expect(store.add(key, hitOf({ id: '1' }), START)).toEqual(NOTHING);
    for (const key of keys) expect(store.add(key, hitOf({ id: '1' }), START).hits).toHaveLength(1);
  });

  it.each([
    { maxKeys: 0 },
    { maxKeys: 1.5 },
    { maxKeys: NaN },
    { maxKeys: 10_000_001 },
    { maxAgeSeconds: 0 },
    { maxAgeSeconds: Infinity },
  ])('refuses %j', (options) => {
    let error: unknown;
    try {
      new MemoryWindowStore(options);
    } catch (caught) {
      error = caught;
    }
    expect(isTrackingError(error) && error.code).toBe('INVALID_OPTIONS');
    expect((error as Error).message).toContain(Object.keys(options)[0]);
  });

  it('does what a naive store does', () => {
    fc.assert(
      fc.property(anyCalls(400), fc.integer({ min: 1, max: 5 }), (calls, maxKeys) => {
        const store = new MemoryWindowStore({ maxAgeSeconds: 10, maxKeys });
        const model = new ModelStore(10_000, maxKeys);
        let now = START;
        for (const call of calls) {
          now += call.after;
          const state =
            'hit' in call
              ? store.add(call.key, call.hit, now)
              : store.deliver(call.key, call.deliveredAt, now);
          expect(state).toEqual(model.do(call, now));
        }
        const { evictedKeys, evictedHits } = model;
        expect(store.counts).toMatchObject({ evictedKeys, evictedHits });
        expect(store.counts.keys).toBeLessThanOrEqual(maxKeys);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });
});
