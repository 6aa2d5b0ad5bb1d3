import * as fc from 'fast-check';
import type { PatternRule, WindowHit } from 'nestjs-email-tracking';
import { type Correction, findPatterns } from '../../lib/verdict/patterns.js';
import { CERTAINTIES, KINDS } from '../../lib/verdict/window-hit.js';
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
const NOTHING = { evidence: [], corrected: [] };

/** A click of a link, so many seconds after the start, whose id says both. */
function click(link: string | null, seconds: number, more: Partial<WindowHit> = {}): WindowHit {
  return hitOf({ id: `${link} ${seconds}`, at: START + seconds * 1000, link, ...more });
}

/** Clicks of these links, a second apart. */
const clicks = (...links: string[]) => links.map((link, i) => click(link, i));

const idsOf = (corrected: readonly Correction[]) => corrected.flatMap(({ eventIds }) => eventIds);

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
      corrected: [{ eventIds: ['a 0', 'b 4'], evidence: EVIDENCE }],
    });
  });

  it('includes the last second, and nothing after it', () => {
    const late = click('c', 10.001);
    expect(last([LINKS], [click('a', 0), click('b', 4), late])).toEqual(NOTHING);
  });

  it('uses the times of the hits, not their order of arrival', () => {
    const hits = [click('c', 10), click('a', 0), click('b', 4)];
    for (const order of permutations(hits)) {
      const { evidence, corrected } = last([LINKS], order);
      expect(evidence).toEqual([EVIDENCE]);
      expect(idsOf(corrected)).toEqual(order.slice(0, -1).map(({ id }) => id));
    }
  });

  it('corrects each hit once', () => {
    const burst = [click('a', 0), click('b', 1), click('c', 2), click('d', 3), click('e', 11)];
    expect(last([LINKS], burst.slice(0, 4))).toEqual({ evidence: [EVIDENCE], corrected: [] });
    expect(last([LINKS], burst)).toEqual({ evidence: [EVIDENCE], corrected: [] });
    // `x` came alone, and is the third by what comes between.
    const hits = [...burst.slice(0, 3), click('x', 20), click('y', 13)];
    expect(last([LINKS], hits)).toEqual(NOTHING);
    expect(last([LINKS], [...hits, click('z', 14)])).toMatchObject({
      corrected: [{ eventIds: ['x 20', 'y 13'] }],
    });
  });

  it('counts a link once however often it is hit, and corrects all of its hits', () => {
    const hits = [click('a', 0), click('a', 1), click('b', 2)];
    expect(last([LINKS], hits)).toEqual(NOTHING);
    expect(idsOf(last([LINKS], [...hits, click('c', 3)]).corrected)).toEqual(['a 0', 'a 1', 'b 2']);
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

  it('gives a repeated hit the verdict of the first', () => {
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
      corrected: [{ eventIds: ['a 0', 'b 1'], evidence }],
    });
  });
});

describe('distinct networks', () => {
  const from = (network: string | null, seconds: number, more: Partial<WindowHit> = {}) =>
    hitOf({ id: `${network} ${seconds}`, at: START + seconds * 1000, network, ...more });

  it('completes with the third network, of opens and clicks alike', () => {
    const hits = [from('1', 0, { type: 'opened' }), from('2', 60), from('3', 120)];
    expect(idsOf(last([NETWORKS], hits).corrected)).toEqual(['1 0', '2 60']);
    expect(last([{ ...NETWORKS, effect: 'clicks' }], hits)).toEqual(NOTHING);
    expect(last([NETWORKS], [...hits.slice(0, 2), from('3', 120.001)])).toEqual(NOTHING);
    expect(last([NETWORKS], [...hits.slice(0, 2), from('2', 100)])).toEqual(NOTHING);
  });

  it('counts the networks of each program, and of IPv4 and IPv6, by themselves', () => {
    const devices = ['1', '2', '3'].map((network, agent) => from(network, agent, { agent }));
    expect(last([NETWORKS], devices)).toEqual(NOTHING);
    const dual = [from('1', 0), from('2001:db8:1', 1), from('2', 2), from('2001:db8:2', 3)];
    expect(last([NETWORKS], dual)).toEqual(NOTHING);
    expect(idsOf(last([NETWORKS], [...dual, from('2001:db8:3', 4)]).corrected)).toEqual([
      '2001:db8:1 1',
      '2001:db8:2 3',
    ]);
  });

  it('knows nothing of hits without a network, and of windows without a recipient', () => {
    const hits = [from('1', 0), from(null, 1), from('2', 2), from(null, 3)];
    expect(last([NETWORKS], hits)).toEqual(NOTHING);
    const complete = [...hits, from('3', 4)];
    expect(idsOf(last([NETWORKS], complete).corrected)).toEqual(['1 0', '2 2']);
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
    expect(idsOf(corrected)).toEqual([hits[0]!.id]);
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
    expect(idsOf(last([ALL], hits).corrected)).toEqual(['a 0', 'b 1', 'a 2']);
    expect(last([ALL], [of(2)('a', 0), of(2)('b', 60.001)])).toEqual(NOTHING);
  });

  it('looks at each part, and at each number of links, by itself', () => {
    expect(last([ALL], [of(2)('a', 0), of(2, 'text')('b', 1)])).toEqual(NOTHING);
    expect(last([ALL], [of(3)('a', 0), of(2)('b', 1)])).toEqual(NOTHING);
    const hits = [of(2)('a', 0), of(2, 'text')('c', 1), of(2)('b', 2)];
    expect(idsOf(last([ALL], hits).corrected)).toEqual(['a 0']);
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

describe('hits without a pause', () => {
  const SWEEP = ruleOf({ pattern: 'distinct-links', atLeast: 3, seconds: 60, gapSeconds: 0.99 });

  it('complete the pattern only where each follows the one before in time', () => {
    const sweep = ['a', 'b', 'c', 'd'].map((link, i) => click(link, i * 0.9));
    expect(last([SWEEP], sweep.slice(0, 2))).toEqual(NOTHING);
    expect(idsOf(last([SWEEP], sweep.slice(0, 3)).corrected)).toEqual(['a 0', 'b 0.9']);
    expect(last([SWEEP], sweep).evidence).toHaveLength(1);
    expect(last([SWEEP], clicks('a', 'b', 'c', 'd'))).toEqual(NOTHING);
  });

  it('do not include who comes after the pause', () => {
    const sweep = ['a', 'b', 'c'].map((link, i) => click(link, i / 10));
    expect(last([SWEEP], [...sweep, click('d', 2)])).toEqual(NOTHING);
  });

  it('may be all links of a part', () => {
    const of = (link: string, seconds: number) =>
      click(link, seconds, { trackedLinks: 3, part: 'html' });
    const sweep = { ...ALL, atLeast: 3, gapSeconds: 0.99 };
    expect(last([sweep], [of('a', 0), of('b', 0.5), of('c', 1)]).evidence).toHaveLength(1);
    expect(last([sweep], [of('a', 0), of('b', 20), of('c', 40)])).toEqual(NOTHING);
  });
});

describe('a rule that spares people', () => {
  const rule = { ...LINKS, sparesPeople: true };
  const person = { kind: 'human', certainty: 'possible' } as const;

  it('says nothing of them, and does not count them', () => {
    const tabs = ['a', 'b', 'c', 'd'].map((link, i) => click(link, i, person));
    expect(last([rule], tabs)).toEqual(NOTHING);
    expect(last([rule], [click('a', 0), click('b', 1), click('c', 2, person)])).toEqual(NOTHING);
    expect(last([rule], clicks('a', 'b', 'c')).evidence).toHaveLength(1);
  });
});

describe('opens along with a pattern', () => {
  const rule = { ...LINKS, seconds: 0.99, opensSeconds: 120 };
  const gateway = { network: '198.51.100', agent: 7 };
  const open = (seconds: number, more: Partial<WindowHit> = {}) =>
    click(null, seconds, { type: 'opened', ...gateway, ...more });
  const burst = ['a', 'b', 'c'].map((link, i) => click(link, 200 + i / 10, gateway));

  it.each([
    ['120 seconds before', open(80)],
    ['in between', open(200.1)],
  ])('is corrected: %s', (_, loaded) => {
    expect(idsOf(last([rule], [loaded, ...burst]).corrected)).toContain(loaded.id);
  });

  it('uses its own evidence when it comes last', () => {
    expect(last([rule], [...burst, open(202)]).evidence).toEqual([EVIDENCE]);
    expect(last([rule], [...burst, open(202.3)])).toEqual(NOTHING);
  });

  it.each([
    ['too long before', open(79)],
    ['from another network', open(190, { network: '192.0.2' })],
    ['by another program', open(190, { agent: 8 })],
    ['from nowhere known', open(190, { network: null })],
    ['by a program that a store has forgotten', open(190, { agent: undefined as never })],
    ['by a person, as is probable', open(190, { kind: 'human', certainty: 'probable' })],
  ])('is left alone: %s', (_, loaded) => {
    const hits = burst.map((hit) => (loaded.agent === undefined ? { ...hit, agent: null } : hit));
    expect(idsOf(last([rule], [loaded, ...hits]).corrected)).not.toContain(loaded.id);
  });
});

describe('what is corrected', () => {
  it('leaves out hits that were judged as much or surer, and declared prefetches', () => {
    const verdicts = KINDS.flatMap((kind) => CERTAINTIES.map((certainty) => ({ kind, certainty })));
    const judged = verdicts.map((verdict, i) =>
      click('a', i / 10, { ...verdict, id: `${verdict.kind} ${verdict.certainty}` }),
    );
    const { corrected } = last([LINKS], [...judged, click('b', 3), click('c', 4)]);
    const all = [...judged.map(({ id }) => id), 'b 3'];
    expect(idsOf(corrected)).toEqual(
      all.filter((id) => id !== 'scanner probable' && !id.endsWith(' certain')),
    );
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
    expect(corrected).toEqual([{ eventIds: ['a 0', 'b 1'], evidence: evidence[1] }]);
  });

  it('does not correct for the worse', () => {
    // Part of the surer pattern already; the hit is of the other one only.
    const known = [click('u', 0, { isUnsubscribe: true }), click('a', 50), click('b', 55)];
    const rules = [LINKS, { ...UNSUBSCRIBE, seconds: 55 }];
    expect(last(rules, [...known, click('c', 56)])).toEqual({
      evidence: [EVIDENCE],
      corrected: [],
    });
    const weak: PatternRule = { ...UNSUBSCRIBE, seconds: 55, certainty: 'possible' };
    expect(idsOf(last([LINKS, weak], [...known, click('c', 56)]).corrected)).toEqual([
      'a 50',
      'b 55',
    ]);
  });

  it('corrects each hit by the surest pattern that the hit itself is part of', () => {
    const certain = { ...UNSUBSCRIBE, seconds: 1 };
    const wide: PatternRule = { ...LINKS, certainty: 'possible', seconds: 60 };
    const hits = [click('a', 0), click('b', 30), click('u', 31, { isUnsubscribe: true })];
    expect(last([wide, certain], hits).corrected).toEqual([
      { eventIds: ['a 0'], evidence: { ...EVIDENCE, certainty: 'possible' } },
      {
        eventIds: ['b 30'],
        evidence: expect.objectContaining({ certainty: 'certain' }) as unknown,
      },
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
  network: fc.constantFrom(null, '1', '2', '3', '4', 'a:1', 'a:2'),
  agent: fc.constantFrom(1, 1, 1, null),
  kind: fc.constantFrom('unknown' as const, 'unknown' as const, 'human' as const),
});
const anyHits = fc
  .array(anyClick, { maxLength: 14, size: 'max' })
  .map((hits) => hits.map((hit, i) => hitOf({ id: `${i}`, ...hit })));
const RULES: PatternRule[] = [
  LINKS,
  { ...LINKS, gapSeconds: 2 },
  { ...LINKS, sparesPeople: true },
  { ...NETWORKS, seconds: 7 },
  { ...NETWORKS, seconds: 7, atLeast: 2 },
  { ...UNSUBSCRIBE, seconds: 3 },
  { ...UNSUBSCRIBE, seconds: 1, opensSeconds: 6 },
  ALL,
  { ...ALL, gapSeconds: 5 },
].map((rule) => ({ ...rule, certainty: 'probable' }));

describe('any hits', () => {
  it.each(RULES)('are members of $pattern as a definition by sets has it ($seconds s)', (rule) => {
    fc.assert(
      fc.property(anyHits, (hits) => {
        const told = new Set<string>();
        for (const [i, hit] of hits.entries()) {
          const { evidence, corrected } = findPatterns([rule], hits.slice(0, i), hit, true);
          if (evidence.length > 0) told.add(hit.id);
          for (const id of idsOf(corrected)) {
            expect(told).not.toContain(id);
            told.add(id);
          }
          expect([...told].sort()).toEqual(membersOf(rule, hits.slice(0, i + 1)).sort());
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are reported once if they match several patterns', () => {
    fc.assert(
      fc.property(anyHits, (hits) => {
        const told = new Set<string>();
        for (const [i, hit] of hits.entries()) {
          const { evidence, corrected } = findPatterns(RULES, hits.slice(0, i), hit, true);
          if (evidence.length > 0) told.add(hit.id);
          for (const id of idsOf(corrected)) {
            expect(told).not.toContain(id);
            told.add(id);
          }
        }
        const members = new Set(RULES.flatMap((rule) => membersOf(rule, hits)));
        expect([...told].sort()).toEqual([...members].sort());
      }),
      { numRuns: 150 },
    );
  });
});

/** Every span that begins with a hit, and every hit of those that are complete. */
function membersOf(rule: PatternRule, hits: WindowHit[]): string[] {
  const { pattern, seconds, atLeast = 3, gapSeconds = Infinity, sparesPeople, opensSeconds } = rule;
  const fit = hits.filter(({ type, link, network, trackedLinks, kind }) => {
    if (sparesPeople && kind === 'human') return false;
    if (pattern === 'distinct-networks') return network !== null;
    if (type !== 'clicked') return false;
    if (pattern === 'unsubscribe-and-body') return true;
    return link !== null && (pattern === 'distinct-links' || (trackedLinks ?? 0) >= atLeast);
  });
  const groupOf = ({ part, trackedLinks, agent, network }: WindowHit) =>
    pattern === 'all-links'
      ? `${part} ${trackedLinks}`
      : pattern === 'distinct-networks' && `${agent} ${network!.includes(':')}`;
  const nameOf = ({ link, network, isUnsubscribe }: WindowHit) =>
    ({ 'distinct-networks': network, 'unsubscribe-and-body': isUnsubscribe })[pattern as string] ??
    link;
  const members = fit.flatMap((first) => {
    const later = fit
      .filter((hit) => groupOf(hit) === groupOf(first) && hit.at >= first.at)
      .sort((a, b) => a.at - b.at);
    const pause = later.findIndex(
      (hit, i) => i > 0 && hit.at - later[i - 1]!.at > gapSeconds * 1000,
    );
    const span = (pause < 0 ? later : later.slice(0, pause)).filter(
      ({ at }) => at <= first.at + seconds * 1000,
    );
    const wanted = {
      'distinct-links': atLeast,
      'distinct-networks': atLeast,
      'unsubscribe-and-body': 2,
      'all-links': first.trackedLinks!,
    }[pattern];
    return new Set(span.map(nameOf)).size >= wanted ? span : [];
  });
  const opens = hits.filter(
    (open) =>
      opensSeconds !== undefined &&
      open.type === 'opened' &&
      open.network !== null &&
      open.agent !== null &&
      members.some(
        ({ network, agent, at }) =>
          network === open.network &&
          agent === open.agent &&
          open.at >= at - opensSeconds * 1000 &&
          open.at <= at + 2000,
      ),
  );
  return [...new Set([...members, ...opens].map(({ id }) => id))];
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) =>
    permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]),
  );
}
