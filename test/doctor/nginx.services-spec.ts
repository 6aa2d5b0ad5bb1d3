import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';
import { describeWithPrograms } from '../support/needs.js';
import { until } from '../support/until.js';
import { examine, Scene } from './doctor-app.js';

const BINARY = 'nginx';
const describeNginx = describeWithPrograms([BINARY], '-v');

/** The usual way to say who asks. */
const APPENDED = '$proxy_add_x_forwarded_for';

/** A real nginx in front of an app, with more lines for its location. */
async function behindNginx(scene: Scene, lines: string, forwarded: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tracking-nginx-'));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const { url } = await scene.start(origin);
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n');
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; pid ${folder}/pid; error_log stderr; worker_processes 1; events {}
    http {
      access_log off; ${paths}
      proxy_cache_path ${folder}/cache keys_zone=links:1m;
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass ${url};
          proxy_set_header Host $host;
          proxy_set_header X-Forwarded-For ${forwarded};
          ${lines}
        }
      }
    }`,
  );
  const child: ChildProcess = spawn(BINARY, ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  scene.afterwards(async () => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  await until(() => listens(port));
  return origin;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

const scene = new Scene();
afterEach(() => scene.end());

describeNginx('the doctor behind a real nginx', () => {
  test.each([
    ['that passes everything on: nothing', '', [], APPENDED],
    [
      'that caches: CACHED',
      'proxy_cache links; proxy_cache_valid any 1m; proxy_ignore_headers Cache-Control Expires;',
      ['CACHED'],
      APPENDED,
    ],
    [
      'that caches without regard to the token: CACHED',
      'proxy_cache links; proxy_cache_valid any 1m; proxy_ignore_headers Cache-Control Expires; proxy_cache_key $request_method;',
      ['CACHED'],
      APPENDED,
    ],
    [
      'that rewrites Location: LOCATION_CHANGED',
      'proxy_redirect ~^http://[^/]+/(.*)$ https://www.example.com/$1;',
      ['LOCATION_CHANGED'],
      APPENDED,
    ],
    [
      'that drops the query: QUERY_DROPPED',
      'rewrite ^(.*)$ $1? break;',
      ['QUERY_DROPPED'],
      APPENDED,
    ],
    ['that does not pass the address on: ADDRESS_OF_PROXY', '', ['ADDRESS_OF_PROXY'], '127.0.0.1'],
  ])('%s', async (_, lines, codes, forwarded) => {
    const origin = await behindNginx(scene, lines, forwarded);
    const { findings } = await examine(origin);
    expect([...new Set(findings.map(({ code }) => code))]).toEqual(codes);
  });
});
