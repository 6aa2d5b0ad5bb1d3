import * as fc from 'fast-check';
import { CERTAINTIES, KINDS } from '../../lib/verdict/window-hit.js';
import {
  MAX_HITS_PER_KEY,
  type WindowHit,
  type WindowState,
} from '../../lib/verdict/window-store.js';

/** When the tests take place; hits are so many milliseconds later. */
export const START = Date.UTC(2026, 10, 21, 9);

/** A click of a person, unless told otherwise. */
export function hitOf(hit: Partial<WindowHit> & Pick<WindowHit, 'id'>): WindowHit {
  return {
    at: START,
    type: 'clicked',
    link: null,
    part: 'html',
    isUnsubscribe: false,
    trackedLinks: null,
    network: null,
    agent: null,
    kind: 'unknown',
    certainty: 'possible',
    ...hit,
  };
}

/** What is done to a store: after a while, to one of few keys. */
export type Call = { after: number; key: string } & ({ hit: WindowHit } | { deliveredAt: number });

const text = fc.string({ unit: 'binary', maxLength: 12 });
const textOrNull = fc.option(text);

/** Hits with few ids, so that repeats are common, and any texts. */
export const anyHit: fc.Arbitrary<WindowHit> = fc.record({
  id: fc.oneof(fc.nat(90).map(String), text),
  at: fc.integer({ min: START - 100_000, max: START + 100_000 }),
  type: fc.constantFrom('opened', 'clicked'),
  link: textOrNull,
  part: textOrNull,
  isUnsubscribe: fc.boolean(),
  trackedLinks: fc.option(fc.nat(100)),
  network: fc.oneof({ weight: 30, arbitrary: textOrNull }, fc.constant('long'.repeat(200))),
  agent: fc.option(fc.nat(2 ** 30 - 1)),
  kind: fc.constantFrom(...KINDS),
  certainty: fc.constantFrom(...CERTAINTIES),
});

/** Calls that now and then come so late that a window of ten seconds is gone, or a part of it. */
export function anyCalls(maxLength: number): fc.Arbitrary<Call[]> {
  const when = fc.record({
    after: fc.oneof(
      { weight: 150, arbitrary: fc.nat(30) },
      { weight: 1, arbitrary: fc.integer({ min: 4000, max: 12_000 }) },
    ),
    key: fc.constantFrom('a', 'a', 'a', 'b', 'c', 'd'),
  });
  const what = fc.oneof(
    { weight: 30, arbitrary: fc.record({ hit: anyHit }) },
    {
      weight: 1,
      arbitrary: fc.record({ deliveredAt: fc.integer({ min: START, max: START + 9 }) }),
    },
  );
  const call = fc.tuple(when, what).map(([one, other]) => ({ ...one, ...other }));
  return fc.array(call, { maxLength, minLength: maxLength >> 2, size: 'max' });
}

interface ModelWindow {
  hits: { hit: WindowHit; added: number }[];
  deliveredAt: number | null;
  changed: number;
}

/** What a store is to do, with no thought of speed or memory. */
export class ModelStore {
  evictedKeys = 0;
  evictedHits = 0;
  private windows: { key: string; window: ModelWindow }[] = [];

  constructor(
    private readonly maxAgeMs: number,
    private readonly maxKeys = Infinity,
  ) {}

  do(call: Call, now: number): WindowState {
    this.windows = this.windows.filter(({ window }) => now - window.changed <= this.maxAgeMs);
    const found = this.windows.find(({ key }) => key === call.key);
    const window = found?.window ?? { hits: [], deliveredAt: null, changed: now };
    const hits = window.hits.filter(({ added }) => now - added <= this.maxAgeMs);
    const state = { hits: hits.map(({ hit }) => hit), deliveredAt: window.deliveredAt };
    if ('hit' in call) {
      const isLong = [call.hit.id, call.hit.link, call.hit.part, call.hit.network].join('').length;
      if (isLong > 512 || hits.some(({ hit }) => hit.id === call.hit.id)) return state;
      window.hits = [...hits, { hit: call.hit, added: now }];
      while (window.hits.length > MAX_HITS_PER_KEY) {
        window.hits.shift();
        this.evictedHits++;
      }
    } else {
      if (window.deliveredAt !== null && window.deliveredAt <= call.deliveredAt) return state;
      window.deliveredAt = call.deliveredAt;
    }
    window.changed = now;
    this.windows = this.windows.filter(({ key }) => key !== call.key);
    this.windows.push({ key: call.key, window });
    if (this.windows.length > this.maxKeys) {
      this.evictedKeys++;
      this.evictedHits += this.windows.shift()!.window.hits.length;
    }
    return state;
  }
}
