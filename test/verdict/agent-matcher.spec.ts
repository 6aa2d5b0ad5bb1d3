import fc from 'fast-check';
import type { AgentPattern } from 'nestjs-email-tracking';
import { AgentMatcher } from '../../lib/verdict/rules/agent-matcher.js';

function fits(pattern: AgentPattern, agent: string): boolean {
  return new AgentMatcher([[pattern, true]]).find(agent).length > 0;
}

/** What a pattern means, as regular expressions say it. */
function naively(pattern: AgentPattern, agent: string): boolean {
  const text = agent.slice(0, 1024).trim();
  if ('is' in pattern) return text.toLowerCase() === pattern.is.toLowerCase();
  if ('shorterThan' in pattern) return text.length < pattern.shorterThan;
  if ('contactUrl' in pattern) return /(?:^|[ (;,])\+?(?:https?:\/\/|www\.)[a-z0-9]/i.test(text);
  if ('contactAddress' in pattern)
    return /[\w.-]@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2}/i.test(text);
  if ('endings' in pattern) {
    return text
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .some((word) => {
        const isExcepted = pattern.except?.includes(word) ?? false;
        return !isExcepted && pattern.endings.some((ending) => word.endsWith(ending));
      });
  }
  if ('startsWith' in pattern) {
    const end = (pattern.endsWith ?? '').replace(/\*$/, '');
    const open = pattern.endsWith?.endsWith('*') ? '[a-z0-9]*' : '';
    return new RegExp(`^${quoted(pattern.startsWith)}.*${quoted(end)}${open}$`, 'is').test(
      // Without an end, anything may follow.
      text,
    );
  }
  return pattern.words.some((words) => {
    const row = words.split(/[^a-z0-9]+/i).filter((word) => word !== '');
    return new RegExp(`(?<![a-z0-9])${row.join('[^a-z0-9]+')}(?![a-z0-9])`, 'i').test(text);
  });
}

function quoted(text: string): string {
  return text.replace(/[^a-z0-9]/gi, '\\$&');
}

// What looks like a browser or a device is split into parts first: agent-parts.spec.ts.
const piece = fc.constantFrom(
  ...['bot', 'Bot', 'Cubot', 'java', 'JavaFX', 'acme', 'ACME', 'monitor', 'Acme/5.0', 'like'],
  ...['web@acme.org', '@', 'www.acme'],
  ...['/', ' ', '-', '_', '; ', ' (', ')', '+http://', '+https://x', '1', '23', '.', ':'],
);
const agent = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const pattern: fc.Arbitrary<AgentPattern> = fc.oneof(
  fc.constantFrom<AgentPattern>(
    { words: ['bot'] },
    { words: ['java', 'monitor'] },
    { words: ['acme-bot'] },
    { words: ['Acme Bot Monitor', 'bot bot'] },
    { words: ['bot'], place: 'name' },
    { endings: ['bot', 'fx'], except: ['cubot'] },
    { endings: ['bot'], place: 'name' },
    { contactUrl: true },
    { contactAddress: true },
    { shorterThan: 4 },
    { startsWith: 'Acme/5.0' },
    { startsWith: 'acme', endsWith: 'bot' },
    { startsWith: 'bot', endsWith: '/*' },
    { startsWith: 'acme ', endsWith: ' *' },
  ),
  agent.map((text) => ({ is: text.trim() })),
);

test('finds the patterns that regular expressions find, one after the other', () => {
  let found = 0;
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 8 }), agent, (patterns, text) => {
      const matcher = new AgentMatcher(patterns.map((one, i) => [one, i] as const));
      const expected = [...patterns.keys()].filter((i) => naively(patterns[i]!, text));
      if (expected.length > 0) found++;
      expect(matcher.find(text)).toEqual(expected);
      // The second time it comes from the cache.
      expect(matcher.find(text)).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
  expect(found).toBeGreaterThan(100);
});

test('leaves guesses out if another pattern matches, even one without an answer', () => {
  const guess: [AgentPattern, string, boolean] = [{ endings: ['bot'] }, 'guess', true];
  const known = new AgentMatcher<string>([guess, [{ words: ['AcmeBot'] }, 'known']]);
  expect(known.find('AcmeBot/1.0')).toEqual(['known']);
  expect(known.find('OtherBot/1.0')).toEqual(['guess']);
  const silent = new AgentMatcher<string>([guess, [{ words: ['AcmeBot'] }, undefined]]);
  expect(silent.find('AcmeBot/1.0')).toEqual([]);
});

test.each<[string, AgentPattern]>([
  ['Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36', { words: ['bot'] }],
  ['Mozilla/5.0 (Linux) AppleWebKit/605.1 JavaFX/8.0', { words: ['java'] }],
  ['Mozilla/5.0 (Linux) javascript', { words: ['java'] }],
  ['catpaw/1.0', { words: ['atp'] }],
  ['Mozilla/5.0 insecurity', { words: ['security'] }],
  ['Mozilla/5.0 Bötbot', { words: ['tbot'] }],
  ['xMicrosoft Office', { words: ['Microsoft Office'] }],
  ['Microsoft Officer', { words: ['Microsoft Office'] }],
  ['Office Microsoft', { words: ['Microsoft Office'] }],
  ['see+https://example.com', { contactUrl: true }],
  ['(+httpd)', { contactUrl: true }],
  ['abc', { startsWith: 'ab', endsWith: 'bc' }],
])('%s does not fit %j', (text, one) => {
  expect(fits(one, text)).toBe(false);
});

test.each<[string, AgentPattern]>([
  ['bot/1.0', { words: ['bot'] }],
  ['(compatible; BOT; x)', { words: ['bot'] }],
  ['acme_bot)', { words: ['bot'] }],
  ['Microsoft-Office/16', { words: ['microsoft office'] }],
  ['bot', { words: ['bot'] }],
  ['X (+HTTPS://EXAMPLE.COM)', { contactUrl: true }],
  ['ab 15E148', { startsWith: 'ab', endsWith: ' *' }],
])('%s fits %j', (text, one) => {
  expect(fits(one, text)).toBe(true);
});

test('ignores everything after 1024 characters', () => {
  const padding = '-'.repeat(1021);
  expect(fits({ words: ['bot'] }, `${padding}bot`)).toBe(true);
  expect(fits({ words: ['bot'] }, `${padding}-bot`)).toBe(false);
});

test('keeps answering rightly when the cache has turned over many times', () => {
  const matcher = new AgentMatcher([[{ words: ['even'] }, true]]);
  const text = (i: number) => `agent-${i}/1.0 ${i % 2 === 0 ? 'even' : 'odd'}`;
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 3_000; i++) {
      expect(matcher.find(text(i))).toHaveLength(i % 2 === 0 ? 1 : 0);
      expect(matcher.find(text(0))).toHaveLength(1);
    }
  }
});

describe('hostile agents', () => {
  const rows = Array.from({ length: 200 }, (_, i) => ({
    words: [`a a a a a${'a '.repeat(i % 40)}b`],
  }));
  const matcher = new AgentMatcher<number>([
    ...rows.map((one, i) => [one, i] as const),
    [{ contactUrl: true }, 200],
    [{ startsWith: 'a', endsWith: ' *' }, 201],
    [{ contactAddress: true }, 202],
    [{ endings: ['ab', 'aab'] }, 203],
    [{ words: ['a a b'], place: 'name' }, 204],
  ]);

  test.each([
    ['one word again and again', 'a '.repeat(512)],
    ['nothing but delimiters', '('.repeat(1024)],
    ['one long word', 'a'.repeat(1024)],
    ['contacts that are none', '(+http'.repeat(170)],
    ['addresses that are none', 'a@a.a.a.'.repeat(128)],
    ['a browser of many comments', `Mozilla/5.0 ${'(compatible; a) '.repeat(64)}`],
    ['comments within comments', `Mozilla/5.0 ${'(a '.repeat(340)}`],
    ['a megabyte', 'a '.repeat(500_000)],
    ['no characters', '\0'.repeat(1024)],
    ['half of a character', '\ud800'.repeat(1024)],
  ])('%s', (_, text) => {
    // What costs more than lines times words would not come to an end here.
    expect(matcher.find(text).filter((at) => at < 201)).toEqual([]);
  });
});
