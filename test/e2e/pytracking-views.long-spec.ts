import {
  ClickTrackingController,
  OpenTrackingController,
  type Metadata,
  type TrackingError,
  type TrackingRequest,
  type TrackingResult,
} from 'nestjs-email-tracking';
import { type Platform, PLATFORMS, TestApp } from '../support/app.js';
import type { Answer } from '../support/http.js';
import { type PyResult, toPython } from '../support/pytracking.js';
import { readVectors, type VectorCase } from '../support/vectors.js';
import { type DeviationName, DEVIATIONS } from './pytracking-deviations.js';

interface PyHook {
  hook: 'notify_tracking_event' | 'notify_decoding_error';
  tracking_result?: PyResult;
}

interface Input {
  method: string;
  prefix: 'open' | 'click';
  token: string;
  trailing_slash: boolean;
  /** WSGI's names: `REMOTE_ADDR`, `HTTP_…`. */
  request_meta: Record<string, string>;
  configuration: {
    webhook_url: string;
    default_metadata: Metadata;
    encryption_bytestring_key?: string;
  };
}

interface Output {
  path: string;
  status: number;
  headers: Record<string, string>;
  hooks: PyHook[];
}

const CONFIGURATION = {
  webhook_url: 'https://hooks.example.net/x',
  default_metadata: { d: 'default' },
};

/** What spec §3 says of views, for what the vectors have no case of. */
const FURTHER: VectorCase<Input, Output>[] = [
  further('undecodable', 'open', 'broken', 404),
  further('undecodable', 'click', 'broken', 404),
  further('no url', 'click', plainToken({ metadata: { a: 1 } }), 404),
  ...[
    'javascript:alert(1)',
    'mailto:ann@example.com',
    'ftp://example.com/',
    '/local',
    'https://ann@example.com/',
    'http://127.0.0.1/',
  ].map((url) => {
    const status = /^(?:javascript|mailto):/.test(url) ? 400 : 302;
    return further(`destination ${url}`, 'click', plainToken({ url }), status, url);
  }),
];

function plainToken(payload: object): string {
  return Buffer.from(JSON.stringify(payload)).toString('base64url');
}

function further(
  name: string,
  prefix: 'open' | 'click',
  token: string,
  status: number,
  url?: string,
): VectorCase<Input, Output> {
  const type = 'text/html; charset=utf-8';
  const tracking_result: PyResult = {
    is_open_tracking: false,
    is_click_tracking: true,
    tracked_url: url ?? null,
    webhook_url: CONFIGURATION.webhook_url,
    metadata: CONFIGURATION.default_metadata,
    request_data: { user_agent: null, user_ip: '127.0.0.1' },
    timestamp: 0,
  };
  return {
    name: `${prefix}: ${name}`,
    input: {
      method: 'GET',
      prefix,
      token,
      trailing_slash: true,
      request_meta: {},
      configuration: CONFIGURATION,
    },
    output: {
      path: `/${prefix}/${token}/`,
      status,
      headers: {
        'Content-Type': type,
        ...(status === 302 && { Location: url!, 'Content-Length': '0' }),
      },
      hooks:
        url !== undefined
          ? [{ hook: 'notify_tracking_event', tracking_result }]
          : name === 'undecodable'
            ? [{ hook: 'notify_decoding_error' }]
            : [],
    },
  };
}

/** What is compared of an answer. */
interface Seen {
  status: number;
  type: string | undefined;
  length: string | undefined;
  location: string | undefined;
  allow: string | undefined;
  hooks: { hook: string; result: SeenResult | undefined }[];
}

type SeenResult = Omit<PyResult, 'timestamp'>;

/** The vectors' tokens are from `plain`, or from `fernet` where there is a key. */
async function start(platform: Platform, { configuration }: Input) {
  const hooks: Seen['hooks'] = [];
  const onEvent = (result: TrackingResult) => {
    hooks.push({ hook: 'notify_tracking_event', result: toSeen(toPython(result)) });
  };
  const onError = (_error: TrackingError, request: TrackingRequest) => {
    expect(request.method).toBe('GET');
    hooks.push({ hook: 'notify_decoding_error', result: undefined });
  };
  class Opens extends OpenTrackingController {
    protected override notifyTrackingEvent = onEvent;
    protected override notifyDecodingError = onError;
  }
  class Clicks extends ClickTrackingController {
    protected override notifyTrackingEvent = onEvent;
    protected override notifyDecodingError = onError;
  }
  const key = configuration.encryption_bytestring_key;
  const app = await TestApp.start(platform, {
    tracking: {
      format: key ? 'fernet' : 'plain',
      encryptionKey: key,
      webhookUrl: configuration.webhook_url,
      autoWebhook: false,
      defaultMetadata: configuration.default_metadata,
      controllers: { open: Opens, click: Clicks },
    },
  });
  return { app, hooks };
}

/** An app in which a hook of both controllers throws. */
function startFailing(platform: Platform, hook: 'notifyTrackingEvent' | 'getConfiguration') {
  class Opens extends OpenTrackingController {}
  class Clicks extends ClickTrackingController {}
  const fail = () => {
    throw new Error('boom');
  };
  for (const { prototype } of [Opens, Clicks]) Object.assign(prototype, { [hook]: fail });
  const controllers = { open: Opens, click: Clicks };
  return TestApp.start(platform, { tracking: { format: 'plain', controllers } });
}

/** Less what is different each time. */
function toSeen({ timestamp: _, ...result }: PyResult): SeenResult {
  return result;
}

/** The test is the peer; `REMOTE_ADDR` names it in the vectors. */
const PEER = '127.0.0.1';

function theirs({ input, output }: VectorCase<Input, Output>): Seen {
  const peer = input.request_meta.REMOTE_ADDR ?? PEER;
  return {
    status: output.status,
    type: output.headers['Content-Type'],
    length: output.headers['Content-Length'],
    location: output.headers.Location,
    allow: output.headers.Allow,
    hooks: output.hooks.map(({ hook, tracking_result }) => {
      if (!tracking_result) return { hook, result: undefined };
      const result = toSeen(tracking_result);
      const { user_agent, user_ip } = result.request_data!;
      const request_data = { user_agent, user_ip: user_ip === peer ? PEER : user_ip };
      return { hook, result: { ...result, request_data } };
    }),
  };
}

function ours({ status, headers }: Answer, hooks: Seen['hooks']): Seen {
  return {
    status,
    type: headers['content-type'],
    length: headers['content-length'],
    location: headers.location,
    allow: headers.allow,
    hooks,
  };
}

const PIXEL = { type: 'image/png', length: '68' };
const TEXT = { type: 'text/plain; charset=utf-8', length: '47' };
const REFUSED = [{ hook: 'notify_decoding_error', result: undefined }];

/** A `Location` of theirs, and ours. */
const CANONICAL: Record<string, string> = {
  'https://m%C3%BCnchen.example/': 'https://xn--mnchen-3ya.example/',
  "https://example.com/!*'();:@&=+$,/?#[]~-._": "https://example.com/!*'();:@&=+$,/?#%5B%5D~-._",
};

/** What each deviation makes of an answer of theirs; `undefined` where it does not apply. */
const APPLY: Partial<
  Record<DeviationName, (seen: Seen, input: Input) => Partial<Seen> | undefined>
> = {
  head: (_, { method }) => (method === 'HEAD' ? { hooks: [] } : undefined),
  methods: (_, { method }) =>
    ['GET', 'HEAD'].includes(method) ? undefined : { status: 405, allow: 'GET, HEAD' },
  slash: ({ status }) =>
    status === 301
      ? { status: 302, location: 'https://e.com/a', hooks: [expectedClick()] }
      : undefined,
  address: ({ hooks: [first] }, input) => {
    const result = first?.result;
    if (!result || result.request_data!.user_ip === PEER) return undefined;
    const request_data = { ...result.request_data!, user_ip: PEER };
    return input.method === 'HEAD'
      ? undefined
      : { hooks: [{ hook: first.hook, result: { ...result, request_data } }] };
  },
  location: ({ location }) => {
    const ours = CANONICAL[location ?? ''];
    return ours === undefined ? undefined : { location: ours };
  },
  policy: ({ hooks: [first] }) => {
    const result = first?.result;
    const isFine = /^https?:\/\/(?!.*@example|127\.)/.test(result?.tracked_url ?? '');
    return result?.is_click_tracking && !isFine
      ? { status: 404, location: undefined, hooks: REFUSED, ...TEXT }
      : undefined;
  },
  brokenOpen: ({ status }, { prefix }) => (prefix === 'open' && status === 404 ? PIXEL : undefined),
  brokenClick: ({ status, hooks }, { prefix }) =>
    prefix === 'click' && status === 404 && hooks.length > 0 ? TEXT : undefined,
  nowhere: ({ status, hooks }, { prefix }) =>
    prefix === 'click' && status === 404 && hooks.length === 0
      ? { ...TEXT, hooks: REFUSED }
      : undefined,
  // After the others, because it looks at what they leave.
  bodiless: ({ length }) => (length === '0' ? { type: undefined } : undefined),
};

function expectedClick(): Seen['hooks'][number] {
  return {
    hook: 'notify_tracking_event',
    result: {
      is_open_tracking: false,
      is_click_tracking: true,
      tracked_url: 'https://e.com/a',
      webhook_url: CONFIGURATION.webhook_url,
      metadata: { d: 'default', a: 1 },
      request_data: { user_agent: null, user_ip: PEER },
    },
  };
}

/** What our answer must be: theirs, with the deviations that apply. */
function expected(case_: VectorCase<Input, Output>): { seen: Seen; deviations: string[] } {
  let seen = theirs(case_);
  const deviations: string[] = [];
  for (const [name, apply] of Object.entries(APPLY)) {
    const change = apply(seen, case_.input);
    if (!change) continue;
    deviations.push(name);
    seen = { ...seen, ...change };
  }
  return { seen, deviations };
}

/** What tests of their own look for. */
const ELSEWHERE: DeviationName[] = ['caching', 'hook', 'configuration'];

function headersOf(meta: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(meta)
      .filter(([name]) => name.startsWith('HTTP_'))
      .map(([name, value]) => [name.slice(5).toLowerCase().replaceAll('_', '-'), value]),
  );
}

/** What our answers say besides, whatever the case. */
function expectCaching({ headers }: Answer): void {
  for (const name of [
    'cache-control',
    'referrer-policy',
    'x-robots-tag',
    'x-content-type-options',
  ]) {
    expect(headers[name]).toEqual(expect.stringMatching(/./));
  }
}

const recorded = readVectors<Input, Output>('pytracking/django.json');

describe.each(PLATFORMS)('pytracking’s views, on %s', (platform) => {
  test.each([...recorded, ...FURTHER])('$name', async (case_) => {
    const { input, output } = case_;
    const { app, hooks } = await start(platform, input);
    try {
      const query = case_.name.startsWith('query-string') ? '?utm_source=x' : '';
      const answer = await app.get(output.path + query, {
        method: input.method,
        headers: headersOf(input.request_meta),
      });
      await app.settled();
      expect(ours(answer, hooks)).toEqual(expected(case_).seen);
      expectCaching(answer);
    } finally {
      await app.close();
    }
  });

  test.each([
    ['open', plainToken({}), { status: 200, type: 'image/png' }],
    ['click', plainToken({ url: 'https://e.com/a' }), { status: 302, location: 'https://e.com/a' }],
  ])('%s: a hook that throws', async (prefix, token, expectation) => {
    const app = await startFailing(platform, 'notifyTrackingEvent');
    try {
      expect(ours(await app.get(`/${prefix}/${token}/`), [])).toMatchObject(expectation);
      expect(app.logs.text).toMatch(/notifyTrackingEvent failed/);
    } finally {
      await app.close();
    }
  });

  test.each([
    ['open', plainToken({}), { status: 404, ...PIXEL }],
    ['click', plainToken({ url: 'https://e.com/a' }), { status: 404, ...TEXT }],
  ])('%s: get_configuration that throws', async (prefix, token, expectation) => {
    const app = await startFailing(platform, 'getConfiguration');
    try {
      expect(ours(await app.get(`/${prefix}/${token}/`), [])).toMatchObject(expectation);
      expect(app.recorder).toMatchObject({ events: [], decodingErrors: [] });
    } finally {
      await app.close();
    }
  });
});

describe('the table of deviations', () => {
  test('lists each that a case shows, and no other', () => {
    const seen = [...recorded, ...FURTHER].flatMap((case_) => expected(case_).deviations);
    expect([...new Set([...seen, ...ELSEWHERE])].sort()).toEqual(Object.keys(DEVIATIONS).sort());
  });
});
