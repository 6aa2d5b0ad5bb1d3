import * as fc from 'fast-check';
import { findPatterns } from '../../lib/verdict/patterns.js';
import type { PatternRule } from '../../lib/verdict/rule.js';
import { CERTAINTIES, KINDS } from '../../lib/verdict/window-hit.js';
import type { WindowHit } from '../../lib/verdict/window-store.js';
import { hitOf, START } from './window-hits.js';

function ruleOf(rule: Pick<PatternRule, 'pattern'> & Partial<PatternRule>): PatternRule {
  return {
    on: 'pattern',
    id: rule.pattern,
    code: rule.pattern.toUpperCase(),
    effect: rule.pattern === 'distinct-networks' ? 'both' : 'clicks',
    kind: 'scanner',
    certainty: 'probable',
    seconds: 10,
    meaning: 'for tests',
    source: 'none',
    date: '2026-11-21',
    ...rule,
  };
}

const LINKS = ruleOf({ pattern: 'distinct-links', atLeast: 3 });
const NETWORKS = ruleOf({ pattern: 'distinct-networks', atLeast: 3, seconds: 120 });
const UNSUBSCRIBE = ruleOf({ pattern: 'unsubscribe-and-body', seconds: 60, certainty: 'certain' });
const ALL = ruleOf({ pattern: 'all-links', atLeast: 2, seconds: 60 });
const EVIDENCE = { code: 'DISTINCT-LINKS', kind: 'scanner', certainty: 'probable' };
const NOTHING = { evidence: [], corrected: null };

/** A click of a link, so many seconds after the start, whose id says both. */
function click(link: string | null, seconds: number, more: Partial<WindowHit> = {}): WindowHit {
  return hitOf({ id: `${link} ${seconds}`, at: START + seconds * 1000, link, ...more });
}

/** Clicks of these links, a second apart. */
const clicks = (...links: string[]) => links.map((link, i) => click(link, i));

/** Lets hits come in one after the other, and tells what was said of the last one. */
function last(rules: PatternRule[], hits: WindowHit[], knowsRecipient = true) {
  return findPatterns(rules, hits.slice(0, -1), hits.at(-1)!, knowsRecipient);
}

describe('distinct links', () => {
  it('completes with the third link, and corrects the two before', () => {
    const hits = [click('a', 0), click('b', 4), click('c', 10)];
    expect(last([LINKS], hits.slice(0, 2))).toEqual(NOTHING);
    expect(last([LINKS], hits)).toEqual({
      evidence: [EVIDENCE],
      corrected: { eventIds: ['a 0', 'b 4'], evidence: EVIDENCE },
    });
  });

  it('includes the last second, and nothing after it', () => {
    const late = click('c', 10.001);
    expect(last([LINKS], [click('a', 0), click('b', 4), late])).toEqual(NOTHING);
  });

  it('goes by the times of the hits, whatever order they come in', () => {
    const hits = [click('c', 10), click('a', 0), click('b', 4)];
    for (const order of permutations(hits)) {
      const { evidence, corrected } = last([LINKS], order);
      expect(evidence).toEqual([EVIDENCE]);
      expect(corrected?.eventIds).toEqual(order.slice(0, -1).map(({ id }) => id));
    }
  });

  it('corrects each hit once', () => {
    const burst = [click('a', 0), click('b', 1), click('c', 2), click('d', 3), click('e', 11)];
    expect(last([LINKS], burst.slice(0, 4))).toEqual({ evidence: [EVIDENCE], corrected: null });
    expect(last([LINKS], burst)).toEqual({ evidence: [EVIDENCE], corrected: null });
    // `x` came alone, and is the third by what comes between.
    const hits = [...burst.slice(0, 3), click('x', 20), click('y', 13)];
    expect(last([LINKS], hits)).toEqual(NOTHING);
    expect(last([LINKS], [...hits, click('z', 14)])).toMatchObject({
      corrected: { eventIds: ['x 20', 'y 13'] },
    });
  });

  it('counts a link once however often it is hit, and corrects all of its hits', () => {
    const hits = [click('a', 0), click('a', 1), click('b', 2)];
    expect(last([LINKS], hits)).toEqual(NOTHING);
    expect(last([LINKS], [...hits, click('c', 3)]).corrected?.eventIds).toEqual([
      'a 0',
      'a 1',
      'b 2',
    ]);
  });

  it('knows nothing of clicks without the name of a link, and of opens', () => {
    expect(
      last(
        [LINKS],
        [null, null, null, null].map((_, i) => click(null, i)),
      ),
    ).toEqual(NOTHING);
    const both = { ...LINKS, effect: 'both' as const };
    const opens = ['a', 'b', 'c'].map((link, i) => click(link, i, { type: 'opened' }));
    expect(last([both], opens)).toEqual(NOTHING);
    expect(last([{ ...LINKS, effect: 'opens' }], clicks('a', 'b', 'c'))).toEqual(NOTHING);
  });

  it('takes three where a rule does not say, and never fewer than two', () => {
    const { atLeast: _, ...silent } = LINKS;
    expect(last([silent], clicks('a', 'b'))).toEqual(NOTHING);
    expect(last([silent], clicks('a', 'b', 'c')).evidence).toHaveLength(1);
    expect(last([{ ...LINKS, atLeast: 1 }], [click('a', 0)])).toEqual(NOTHING);
    expect(last([{ ...LINKS, atLeast: 1 }], clicks('a', 'b')).evidence).toHaveLength(1);
  });

  it('tells a repeat what it told the first', () => {
    const hits = clicks('a', 'b', 'c', 'd');
    for (const [i, hit] of hits.entries()) {
      expect(findPatterns([LINKS], hits, hit, true)).toEqual(last([LINKS], hits.slice(0, i + 1)));
    }
  });

  it('says at most that it is possible where the recipient is not known', () => {
    const certain = { ...LINKS, certainty: 'certain' as const, kind: 'prefetch' as const };
    const evidence = { code: 'DISTINCT-LINKS', kind: 'prefetch', certainty: 'possible' };
    expect(last([certain], clicks('a', 'b', 'c'), false)).toEqual({
      evidence: [evidence],
      corrected: { eventIds: ['a 0', 'b 1'], evidence },
    });
  });
});

describe('distinct networks', () => {
  const from = (network: string | null, seconds: number, more: Partial<WindowHit> = {}) =>
    hitOf({ id: `${network} ${seconds}`, at: START + seconds * 1000, network, ...more });

  it('completes with the third network, of opens and clicks alike', () => {
    const hits = [from('1', 0, { type: 'opened' }), from('2', 60), from('3', 120)];
    expect(last([NETWORKS], hits).corrected?.eventIds).toEqual(['1 0', '2 60']);
    expect(last([{ ...NETWORKS, effect: 'clicks' }], hits)).toEqual(NOTHING);
    expect(last([NETWORKS], [...hits.slice(0, 2), from('3', 120.001)])).toEqual(NOTHING);
    expect(last([NETWORKS], [...hits.slice(0, 2), from('2', 100)])).toEqual(NOTHING);
  });

  it('knows nothing of hits without a network, and of windows without a recipient', () => {
    const hits = [from('1', 0), from(null, 1), from('2', 2), from(null, 3)];
    expect(last([NETWORKS], hits)).toEqual(NOTHING);
    const complete = [...hits, from('3', 4)];
    expect(last([NETWORKS], complete).corrected?.eventIds).toEqual(['1 0', '2 2']);
    expect(last([NETWORKS], [...complete, from(null, 5)])).toEqual(NOTHING);
    expect(last([NETWORKS], complete, false)).toEqual(NOTHING);
  });
});

describe('an unsubscribe link and another', () => {
  const unsubscribe = (seconds: number) => click('u', seconds, { isUnsubscribe: true });

  it.each([
    ['the unsubscribe link first', [unsubscribe(0), click('a', 60)]],
    ['the other first', [click('a', 0), unsubscribe(60)]],
    ['links without names', [click(null, 0), { ...unsubscribe(1), link: null }]],
  ])('completes with %s', (_, hits) => {
    const { evidence, corrected } = last([UNSUBSCRIBE], hits);
    expect(evidence).toEqual([
      { code: 'UNSUBSCRIBE-AND-BODY', kind: 'scanner', certainty: 'certain' },
    ]);
    expect(corrected?.eventIds).toEqual([hits[0]!.id]);
  });

  it.each([
    ['two unsubscribe links', [unsubscribe(0), unsubscribe(1)]],
    ['two others', [click('a', 0), click('b', 1)]],
    ['an open', [unsubscribe(0), hitOf({ id: 'o', type: 'opened' })]],
    ['a later one', [unsubscribe(0), click('a', 60.001)]],
  ])('does not with %s', (_, hits) => {
    expect(last([UNSUBSCRIBE], hits)).toEqual(NOTHING);
  });
});

describe('all links', () => {
  const of =
    (trackedLinks: number | null, part = 'html') =>
    (link: string, seconds: number) =>
      click(link, seconds, { trackedLinks, part });

  it('completes with the last link of a part', () => {
    const hits = ['a', 'b', 'a', 'c'].map(of(3));
    expect(last([ALL], hits.slice(0, 3))).toEqual(NOTHING);
    expect(last([ALL], hits).corrected?.eventIds).toEqual(['a 0', 'b 1', 'a 2']);
    expect(last([ALL], [of(2)('a', 0), of(2)('b', 60.001)])).toEqual(NOTHING);
  });

  it('looks at each part, and at each number of links, by itself', () => {
    expect(last([ALL], [of(2)('a', 0), of(2, 'text')('b', 1)])).toEqual(NOTHING);
    expect(last([ALL], [of(3)('a', 0), of(2)('b', 1)])).toEqual(NOTHING);
    const hits = [of(2)('a', 0), of(2, 'text')('c', 1), of(2)('b', 2)];
    expect(last([ALL], hits).corrected?.eventIds).toEqual(['a 0']);
  });

  it('knows nothing of links that do not say how many there are, and of short mails', () => {
    expect(last([ALL], ['a', 'b', 'c'].map(of(null)))).toEqual(NOTHING);
    expect(last([ALL], [of(1)('a', 0), of(1)('b', 1)])).toEqual(NOTHING);
    expect(last([{ ...ALL, atLeast: 4 }], ['a', 'b', 'c'].map(of(3)))).toEqual(NOTHING);
    expect(last([ALL], [of(0)('a', 0)])).toEqual(NOTHING);
  });

  it('sees no more than the last 64 hits and this one', () => {
    const mail = (links: number) => Array.from({ length: links }, (_, i) => of(links)(`${i}`, 0));
    expect(last([ALL], mail(65)).evidence).toHaveLength(1);
    expect(findPatterns([ALL], mail(66).slice(1, 65), mail(66)[65]!, true)).toEqual(NOTHING);
  });
});

describe('what is corrected', () => {
  it('leaves out hits that were judged as much, or as declared prefetches', () => {
    const verdicts = KINDS.flatMap((kind) => CERTAINTIES.map((certainty) => ({ kind, certainty })));
    const judged = verdicts.map((verdict, i) =>
      click('a', i / 10, { ...verdict, id: `${verdict.kind} ${verdict.certainty}` }),
    );
    const { corrected } = last([LINKS], [...judged, click('b', 3), click('c', 4)]);
    const left = ['scanner probable', 'scanner certain', 'prefetch certain'];
    const all = [...judged.map(({ id }) => id), 'b 3'];
    expect(corrected?.eventIds).toEqual(all.filter((id) => !left.includes(id)));
  });

  it('does not count declared prefetches, so that the click of their user stays one', () => {
    const prefetch = { kind: 'prefetch', certainty: 'certain' } as const;
    const fetched = ['a', 'b', 'c'].map((link, i) => click(link, i, prefetch));
    expect(last([LINKS], fetched)).toEqual(NOTHING);
    expect(last([LINKS], [...fetched, click('d', 3)])).toEqual(NOTHING);
  });

  it('has the surest evidence for all, where several patterns complete', () => {
    const hits = [click('a', 0), click('b', 1), click('u', 2, { isUnsubscribe: true })];
    const { evidence, corrected } = last([LINKS, UNSUBSCRIBE], hits);
    expect(evidence.map(({ code }) => code)).toEqual(['DISTINCT-LINKS', 'UNSUBSCRIBE-AND-BODY']);
    expect(corrected).toEqual({ eventIds: ['a 0', 'b 1'], evidence: evidence[1] });
  });

  it('does not correct for the worse', () => {
    // Part of the surer pattern already; the hit is of the other one only.
    const known = [click('u', 0, { isUnsubscribe: true }), click('a', 50), click('b', 55)];
    const rules = [LINKS, { ...UNSUBSCRIBE, seconds: 55 }];
    expect(last(rules, [...known, click('c', 56)])).toEqual({
      evidence: [EVIDENCE],
      corrected: null,
    });
    const weak: PatternRule = { ...UNSUBSCRIBE, seconds: 55, certainty: 'possible' };
    expect(last([LINKS, weak], [...known, click('c', 56)]).corrected?.eventIds).toEqual([
      'a 50',
      'b 55',
    ]);
  });

  it('speaks of a proxy where the rule does', () => {
    const { evidence } = last([{ ...LINKS, isProxy: true }], clicks('a', 'b', 'c'));
    expect(evidence).toEqual([{ ...EVIDENCE, isProxy: true }]);
  });
});

const anyClick = fc.record({
  at: fc.integer({ min: 0, max: 40 }).map((seconds) => START + seconds * 1000),
  type: fc.constantFrom('opened' as const, 'clicked' as const, 'clicked' as const),
  link: fc.option(fc.constantFrom('a', 'b', 'c', 'd')),
  part: fc.constantFrom('html', 'text'),
  isUnsubscribe: fc.boolean(),
  trackedLinks: fc.constantFrom(null, 2, 3),
  network: fc.constantFrom(null, '1', '2', '3', '4'),
});
const anyHits = fc
  .array(anyClick, { maxLength: 14, size: 'max' })
  .map((hits) => hits.map((hit, i) => hitOf({ id: `${i}`, ...hit })));
const RULES = [LINKS, { ...NETWORKS, seconds: 7 }, { ...UNSUBSCRIBE, seconds: 3 }, ALL].map(
  (rule) => ({ ...rule, certainty: 'probable' as const }),
);

describe('any hits', () => {
  it.each(RULES)('are members of $pattern as a definition by sets has it', (rule) => {
    fc.assert(
      fc.property(anyHits, (hits) => {
        const told = new Set<string>();
        for (const [i, hit] of hits.entries()) {
          const { evidence, corrected } = findPatterns([rule], hits.slice(0, i), hit, true);
          if (evidence.length > 0) told.add(hit.id);
          for (const id of corrected?.eventIds ?? []) {
            expect(told).not.toContain(id);
            told.add(id);
          }
          expect([...told].sort()).toEqual(membersOf(rule, hits.slice(0, i + 1)).sort());
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are told of once, whichever of several patterns they are part of', () => {
    fc.assert(
      fc.property(anyHits, (hits) => {
        const told = new Set<string>();
        for (const [i, hit] of hits.entries()) {
          const { evidence, corrected } = findPatterns(RULES, hits.slice(0, i), hit, true);
          if (evidence.length > 0) told.add(hit.id);
          for (const id of corrected?.eventIds ?? []) {
            expect(told).not.toContain(id);
            told.add(id);
          }
        }
        const members = new Set(RULES.flatMap((rule) => membersOf(rule, hits)));
        expect([...told].sort()).toEqual([...members].sort());
      }),
      { numRuns: 300 },
    );
  });
});

/** Every span that begins with a hit, and every hit of those that are complete. */
function membersOf(rule: PatternRule, hits: WindowHit[]): string[] {
  const { pattern, seconds, atLeast = 3 } = rule;
  const fit = hits.filter(({ type, link, network, trackedLinks }) => {
    if (pattern === 'distinct-networks') return network !== null;
    if (type !== 'clicked') return false;
    if (pattern === 'unsubscribe-and-body') return true;
    return link !== null && (pattern === 'distinct-links' || (trackedLinks ?? 0) >= atLeast);
  });
  const members = fit.flatMap((first) => {
    const span = fit.filter(({ at }) => at >= first.at && at <= first.at + seconds * 1000);
    const links = (some: WindowHit[]) => new Set(some.map(({ link }) => link)).size;
    switch (pattern) {
      case 'distinct-links':
        return links(span) >= atLeast ? span : [];
      case 'distinct-networks':
        return new Set(span.map(({ network }) => network)).size >= atLeast ? span : [];
      case 'unsubscribe-and-body':
        return new Set(span.map(({ isUnsubscribe }) => isUnsubscribe)).size === 2 ? span : [];
      case 'all-links':
        return span.filter(({ part, trackedLinks }) => {
          const same = span.filter((one) => one.part === part && one.trackedLinks === trackedLinks);
          return links(same) >= trackedLinks!;
        });
    }
  });
  return [...new Set(members.map(({ id }) => id))];
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) =>
    permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]),
  );
}
