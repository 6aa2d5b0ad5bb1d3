import * as fc from 'fast-check';
import { KeyTable } from '../../lib/verdict/key-table.js';

describe('the table of keys', () => {
  it('gives each key a slot of its own, and a slot that is free to the next', () => {
    const table = new KeyTable(1);
    const add = (key: string) => table.add(key, table.hashOf(key));
    expect(['a', 'b', 'c'].map(add)).toEqual([0, 1, 2]);
    table.remove(1);
    expect(table.find('b', table.hashOf('b'))).toBe(-1);
    expect(table.size).toBe(2);
    expect(add('d')).toBe(1);
    expect(table.find('c', table.hashOf('c'))).toBe(2);
  });

  it('hashes by a seed, and so in another way in each table', () => {
    const hashes = [1, 2, 3].map((seed) => new KeyTable(seed).hashOf('key'));
    expect(new Set(hashes).size).toBe(3);
    expect(new KeyTable(1).hashOf('key')).toBe(hashes[0]);
    expect(new KeyTable().hashOf('key')).not.toBe(new KeyTable().hashOf('key'));
  });

  // Hashes are given, so that keys meet at one place, at its end, and in a table that grows.
  it.each([
    ['few places', fc.integer({ min: -3, max: 3 })],
    ['any place', fc.integer()],
  ])('finds what a Map finds, with hashes for %s', (_, anyHash) => {
    const anyKey = fc.tuple(fc.nat(2000), fc.array(anyHash, { minLength: 1, maxLength: 50 }));
    fc.assert(
      fc.property(fc.array(anyKey, { maxLength: 3000, size: 'max' }), (calls) => {
        const table = new KeyTable(1);
        const model = new Map<string, { slot: number; hash: number }>();
        for (const [number, hashes] of calls) {
          const key = `${number}`;
          const known = model.get(key);
          const hash = known?.hash ?? hashes[number % hashes.length]!;
          expect(table.find(key, hash)).toBe(known?.slot ?? -1);
          if (known) {
            table.remove(known.slot);
            model.delete(key);
          } else model.set(key, { slot: table.add(key, hash), hash });
          expect(table.size).toBe(model.size);
        }
        for (const [key, { slot, hash }] of model) expect(table.find(key, hash)).toBe(slot);
        expect(new Set([...model.values()].map(({ slot }) => slot)).size).toBe(model.size);
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  it('grows with its keys', () => {
    const table = new KeyTable(7);
    const keys = Array.from({ length: 5000 }, (_, i) => `key ${i}`);
    for (const key of keys) table.add(key, table.hashOf(key));
    for (const [i, key] of keys.entries()) expect(table.find(key, table.hashOf(key))).toBe(i);
  });
});
