import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import axios, { type InternalAxiosRequestConfig } from 'axios';
import { isTrackingError, type TrackingError } from 'nestjs-email-tracking';
import type { ResolveAll } from '../../lib/util/resolve-all.js';
import { OptionalAxios } from '../../lib/webhook/optional-axios.js';
import { USER_AGENT, WebhookSender } from '../../lib/webhook/webhook-sender.js';
import { CERTIFICATE, KEY } from './certificate.js';
import { Receiver } from './receiver.js';

const BODY = '{"a": 1}';

/** A DNS that knows one answer. */
const answers =
  (...addresses: string[]): ResolveAll =>
  (_host, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

let receiver: Receiver;
let sender: WebhookSender;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.reset();
  sender = new WebhookSender(new OptionalAxios());
});
afterEach(() => sender.onApplicationShutdown());

const post = (url: string, { timeoutMs = 5000, allowPrivate = true, by = sender } = {}) =>
  by.post({ url: new URL(url), timeoutMs, allowPrivate }, BODY);

async function failure(promise: Promise<unknown>): Promise<TrackingError> {
  try {
    await promise;
  } catch (error) {
    if (isTrackingError(error)) return error;
    throw error;
  }
  throw new Error('it was delivered');
}

const failed = { code: 'WEBHOOK_FAILED' };
const refused = { code: 'WEBHOOK_REFUSED' };

test('the user agent has the version of the package', () => {
  const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    name: string;
    version: string;
  };
  expect(USER_AGENT).toBe(`${name}/${version}`);
});

describe('one POST', () => {
  test('the answer comes back, whatever its status', async () => {
    receiver.reset((_, response) => response.writeHead(503, { 'x-why': 'tired' }).end('later'));
    const { response, bodyFailure } = await post(receiver.url());
    expect(response).toMatchObject({ status: 503, headers: { 'x-why': 'tired' }, body: 'later' });
    expect(bodyFailure).toBeUndefined();
    expect(receiver.received).toHaveLength(1);
  });

  test('connections are kept for the next one', async () => {
    await post(receiver.url());
    await post(receiver.url());
    expect(receiver.received).toHaveLength(2);
    expect(receiver.connections).toBe(1);
  });

  test('a proxy of the environment is not used', async () => {
    const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];
    const before = { ...process.env };
    try {
      for (const name of names) process.env[name] = 'http://127.0.0.1:9';
      delete process.env.NO_PROXY;
      delete process.env.no_proxy;
      expect((await post(receiver.url())).response.status).toBe(200);
    } finally {
      process.env = before;
    }
  });

  test('does not use the defaults and interceptors of the app’s axios', async () => {
    const before = { ...axios.defaults };
    const seen = jest.fn((config: InternalAxiosRequestConfig) => config);
    const interceptor = axios.interceptors.request.use(seen);
    Object.assign(axios.defaults, {
      baseURL: 'http://127.0.0.1:9/',
      headers: { Authorization: 'Bearer s3cret', common: { 'X-Tenant': 'a' } },
      params: { s3cret: 1 },
      auth: { username: 'ann', password: 's3cret' },
      timeout: 1,
      maxContentLength: 1,
    });
    try {
      receiver.reset((_, response) => setTimeout(() => response.end('a longer body'), 30));
      const by = new WebhookSender(new OptionalAxios());
      const { response } = await post(receiver.url(), { by });
      by.onApplicationShutdown();
      expect(response.body).toBe('a longer body');
      expect(JSON.stringify(receiver.received)).not.toMatch(/s3cret|tenant|authorization/i);
      expect(seen).not.toHaveBeenCalled();
    } finally {
      axios.interceptors.request.eject(interceptor);
      for (const name of Object.keys(axios.defaults)) delete axios.defaults[name as never];
      Object.assign(axios.defaults, before);
    }
  });

  test('user name and password of the URL become a header', async () => {
    await post(receiver.url('/hook?a=1#b').replace('//', '//us%65r:p%40%zz@'));
    expect(receiver.received).toMatchObject([
      {
        path: '/hook?a=1',
        headers: { authorization: `Basic ${Buffer.from('user:p%40%zz').toString('base64')}` },
      },
    ]);
  });

  test('over IPv6', async () => {
    let six: Receiver;
    try {
      six = await Receiver.start('::1');
    } catch {
      return; // a machine without IPv6
    }
    try {
      expect((await post(six.url('/hook', '[::1]'))).response.status).toBe(200);
      expect(six.received[0]!.headers.host).toBe(`[::1]:${six.port}`);
      const byName = new WebhookSender(new OptionalAxios(), answers('::1'));
      await post(six.url('/hook', 'hook.example'), { by: byName });
      byName.onApplicationShutdown();
      expect(six.received[1]!.headers.host).toBe(`hook.example:${six.port}`);
    } finally {
      await six.close();
    }
  });
});

describe('an unusable response', () => {
  test('returns the status and the first 64 KiB of a huge body, and does not fetch the rest', async () => {
    let sent = 0;
    const piece = Buffer.alloc(64 * 1024, 'x');
    receiver.reset((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(piece)) sent += piece.length;
        sent += piece.length;
      };
      response.on('drain', more);
      more();
    });
    const { response, bodyFailure } = await post(receiver.url());
    expect(response.status).toBe(200);
    expect(response.body).toHaveLength(64 * 1024);
    expect(bodyFailure).toBeUndefined();
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  test('returns the status of a response whose body is cut off', async () => {
    receiver.reset((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    });
    const { response, bodyFailure } = await post(receiver.url());
    expect(response).toMatchObject({ status: 200, body: 'half' });
    expect(bodyFailure).toMatchObject(failed);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['a reset', (socket) => socket.resetAndDestroy()],
    ['no HTTP', (socket) => socket.end('220 smtp.example ESMTP\r\n')],
    ['an end', (socket) => socket.end()],
    ['endless headers', (socket) => socket.write(`HTTP/1.1 200 OK\r\nA: ${'a'.repeat(1e6)}`)],
  ])('%s is a failure', async (_, answer) => {
    await withServer(answer, async (port) => {
      const error = await failure(post(`http://127.0.0.1:${port}/s3cret`));
      expect(error).toMatchObject(failed);
      expect(error.message).toMatch(/the connection failed \([A-Z_]+\)/);
      expect(error.message).not.toMatch(/127|s3cret/);
    });
  });

  test('fails when nothing listens at the address', async () => {
    const { port } = receiver;
    await receiver.close();
    const error = await failure(post(`http://127.0.0.1:${port}/`));
    receiver = await Receiver.start();
    expect(error).toMatchObject(failed);
    expect(error.message).toMatch(/ECONNREFUSED/);
  });
});

test('fails for an untrusted certificate, even of a trusted target', async () => {
  const server = createTlsServer({ key: KEY, cert: CERTIFICATE });
  let asked = 0;
  server.on('request', (_, response: ServerResponse) => {
    asked++;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const error = await failure(post(`https://127.0.0.1:${port}/`));
    expect(error).toMatchObject(failed);
    expect(error.message).toMatch(/CERT/);
    expect(asked).toBe(0);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('the whole of a request has its time', () => {
  const quick = { timeoutMs: 150 };
  const expectTimeout = async (promise: Promise<unknown>) => {
    const start = performance.now();
    const error = await failure(promise);
    expect(error).toMatchObject(failed);
    expect(error.message).toMatch(/webhookTimeoutSeconds/);
    expect(performance.now() - start).toBeGreaterThan(100);
  };

  test('DNS that does not answer', async () => {
    const by = new WebhookSender(new OptionalAxios(), () => undefined);
    await expectTimeout(post('http://hook.example/', { ...quick, by }));
    await expectTimeout(post('http://hook.example/', { ...quick, by, allowPrivate: false }));
    by.onApplicationShutdown();
  });

  test('a TLS handshake that does not come', () =>
    withServer(
      () => undefined,
      (port) => expectTimeout(post(`https://127.0.0.1:${port}/`, quick)),
    ));

  test('an answer that does not come', () =>
    withServer(
      () => undefined,
      (port) => expectTimeout(post(`http://127.0.0.1:${port}/`, quick)),
    ));

  test('a body that stalls', async () => {
    receiver.reset((_, response) => response.writeHead(200).write('a'));
    const { response, bodyFailure } = await post(receiver.url(), quick);
    expect(response).toMatchObject({ status: 200, body: 'a' });
    expect(bodyFailure?.message).toMatch(/webhookTimeoutSeconds/);
  });

  test('a body that trickles for ever is left when the time is over', async () => {
    let trickle: NodeJS.Timeout | undefined;
    receiver.reset((_, response) => {
      response.writeHead(200);
      trickle = setInterval(() => response.write('a'), 30);
      response.on('close', () => clearInterval(trickle));
    });
    const { response, bodyFailure } = await post(receiver.url(), quick);
    expect(response).toMatchObject({ status: 200, body: expect.stringMatching(/^a+$/) });
    expect(bodyFailure?.message).toMatch(/webhookTimeoutSeconds/);
  });
});

describe('redirects', () => {
  const redirectTo = (status: number, location: string) =>
    receiver.reset((request, response) => {
      if (request.url === '/hook') response.writeHead(status, { location }).end('moved');
      else response.end('there');
    });

  test.each([
    [301, 'GET', ''],
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', BODY],
    [308, 'POST', BODY],
  ])('%i within the host is followed by %s', async (status, method, body) => {
    redirectTo(status, Buffer.from('/there?ä=1').toString('latin1')); // as servers write UTF-8
    const { response } = await post(receiver.url().replace('//', '//ann:s3cret@'));
    expect(response).toMatchObject({ status: 200, body: 'there' });
    expect(receiver.received.slice(1)).toMatchObject([
      { method, path: '/there?%C3%A4=1', body, headers: { authorization: expect.any(String) } },
    ]);
    expect(receiver.received[1]!.headers['content-type']).toBe(
      body ? 'application/json' : undefined,
    );
  });

  test('to another host, port or scheme: the answer is the redirect', async () => {
    const other = await Receiver.start();
    try {
      for (const location of [
        other.url(),
        receiver.url('/', 'localhost'),
        receiver.url().replace('http:', 'https:'),
        receiver.url('/', '127.0.0.2'),
        `//169.254.169.254/latest/meta-data`,
        'ftp://127.0.0.1/',
        'http://[',
      ]) {
        redirectTo(307, location);
        const { response } = await post(receiver.url());
        expect(response).toMatchObject({ status: 307, body: 'moved', headers: { location } });
        expect(receiver.received).toHaveLength(1);
      }
      expect(other.received).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test('returns a redirect without a Location, and does not follow 304', async () => {
    receiver.reset((_, response) => response.writeHead(302).end());
    expect((await post(receiver.url())).response.status).toBe(302);
    redirectTo(304, '/there');
    expect((await post(receiver.url())).response.status).toBe(304);
  });

  test('user name and password in a Location are not used', async () => {
    redirectTo(307, receiver.url('/there').replace('//', '//eve:x@'));
    await post(receiver.url());
    expect(receiver.received).toHaveLength(2);
    expect(receiver.received[1]!.headers.authorization).toBeUndefined();
  });

  test('circles end', async () => {
    redirectTo(307, '/hook');
    expect((await failure(post(receiver.url()))).message).toMatch(/in a loop/);
    expect(receiver.received).toHaveLength(6);
  });

  test('each step that connects asks DNS again', async () => {
    let asked = 0;
    const by = new WebhookSender(new OptionalAxios(), (host, options, callback) => {
      answers(++asked === 1 ? '127.0.0.1' : '127.0.0.2')(host, options, callback);
    });
    receiver.reset((_, response) =>
      response.writeHead(307, { location: '/there', connection: 'close' }).end(),
    );
    const error = await failure(post(receiver.url('/hook', 'hook.example'), { by }));
    expect(error.message).toMatch(/ECONNREFUSED/);
    expect(asked).toBe(2);
    expect(receiver.received).toHaveLength(1);
    by.onApplicationShutdown();
  });
});

describe('where private addresses are not allowed', () => {
  const guarded = { allowPrivate: false };

  test.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '0.0.0.0',
    '10.1.2.3',
    '169.254.169.254',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[0:0:0:0:0:ffff:7f00:1]',
    '[64:ff9b::127.0.0.1]',
    '[2002:7f00:1::]',
    '[fe80::1]',
    '[fd00::1]',
  ])('http://%s/ is refused before anything is connected', async (host) => {
    const error = await failure(post(receiver.url('/hook', host), guarded));
    expect(error).toMatchObject(refused);
    expect(error.message).toMatch(/webhookAllowPrivateHosts/);
    expect(error.message).not.toContain(host);
    expect(receiver.connections).toBe(0);
  });

  test.each([
    [['127.0.0.1']],
    [['::1']],
    [['::ffff:127.0.0.1']],
    [['64:ff9b::7f00:1']],
    [['fe80::1%lo']],
    [['93.184.215.14', '127.0.0.1']],
    [['2606:4700::1111', '10.0.0.1']],
    [['224.0.0.1']],
    [[]],
  ])('a name that leads to %j is refused', async (addresses) => {
    const by = new WebhookSender(new OptionalAxios(), answers(...addresses));
    const url = receiver.url('/hook', 'hook.example');
    expect(await failure(post(url, { ...guarded, by }))).toMatchObject(refused);
    expect(await failure(post(url.replace('http:', 'https:'), { ...guarded, by }))).toMatchObject(
      refused,
    );
    expect(receiver.connections).toBe(0);
    by.onApplicationShutdown();
  });

  test('a proxy of the environment leads around nothing', async () => {
    const before = { ...process.env };
    try {
      for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY']) {
        process.env[name] = receiver.url('/');
      }
      delete process.env.NO_PROXY;
      delete process.env.no_proxy;
      const by = new WebhookSender(new OptionalAxios(), answers('10.0.0.1'));
      for (const url of [
        'http://127.0.0.2/',
        'https://[::ffff:127.0.0.2]/',
        'http://hook.example/',
      ]) {
        expect(await failure(post(url, { ...guarded, by }))).toMatchObject(refused);
      }
      by.onApplicationShutdown();
      expect(receiver.connections).toBe(0);
    } finally {
      process.env = before;
    }
  });

  test('localhost of the machine’s own DNS is refused', async () => {
    const url = receiver.url('/hook', 'localhost');
    expect(await failure(post(url, guarded))).toMatchObject(refused);
    expect(receiver.connections).toBe(0);
  });

  test('a kept connection of a trusted target is not inherited', async () => {
    const by = new WebhookSender(new OptionalAxios(), answers('127.0.0.1'));
    const url = receiver.url('/hook', 'hook.example');
    await post(url, { by });
    expect(await failure(post(url, { ...guarded, by }))).toMatchObject(refused);
    expect(receiver.received).toHaveLength(1);
    by.onApplicationShutdown();
  });

  test('every attempt asks anew', async () => {
    let asked = 0;
    const by = new WebhookSender(new OptionalAxios(), (host, options, callback) => {
      asked++;
      answers('127.0.0.1')(host, options, callback);
    });
    for (let attempt = 1; attempt <= 3; attempt++) {
      const url = receiver.url('/hook', 'hook.example');
      expect(await failure(post(url, { ...guarded, by }))).toMatchObject(refused);
      expect(asked).toBe(attempt);
    }
    by.onApplicationShutdown();
  });

  test('DNS that fails is a failure', async () => {
    const by = new WebhookSender(new OptionalAxios(), (_host, _options, callback) =>
      callback(Object.assign(new Error('ENOTFOUND hook.example'), { code: 'ENOTFOUND' }), []),
    );
    const error = await failure(post('http://hook.example/', { ...guarded, by }));
    expect(error).toMatchObject(failed);
    expect(error.message).toMatch(/ENOTFOUND/);
    expect(error.message).not.toMatch(/hook\.example/);
    by.onApplicationShutdown();
  });
});

/** A server below HTTP, for the time of a test. */
async function withServer(
  onData: (socket: Socket) => void,
  use: (port: number) => Promise<unknown>,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => onData(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}
