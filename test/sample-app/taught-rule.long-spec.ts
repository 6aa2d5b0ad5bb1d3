import fc from 'fast-check';
import { load } from 'cheerio';
import type { TrackingEvent, VerdictOptions } from 'nestjs-email-tracking';
import type { RecordedEvent, Story } from 'nestjs-email-tracking/stats';
import ts from 'typescript';
import { renderMessage } from '../../sample-app/src/dashboard/message.view.js';
import { taughtRuleOf, type TaughtRule } from '../../sample-app/src/dashboard/taught-rule.js';
import { runBlock } from '../docs/run-block.js';
import { eventOf, verdictOf } from '../stats/events.js';
import { PLATFORMS, TestApp, type Platform } from '../support/app.js';
import { serviceFor } from '../support/service.js';
import { until } from '../support/until.js';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';
const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

/** The line as somebody pastes it. */
function pasted({ line }: TaughtRule): VerdictOptions {
  const code = `export const verdict = { ${line} };`;
  expect(code).not.toContain('\n');
  const source = ts.createSourceFile('verdict.ts', code, ts.ScriptTarget.ES2022);
  expect(source.statements).toHaveLength(1);
  return runBlock<{ verdict: VerdictOptions }>({ code } as never, {}).verdict;
}

describe.each(PLATFORMS)('the rule for a hit, given to an app on %s', (platform) => {
  it.each<[string, 'open' | 'click', Record<string, string>, string]>([
    ['a person’s click', 'click', { 'user-agent': CHROME, ...NAVIGATION }, 'scanner'],
    ['a click that no rule knows', 'click', { 'user-agent': 'Unheard of "Agent" 1' }, 'scanner'],
    ['a program, by its agent', 'click', { 'user-agent': 'curl/8.5.0' }, 'human'],
    ['a preview that is certain', 'open', { 'user-agent': 'Slackbot-LinkExpanding 1.0' }, 'human'],
    ['a declared prefetch', 'click', { 'user-agent': CHROME, purpose: 'prefetch' }, 'human'],
    ['a privacy proxy', 'open', { 'user-agent': 'Mozilla/5.0' }, 'human'],
    ['a hit without an agent, by its address', 'click', {}, 'human'],
    [
      'an agent that would end a literal and a script',
      'click',
      { 'user-agent': `curl/8 '"\`\${x}\\' </script><script>alert(1)//` },
      'human',
    ],
  ])('turns the verdict on %s', async (_, purpose, headers, kind) => {
    const first = await hitOf(platform, {}, purpose, headers);
    const rule = taughtRuleOf(first)!;
    expect(rule.kind).toBe(kind);
    const verdict = pasted(rule);
    expect(verdict).toHaveProperty(first.userAgent ? 'rules' : 'networks');
    const again = await hitOf(platform, verdict, purpose, headers);
    expect(first.verdict!.kind).not.toBe(kind);
    expect(again.verdict).toMatchObject({ kind, certainty: 'certain' });
    expect(again.verdict!.reasons[0]).toBe('TAUGHT');
  });
});

async function hitOf(
  platform: Platform,
  verdict: VerdictOptions,
  purpose: 'open' | 'click',
  headers: Record<string, string>,
): Promise<TrackingEvent> {
  const app = await TestApp.start(platform, { tracking: { verdict } });
  try {
    const mail = { messageId: 'm@example.com', sentAt: new Date(Date.now() - 3_600_000) };
    const url =
      purpose === 'open'
        ? app.tracking.getOpenTrackingUrl({}, mail)
        : app.tracking.getClickTrackingUrl('https://example.com/', {}, mail);
    await app.get(url, { headers });
    await until(() => app.recorder.events.length === 1, 'the event');
    return app.recorder.events[0]!;
  } finally {
    await app.close();
  }
}

const recorded = (some: object): RecordedEvent =>
  ({ ...eventOf(some), correctedFrom: null, campaign: null }) as never;

it('is one literal, and a valid option, whatever the agent holds', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: fc.constantFrom("'", '"', '`', '\\', '\n', '\r', '\u2028', '\u202e', '<') }),
    fc.constantFrom('</script>', "'}],x:[{'", '\ud83d', '😀'.repeat(600), ' x '.repeat(500)),
  );
  fc.assert(
    fc.property(text, (userAgent) => {
      const rule = taughtRuleOf(recorded({ userAgent, userIp: null, verdict: verdictOf('human') }));
      if (rule === null) return expect(userAgent.slice(0, 1024).trim()).toBe('');
      expect(rule.line).toMatch(/^[ -~]+$/);
      expect(rule.line).not.toContain('<');
      const verdict = pasted(rule);
      expect(verdict.rules).toEqual([
        expect.objectContaining({ agent: { is: userAgent.slice(0, 1024).trim() } }),
      ]);
      serviceFor({ verdict });
    }),
    { numRuns: 60 },
  );
});

it.each<[string, object]>([
  ['a hit without a verdict', { verdict: null }],
  ['a hit without agent and address', { userAgent: null, userIp: null }],
  [
    'what only a provider is certain of',
    { verdict: { ...verdictOf('scanner', 'certain'), reasons: ['SOME_PROVIDER_SAYS_SO'] } },
  ],
])('there is none for %s', (_, some) => {
  expect(taughtRuleOf(recorded(some))).toBeNull();
});

it('the story holds the line as an attribute, and no script of a stranger', () => {
  const userAgent = `x" onclick="alert(1)"></script><script>alert('1')</script>`;
  const event = recorded({ userAgent, eventId: 'e"><b>1' });
  const story = { mails: [], events: [event], isCut: false } as unknown as Story;
  const page = load(renderMessage({ messageId: 'm', mail: null, story, links: [] }));
  const button = page('button[data-rule]');
  expect(button.attr('data-rule')).toBe(taughtRuleOf(event)!.line);
  expect(Object.keys(button.attr()!)).not.toContain('onclick');
  expect(page('script').length).toBe(1);
  expect(page('#story b b').length).toBe(0);
});
