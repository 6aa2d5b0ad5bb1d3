import { WRAPPERS } from '../../lib/doctor/wrappers.js';
import { adapted, examine, sent, withLinks } from './mail-kit.js';
import { WRAPPED } from './wrapped-urls.js';

const { html, text } = adapted();

test('at least ten providers are known, each shape with its source', () => {
  expect(WRAPPERS.filter(({ side, verified }) => side === 'provider' && verified)).toHaveLength(8);
  expect(WRAPPERS.filter(({ side }) => side === 'provider').length).toBeGreaterThan(9);
  for (const { source, off } of WRAPPERS) {
    expect(source).toMatch(/^https:\/\/[^\s]+$/);
    expect(off).not.toBe('');
  }
  expect(Object.keys(WRAPPED).toSorted()).toEqual(WRAPPERS.map(({ name }) => name).toSorted());
});

test.each(WRAPPERS.map((wrapper) => [wrapper.name, wrapper] as const))(
  'links in the shape of %s: the service and its switch are named, and nothing else is found',
  async (name, { side, off, verified }) => {
    const raw = await sent({ html: withLinks(html, WRAPPED[name]!), text });
    const findings = await examine(raw);
    expect(findings).toMatchObject([
      {
        code: side === 'provider' ? 'WRAPPED_BY_PROVIDER' : 'WRAPPED_AFTER_DELIVERY',
        severity: side === 'provider' ? 'failed' : 'warning',
        seen: expect.stringMatching(
          new RegExp(`^[1-3] links? .*${name.replace(/[.()]/g, '.')}, at `),
        ),
        remedy: `${name}: ${off}`,
      },
    ]);
    expect(findings[0]!.seen.includes('no document confirms')).toBe(!verified);
    expect(findings[0]!.seen).not.toMatch(/https?:|%2F|AbCdEf0|[\w-]{40}/);
  },
);

test('links wrapped by a provider and then by a mailbox: both are named', async () => {
  const both = (url: string) => WRAPPED['Outlook Safe Links']!(WRAPPED['Amazon SES']!(url));
  const findings = await examine(await sent({ html: withLinks(html, both), text }));
  expect(findings.map(({ code }) => code).toSorted()).toEqual([
    'WRAPPED_AFTER_DELIVERY',
    'WRAPPED_BY_PROVIDER',
  ]);
});

test('links inside those of an unknown service: its host is named', async () => {
  const wrap = (url: string) => `https://go.example.org/r?u=${encodeURIComponent(url)}`;
  const findings = await examine(await sent({ html: withLinks(html, wrap), text }));
  expect(findings).toMatchObject([
    {
      code: 'WRAPPED_BY_PROVIDER',
      seen: '3 links of this app inside links of a service that the doctor does not know, at go.example.org (3)',
    },
  ]);
});

test('links of others that only look alike are left alone', async () => {
  const share =
    '<a href="https://example.us9.list-manage.com/track/click?u=1&amp;id=2">An issue</a>';
  expect(await examine(await sent({ html: html + share, text }))).toEqual([]);
});
