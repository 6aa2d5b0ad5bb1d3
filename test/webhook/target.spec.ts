import { isTrackingError, TrackingOptions, type TrackingResult } from 'nestjs-email-tracking';
import type { ResolvedOptions } from '../../lib/options/tracking.options.js';
import { endpointOf } from '../../lib/webhook/configured-targets.js';
import { resultWith } from './result.js';

function check(
  changes: Partial<TrackingResult>,
  options: TrackingOptions = {},
  overrides: TrackingOptions = {},
) {
  try {
    const { webhookTimeoutSeconds } = overrides;
    const merged = { ...new TrackingOptions(), ...options, ...overrides } as ResolvedOptions;
    return endpointOf(resultWith(changes), merged, webhookTimeoutSeconds !== undefined);
  } catch (error) {
    if (isTrackingError(error)) return error;
    throw error;
  }
}

const HOOK = 'https://hooks.example.com/x';
const refused = { code: 'WEBHOOK_REFUSED' };
const failed = { code: 'WEBHOOK_FAILED' };

describe('whose webhook it is', () => {
  test('the configured one is trusted, also with a private address', () => {
    for (const webhookUrl of [HOOK, 'http://10.0.0.1/x', 'http://ann:s3cret@localhost/']) {
      expect(check({ webhookUrl }, { webhookUrl })).toMatchObject({ allowPrivate: true });
    }
  });

  test('any other came with the link, and is refused by name', () => {
    for (const webhookUrl of [HOOK, `${HOOK}/`, 'https://HOOKS.example.com/x', `${HOOK}#a`]) {
      const options = { webhookUrl: 'https://hooks.example.com/' };
      const refusal = check({ webhookUrl }, options);
      expect(refusal).toMatchObject(refused);
      expect((refusal as Error).message).toMatch(/webhookAllowHosts/);
      expect((refusal as Error).message).not.toMatch(/hooks/i);
    }
  });

  test('webhookAllowHosts lets it pass, to public addresses', () => {
    const webhookAllowHosts = ['*.example.com', 'münchen.example'];
    for (const [webhookUrl, pass] of [
      [HOOK, true],
      ['https://HOOKS.EXAMPLE.COM./', true],
      ['https://xn--mnchen-3ya.example/', true],
      ['https://example.com/', false],
      ['https://evilexample.com/', false],
      ['https://hooks.example.com.evil.example/', false],
      ['https://hooks.example.com@evil.example/', false],
      ['https://evil.example\\@hooks.example.com/', false],
    ] as const) {
      const expected = pass ? { allowPrivate: false } : refused;
      expect([webhookUrl, check({ webhookUrl }, { webhookAllowHosts })]).toMatchObject([
        webhookUrl,
        expected,
      ]);
    }
    expect(
      check({ webhookUrl: HOOK }, { webhookAllowHosts, webhookAllowPrivateHosts: true }),
    ).toMatchObject({ allowPrivate: true });
  });

  test('webhookAllowPrivateHosts alone allows no host', () => {
    expect(check({ webhookUrl: HOOK }, { webhookAllowPrivateHosts: true })).toMatchObject(refused);
  });

  test('a result that was stored, or made by hand, proves nothing', () => {
    const stored = JSON.parse(JSON.stringify(resultWith({ webhookUrl: HOOK }))) as TrackingResult;
    expect(check(stored)).toMatchObject(refused);
    expect(check(stored, { webhookUrl: HOOK })).toMatchObject({ allowPrivate: true });
    expect(check({ ...stored, trusted: true } as never)).toMatchObject(refused);
  });

  test('an override names a webhook as well as the configuration does', () => {
    expect(check({ webhookUrl: HOOK }, {}, { webhookUrl: HOOK })).toMatchObject({
      allowPrivate: true,
    });
    const options = { webhookUrl: HOOK };
    expect(
      check({ webhookUrl: HOOK }, options, { webhookUrl: 'https://b.example/' }),
    ).toMatchObject(refused);
  });
});

test.each([null, '', 'ftp://hooks.example.com/', '/hook', '//hooks.example.com/', 'https://[', 7])(
  'there is nowhere to go: %j',
  (webhookUrl) => {
    expect(
      check({ webhookUrl: webhookUrl as string }, { webhookAllowHosts: ['hooks.example.com'] }),
    ).toMatchObject(failed);
  },
);

test.each<[string, number | null, string, TrackingOptions, TrackingOptions, number]>([
  ['the default', null, 'packed', {}, {}, 5000],
  ['the configuration', null, 'packed', { webhookTimeoutSeconds: 0.5 }, {}, 500],
  ['the link', 9, 'packed', { webhookTimeoutSeconds: 2 }, {}, 9000],
  ['the call', 9, 'packed', { webhookTimeoutSeconds: 2 }, { webhookTimeoutSeconds: 3 }, 3000],
  ['a sealed link, bounded', 1e9, 'fernet', {}, {}, 3_600_000],
  ['an unsealed link, not above the configuration', 60, 'plain', {}, {}, 5000],
  ['an unsealed link, below', 1, 'plain', {}, {}, 1000],
  ['an unsealed link, nonsense', -1, 'plain', {}, {}, 5000],
  ['an unsealed link, no number', NaN, 'plain', {}, {}, 5000],
])('how long to wait: %s', (_, webhookTimeoutSeconds, format, options, overrides, timeoutMs) => {
  const all = { ...options, webhookUrl: HOOK };
  expect(check({ webhookUrl: HOOK, webhookTimeoutSeconds, format }, all, overrides)).toMatchObject({
    timeoutMs,
  });
});
