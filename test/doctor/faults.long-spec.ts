import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Socket } from 'node:net';
import {
  type DoctorCode,
  type DoctorOptions,
  type DoctorReport,
  TRACKING_CLOCK,
  type TrackingModuleOptions,
} from 'nestjs-email-tracking';
import { Examination } from '../../lib/doctor/examination.js';
import { examineNetwork } from '../../lib/doctor/examine-network.js';
import { finding } from '../../lib/doctor/finding.js';
import type { DoctorNetwork } from '../../lib/doctor/network.js';
import { KeyRing } from '../../lib/link/key-ring.js';
import { type Bases, Probes } from '../../lib/link/probe.js';
import { KEY, OTHER_KEY } from '../support/app.js';
import { freePort } from '../support/free-port.js';
import { type Certified, TestCa } from './certificates.js';
import {
  type AppChanges,
  CLIENT,
  examine,
  proxyTo,
  type Routes,
  Scene,
  type Spoiling,
} from './doctor-app.js';

const HOST = 'track.example.com';
const FIRST = '93.184.216.34';
const SECOND = '93.184.216.35';
const PUBLIC = { names: { [HOST]: [FIRST] } };
const OTHERS: Partial<TrackingModuleOptions> = { encryptionKey: OTHER_KEY };

type Run = (scene: Scene) => Promise<DoctorReport>;

/** A proxy with a fault, in front of apps. */
function proxy(spoiling: Spoiling, options: DoctorOptions = {}, ...apps: AppChanges[]): Run {
  return async (scene) => examine(await scene.behindProxy(spoiling, ...apps), options);
}

/** An app with a fault, behind a proxy that has none. */
const app = (changes: AppChanges, options?: DoctorOptions) => proxy({}, options, changes);

const ca = new TestCa();
afterAll(() => ca.remove());

/** A proxy that ends TLS at a public host, and an answer at its port for `http:`. */
function tls(
  certified: () => Certified,
  spoiling: Spoiling = {},
  plain?: Spoiling,
  only?: DoctorCode[],
): Run {
  return async (scene) => {
    const started = await scene.start(`https://${HOST}`);
    const portOf = () => Number(new URL(started.url).port);
    const secure = createTlsServer(certified(), proxyTo(portOf, spoiling));
    const routes: Routes = {
      ...PUBLIC,
      ca: ca.cert,
      ports: { 443: await scene.serve(secure), 80: await freePort() },
    };
    if (plain) routes.ports![80] = await scene.serve(createServer(proxyTo(portOf, plain)));
    return examine(`https://${HOST}`, only ? { only } : {}, routes);
  };
}

/** A host with two addresses, the second with a fault. */
function twoAddresses(second: string | Certified, only?: DoctorCode[]): Run {
  return async (scene) => {
    const started = await scene.start(`https://${HOST}`);
    const portOf = () => Number(new URL(started.url).port);
    const serve = (certified: Certified) =>
      scene.serve(createTlsServer(certified, proxyTo(portOf)));
    const addresses = {
      [FIRST]: await serve(ca.issue(HOST)),
      [SECOND]: typeof second === 'string' ? second : await serve(second),
    };
    const routes: Routes = { names: { [HOST]: [FIRST, SECOND] }, ca: ca.cert, addresses };
    return examine(`https://${HOST}`, { only: only ?? FEW }, routes);
  };
}

const redirectTo = (target: (url: string) => string): Spoiling => ({
  instead: (incoming, outgoing) => {
    outgoing.writeHead(301, { Location: target(incoming.url!) }).end();
    return true;
  },
});

/** Answers some requests in place of the app. */
const refuse = (status: number, when: (url: string, method: string, type: string) => boolean) => ({
  instead: (...[incoming, outgoing]: Parameters<NonNullable<Spoiling['instead']>>) => {
    const { url = '', method = '', headers } = incoming;
    if (!when(url, method, headers['content-type'] ?? '')) return false;
    incoming.resume();
    outgoing.writeHead(status).end();
    return true;
  },
});

/** Refuses requests by their number, as a balancer leads some to another process. */
const refuseNth = (status: number, isRefused: (nth: number) => boolean, path = '/') => {
  let nth = 0;
  return refuse(status, (url) => url.startsWith(path) && isRefused(nth++));
};

const losesQueryOfLocation: Spoiling = {
  answer: ({ headers }) => void (headers['location'] &&= String(headers['location']).split('?')[0]),
};

const adds = (name: string, value: string): Spoiling => ({
  answer: ({ headers }) => void (headers[name] = value),
});

const clockAhead = (ms: number): AppChanges => ({
  tracking: { providers: [{ provide: TRACKING_CLOCK, useValue: () => Date.now() + ms }] },
});

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Without what takes many requests, because each is slow. */
const FEW: DoctorCode[] = ['SLOW_ANSWERS', 'PIXEL_CHANGED', 'UNSUBSCRIBE_POST', 'CLOCK_SKEW'];

const CASES: [string, DoctorCode[], Run][] = [
  ['a healthy app on Express', [], app({ platform: 'express' })],
  ['a healthy app on Fastify', [], app({ platform: 'fastify' })],
  [
    'a healthy app behind TLS',
    [],
    tls(
      () => ca.issue(HOST),
      {},
      redirectTo((url) => `https://${HOST}${url}`),
    ),
  ],
  [
    'a proxy that rewrites Location',
    ['LOCATION_CHANGED'],
    proxy({
      answer: ({ headers }) =>
        void (headers['location'] &&= String(headers['location']).replace(
          '127.0.0.1',
          'localhost',
        )),
    }),
  ],
  [
    'a proxy that decodes Location',
    ['LOCATION_CHANGED'],
    proxy({
      answer: ({ headers }) =>
        void (headers['location'] &&= String(headers['location']).replaceAll('%2F', '/')),
    }),
  ],
  [
    'a proxy that drops the query of Location',
    ['LOCATION_QUERY_LOST'],
    proxy(losesQueryOfLocation),
  ],
  [
    'a proxy that drops the query of requests',
    ['QUERY_DROPPED'],
    proxy({
      url: (url) => url.split('?')[0]!,
    }),
  ],
  [
    'a proxy that appends a port to X-Forwarded-For',
    ['ADDRESS_WITH_PORT'],
    proxy({
      headers: (headers) =>
        void (headers['x-forwarded-for'] = `${String(headers['x-forwarded-for'])}:4711`),
    }),
  ],
  [
    'an app that sees no address',
    ['ADDRESS_OF_PROXY'],
    app({ platform: 'express', isWithoutAddress: true }),
  ],
  ['an app that trusts no proxy', ['ADDRESS_OF_PROXY'], app({ trust: false })],
  ['an app that trusts everybody', ['ADDRESS_SPOOFABLE'], app({ trust: true })],
  [
    'an address that nobody confirms',
    ['ADDRESS_UNCONFIRMED'],
    async (scene) => examine(await scene.behindProxy(), { clientAddress: undefined! }),
  ],
  [
    'an address that is not the operator’s',
    ['ADDRESS_DIFFERS'],
    app({}, { clientAddress: '198.51.100.7' }),
  ],
  [
    'a private address at a public host',
    ['ADDRESS_OF_PROXY'],
    async (scene) => {
      const started = await scene.start(`http://${HOST}`, {
        trust: false,
        tracking: { baseUnsubscribeUrl: undefined! },
      });
      const ports = { 80: Number(new URL(started.url).port) };
      const options = { clientAddress: '198.51.100.7', allowPrivate: false };
      return examine(
        `http://${HOST}`,
        options,
        { ...PUBLIC, ports },
        { baseUnsubscribeUrl: undefined! },
      );
    },
  ],
  ['two processes with different keys', ['KEYS_DIFFER'], proxy({}, {}, {}, { tracking: OTHERS })],
  [
    'two processes with different keys, the first found late',
    ['KEYS_DIFFER'],
    proxy(refuseNth(404, (nth) => nth < 5 || nth % 2 === 0)),
  ],
  [
    'another doctor, for a while',
    ['PROBE_NOT_ANSWERED'],
    proxy(
      refuseNth(404, (nth) => nth > 2 && nth < 6),
      { only: ['KEYS_DIFFER'] },
    ),
  ],
  [
    'a dead process behind a balancer',
    ['PROBE_NOT_ANSWERED'],
    proxy(refuseNth(502, (nth) => nth % 3 === 1)),
  ],
  [
    'an app with another key',
    ['PROBE_NOT_ANSWERED', 'PROBE_NOT_ANSWERED', 'PROBE_NOT_ANSWERED'],
    app({ tracking: OTHERS }),
  ],
  [
    'a login in front of clicks',
    ['PROBE_NOT_ANSWERED'],
    proxy(refuse(401, (url) => url.startsWith('/click'))),
  ],
  ['a cache that says so', ['CACHED'], proxy(adds('age', '17'))],
  ['a CDN that says so', ['CACHED'], proxy(adds('cf-cache-status', 'HIT'))],
  [
    'a proxy that changes Cache-Control',
    ['CACHE_CONTROL_CHANGED'],
    proxy(adds('cache-control', 'max-age=60')),
  ],
  [
    'a proxy that adds a cookie',
    ['COOKIE_ADDED'],
    proxy(adds('set-cookie', 'AWSALB=secret-value; Path=/')),
  ],
  ['a proxy that adds an ETag', ['ETAG_ADDED'], proxy(adds('etag', '"1"'))],
  [
    'a proxy that re-encodes pictures',
    ['PIXEL_CHANGED'],
    proxy({
      answer: (answer) => {
        if (answer.headers['content-type'] !== 'image/png') return;
        answer.body = Buffer.from('RIFF');
        answer.headers = { ...answer.headers, 'content-type': 'image/webp', 'content-length': '4' };
      },
    }),
  ],
  [
    'a proxy that keeps pictures from other sites',
    ['PIXEL_HEADERS'],
    proxy(adds('cross-origin-resource-policy', 'same-origin')),
  ],
  [
    'a firewall against HEAD',
    ['HEAD_REFUSED', 'HEAD_REFUSED', 'HEAD_REFUSED'],
    proxy(refuse(405, (_, method) => method === 'HEAD')),
  ],
  [
    'a firewall against POST',
    ['UNSUBSCRIBE_POST'],
    proxy(refuse(403, (_, method) => method === 'POST')),
  ],
  [
    'a firewall against multipart',
    ['UNSUBSCRIBE_POST'],
    proxy(refuse(415, (_, __, type) => type.startsWith('multipart'))),
  ],
  [
    'a firewall against long URLs',
    ['LONG_LINK_REFUSED'],
    proxy(refuse(414, (url) => url.length > 1500)),
  ],
  ['an app whose clock is ahead', ['CLOCK_SKEW'], app(clockAhead(30_000))],
  [
    'an app whose clock is an hour ahead',
    ['CLOCK_SKEW'],
    proxy(adds('date', new Date(Date.now() + HOUR_MS).toUTCString()), {}, clockAhead(HOUR_MS)),
  ],
  ['an app whose clock is 8 minutes ahead', ['CLOCK_SKEW'], app(clockAhead(8 * MINUTE_MS))],
  [
    'an app whose clock is 8 minutes behind, whatever is asked for',
    ['CLOCK_SKEW'],
    app(clockAhead(-8 * MINUTE_MS), { only: ['PIXEL_CHANGED'] }),
  ],
  ...['Wed, 01 Jan 2200 00:00:00 GMT', 'Wed, 01 Jan 1958 00:00:00 GMT'].map(
    (date): (typeof CASES)[number] => [
      `a stranger with the date ${date}`,
      ['PROBE_NOT_ANSWERED', 'PROBE_NOT_ANSWERED', 'PROBE_NOT_ANSWERED'],
      proxy(adds('date', date), { only: ['CACHED'] }, { tracking: OTHERS }),
    ],
  ),
  ['a slow proxy', ['SLOW_ANSWERS'], proxy({ delayMs: 600 }, { only: FEW })],
  [
    'a proxy that never answers',
    ['BASE_URL_UNREACHABLE'],
    proxy({ instead: () => true }, { timeoutMs: 300 }),
  ],
  [
    'a port at which nobody listens',
    ['BASE_URL_UNREACHABLE'],
    async () => examine(`http://127.0.0.1:${await freePort()}`),
  ],
  [
    'a name without an address',
    ['BASE_URL_UNREACHABLE'],
    async () =>
      examine('https://nowhere.example.com', {}, { names: { 'nowhere.example.com': [] } }),
  ],
  [
    'a private host, which is not asked',
    ['BASE_URL_PRIVATE'],
    async () => {
      const origin = `https://${HOST}`;
      // Half of the answer is public.
      const names = { [HOST]: ['93.184.216.34', '10.0.0.7'] };
      return examine(origin, { allowPrivate: false }, { names, ports: { 443: -1, 80: -1 } });
    },
  ],
  ['an expired certificate', ['TLS_EXPIRED'], tls(() => ca.issue(HOST, -2))],
  ['a certificate that expires soon', ['TLS_EXPIRES_SOON'], tls(() => ca.issue(HOST, 5))],
  ['a certificate for another host', ['TLS_WRONG_HOST'], tls(() => ca.issue('other.example.com'))],
  [
    'a chain to an unknown CA',
    ['TLS_UNTRUSTED'],
    tls(() => {
      const stranger = new TestCa();
      const issued = stranger.issue(HOST);
      stranger.remove();
      return issued;
    }),
  ],
  [
    'a redirect to https: that names the port',
    [],
    tls(
      () => ca.issue(HOST),
      {},
      redirectTo((url) => `https://${HOST}:443${url}`),
    ),
  ],
  [
    'a second address with an expired certificate',
    ['TLS_EXPIRED'],
    (scene) => twoAddresses(ca.issue(HOST, -2), ['TLS_EXPIRED'])(scene),
  ],
  ['a second address that refuses', ['BASE_URL_UNREACHABLE'], twoAddresses('ECONNREFUSED')],
  ['a second address that this machine has no way to', [], twoAddresses('ENETUNREACH')],
  [
    'a redirect to https: that loses the path',
    ['HTTP_LOSES_PATH'],
    tls(
      () => ca.issue(HOST),
      {},
      redirectTo(() => `https://${HOST}/`),
    ),
  ],
];

/** What is found though other codes are asked for: what hides them, and nothing else. */
const HIDING: typeof CASES = [
  ['ETAG_ADDED, CACHED', ['CACHED'], proxy(adds('age', '17'), { only: ['ETAG_ADDED'] })],
  [
    'ADDRESS_DIFFERS, ADDRESS_SPOOFABLE',
    ['ADDRESS_SPOOFABLE'],
    app({ trust: true }, { only: ['ADDRESS_DIFFERS'] }),
  ],
  ['ADDRESS_SPOOFABLE, none', [], app({ trust: false }, { only: ['ADDRESS_SPOOFABLE'] })],
  [
    'LOCATION_CHANGED, LOCATION_QUERY_LOST',
    ['LOCATION_QUERY_LOST'],
    proxy(losesQueryOfLocation, { only: ['LOCATION_CHANGED'] }),
  ],
  [
    'TLS_EXPIRES_SOON, TLS_EXPIRED',
    ['TLS_EXPIRED'],
    tls(() => ca.issue(HOST, -2), {}, undefined, ['TLS_EXPIRES_SOON']),
  ],
  [
    'PIXEL_CHANGED, PROBE_NOT_ANSWERED',
    ['PROBE_NOT_ANSWERED'],
    proxy(
      refuseNth(404, (nth) => nth > 0, '/open'),
      { only: ['PIXEL_CHANGED'] },
    ),
  ],
  [
    'QUERY_DROPPED, PROBE_NOT_ANSWERED',
    ['PROBE_NOT_ANSWERED'],
    proxy(
      refuse(403, (url) => url.includes('?')),
      { only: ['QUERY_DROPPED'] },
    ),
  ],
];
CASES.push(...HIDING.map(([name, ...rest]): (typeof CASES)[number] => [`only ${name}`, ...rest]));

/** What one case says to others: keys, tokens and sealed echoes. */
const SECRET = new RegExp(`${KEY.slice(0, 20)}|${OTHER_KEY.slice(0, 20)}|[\\w-]{40,}|secret-value`);

/** Cases at a time: each waits for its turn most of the time. */
const AT_ONCE = 30;

describe('the doctor finds exactly what is wrong with', () => {
  const outcomes = new Map<string, Promise<DoctorReport>>();

  beforeAll(async () => {
    const left = [...CASES];
    const work = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        const [name, , run] = next;
        const scene = new Scene();
        const outcome = run(scene).finally(() => scene.end());
        outcomes.set(name, outcome);
        await outcome.catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  });

  test.each(CASES)('%s', async (name, codes) => {
    const { findings } = await outcomes.get(name)!;
    expect({ codes: findings.map(({ code }) => code), findings }).toEqual({ codes, findings });
    expect(JSON.stringify(findings).replaceAll(/docs\/doctor.md#\w+/g, '')).not.toMatch(SECRET);
  });

  test('an address that nobody confirms, and shows it', async () => {
    const { findings } = await outcomes.get('an address that nobody confirms')!;
    expect(findings[0]).toMatchObject({
      severity: 'warning',
      seen: expect.stringMatching(`the app sees ${CLIENT}; it got x-forwarded-for: ${CLIENT}$`),
    });
  });

  test('an address that refuses, and names it', async () => {
    const { findings } = await outcomes.get('a second address that refuses')!;
    const seen = `https://${HOST} at ${SECOND}: no connection (ECONNREFUSED)`;
    expect(findings).toMatchObject([{ seen }]);
  });

  test('what was asked for, and nothing else', async () => {
    const { examined } = await outcomes.get('a slow proxy')!;
    expect(examined).toEqual(expect.arrayContaining(FEW));
    expect(examined).not.toContain('KEYS_DIFFER');
  });
});

describe('the doctor ends in time', () => {
  const never = { resolve: () => undefined, connect: () => new Socket() };
  const addresses = Array.from({ length: 8 }, (_, i) => `127.0.1.${i}`);
  const dead: DoctorNetwork = {
    ...never,
    resolve: (_, __, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      ),
  };

  // Its limit for one connection is far above that of the test.
  test.each([
    ['no answer from DNS', never],
    ['8 addresses without a connection', dead],
  ])('with %s', async (_, network) => {
    const exam = new Examination(60_000, undefined, 200);
    const url = new URL('http://track.example.com/');
    const bases = [{ purpose: 'open' as const, url, urlFor: () => url.href }];
    const probes = new Probes(new KeyRing([KEY]), {} as Bases);
    const parts = { bases, probes, pixel: 'png' as const, allowPrivate: true };
    await examineNetwork(exam, { ...parts, network, clientAddress: undefined });
    expect(exam.report().findings.map(({ code }) => code)).toEqual(['SLOW_ANSWERS']);
  });
});

test('the doctor refuses base URLs whose host it cannot ask', async () => {
  const urls = { baseOpenTrackingUrl: '/track/', baseClickTrackingUrl: 'ftp://127.0.0.1/' };
  const tracking = { ...urls, urlJoin: 'python' as const };
  await expect(
    Promise.resolve().then(() => examine('http://127.0.0.1', {}, {}, tracking)),
  ).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringMatching(
      /baseClickTrackingUrl: must be.*\n.*baseOpenTrackingUrl: must be/,
    ),
  });
});

test('a finding holds no tokens, no control characters and no page', () => {
  const { seen } = finding('CACHED', `\u001b[2J ${'a'.repeat(50)} ${'b '.repeat(400)}`, 'here');
  expect(seen).toMatch(/^here: \?\[2J … [b ]+…$/);
  expect(seen.length).toBeLessThan(320);
});
