import { execFile } from 'node:child_process';
import { createServer } from 'node:https';
import { KEY } from '../support/app.js';
import { Compiled } from '../support/compiled.js';
import { TestCa } from './certificates.js';
import { proxyTo, Scene } from './doctor-app.js';

describe('the command line, in a process of its own', () => {
  const ca = new TestCa();
  const compiled = Compiled.make([]);
  const scene = new Scene();
  let origin: string;
  let cookie: string | undefined;

  beforeAll(async () => {
    let port = 0;
    const server = createServer(
      ca.issue('localhost'),
      proxyTo(() => port, {
        answer: ({ headers }) => void (headers['set-cookie'] = cookie),
      }),
    );
    origin = `https://localhost:${await scene.serve(server)}`;
    port = Number(new URL((await scene.start(origin)).url).port);
  });
  afterAll(async () => {
    await scene.end();
    compiled.remove();
    ca.remove();
  });

  async function doctor(args: string[], changes: Record<string, string> = {}) {
    const env = {
      PATH: process.env['PATH'],
      NODE_EXTRA_CA_CERTS: ca.file,
      TRACKING_ENCRYPTION_KEY: KEY,
      TRACKING_BASE_OPEN_TRACKING_URL: `${origin}/open/`,
      TRACKING_BASE_CLICK_TRACKING_URL: `${origin}/click/`,
      TRACKING_BASE_UNSUBSCRIBE_URL: `${origin}/unsubscribe/`,
      // A proxy at which nobody listens: none is used.
      HTTPS_PROXY: 'http://127.0.0.1:9',
      ...changes,
    };
    const all = [compiled.pathOf('lib/cli/main.ts'), 'doctor', ...args];
    const result = await new Promise<{ code: unknown; out: string }>((resolve) => {
      execFile(process.execPath, all, { env }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, out: stdout + stderr }),
      );
    });
    expect(result.out).not.toMatch(new RegExp(`${KEY.slice(0, 12)}|[\\w-]{40,}`));
    return result;
  }

  test('finds nothing wrong: 0', async () => {
    // The app sees the address of the proxy's client, which is that of loopback here.
    const { code, out } = await doctor(['--allow-private', '--client-address', '127.0.0.1']);
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/^All is well: \d\d kinds of faults looked for\.\n$/),
    });
  });

  test('says in words what is wrong: 1', async () => {
    const { code, out } = await doctor([]);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAILED {2}BASE_URL_PRIVATE\n {2}seen {6}https:\/\/localhost:\d+: .*\n/);
    expect(out).toMatch(/ {2}remedy .*--allow-private.*\n {2}more {6}docs\/doctor\.md#base_url_/);
  });

  test('prints JSON, of the codes that were asked for', async () => {
    const only = ['--only', 'TLS_UNTRUSTED', '--json', '--allow-private'];
    const { code, out } = await doctor(only, { NODE_EXTRA_CA_CERTS: '' });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ findings: [{ code: 'TLS_UNTRUSTED' }] });
  });

  test('finds what may be wrong only: 3', async () => {
    cookie = 'AWSALB=1';
    const { code, out } = await doctor(['--only', 'CACHED,COOKIE_ADDED', '--allow-private']);
    cookie = undefined;
    expect({ code, out }).toEqual({
      code: 3,
      out: expect.stringMatching(/^WARNING COOKIE_ADDED\n/),
    });
  });

  test.each([
    [['--only', 'NONSENSE'], {}],
    [['--client-address', 'me'], {}],
    [['--nonsense'], {}],
    [[], { TRACKING_ENCRYPTION_KEY: '' }],
  ])('%j %j is wrong usage: 2', async (args, changes) => {
    expect(await doctor(args, changes)).toMatchObject({ code: 2 });
  });
});
