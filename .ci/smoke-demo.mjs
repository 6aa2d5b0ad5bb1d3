/**
 * Starts the sample app with `npm run demo`, as a newcomer does, and walks the way of a mail: sent
 * over SMTP, received, opened, clicked, seen as events and on the dashboard. Then a reader of the
 * newsletter leaves by one click and is suppressed. Stops the app as Ctrl+C does. Its data are in a
 * folder that is removed afterwards.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_MS = 240_000;
const STOP_MS = 15_000;

const data = mkdtempSync(join(tmpdir(), 'smoke-demo-'));

const demo = spawn('npm', ['run', 'demo'], {
  env: { ...process.env, PORT: '0', SMTP_PORT: '0', DATA_DIR: data },
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
});
const ended = new Promise((resolve) => demo.once('exit', resolve));

function stop(signal) {
  try {
    process.kill(-demo.pid, signal);
  } catch {
    // it has ended already
  }
}

/** The address that the demo prints when it listens. */
function address() {
  return new Promise((resolve, reject) => {
    let output = '';
    demo.stdout.setEncoding('utf8');
    demo.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      output += chunk;
      const found = /http:\/\/(?:localhost|127\.0\.0\.1):\d+/.exec(output);
      if (found) resolve(found[0]);
    });
    demo.once('exit', (code) => reject(new Error(`the demo ended with ${code}`)));
    setTimeout(() => reject(new Error('the demo printed no address')), START_MS).unref();
  });
}

async function walk(base) {
  const json = async (path) => (await fetch(base + path)).json();
  assert.equal((await fetch(`${base}/health`)).status, 200);
  assert.match(await (await fetch(base)).text(), /<html/i);

  const sent = await fetch(`${base}/api/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      to: 'ann@example.com',
      subject: 'Smoke',
      html: '<body><a href="https://www.example.com/?a=1&amp;b=2">go</a></body>',
      metadata: { run: 1, campaign: 'smoke' },
    }),
  });
  assert.equal(sent.status, 201);
  const { messageId, report } = await sent.json();
  assert.equal(report.links[0].tracked, true);

  const [mail] = await json('/api/inbox');
  assert.equal(mail.messageId, messageId);
  assert.deepEqual(await json('/api/events'), [], 'nothing opens the mail by itself');
  const { html } = await json(`/api/inbox/${mail.id}`);
  const click = /href="([^"]+)"/.exec(html)[1].replaceAll('&amp;', '&');
  const pixel = /<img src="([^"]+)"/.exec(html)[1].replaceAll('&amp;', '&');

  assert.equal((await fetch(pixel)).headers.get('content-type'), 'image/png');
  const answer = await fetch(click, { redirect: 'manual' });
  assert.equal(answer.headers.get('location'), 'https://www.example.com/?a=1&b=2');

  const events = await until(
    () => json('/api/events'),
    (found) => found.length === 2,
  );
  assert.deepEqual(
    events.map((event) => [event.eventType, event.messageId, event.metadata.run]),
    [
      ['clicked', messageId, 1],
      ['opened', messageId, 1],
    ],
  );

  // Node's fetch is no browser.
  for (const { words } of events) assert.match(words.headline, /machine (?:followed|loaded)/);

  // Numbers are written a moment after the events.
  const pages = {
    // Only possibly a machine: nobody knows whether a person was there.
    '/dashboard': />0 of 1 mail; at most 100%</,
    '/campaigns/smoke': /smoke/,
    [`/messages/${messageId.slice(1, -1)}`]: /Timeline[^]*data-type="clicked"/,
  };
  for (const [path, shows] of Object.entries(pages)) {
    const text = await until(
      async () => (await fetch(base + path)).text(),
      (html) => shows.test(html),
    );
    assert.match(text, shows, path);
    assert.equal((await fetch(base + path)).status, 200, path);
  }
}

/** A newsletter, which one leaves by the URL and the body of its headers. */
async function leave(base) {
  const post = (path, body) =>
    fetch(base + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const newsletter = {
    ...{ to: 'bob@example.com', subject: 'News', template: 'newsletter', list: 'letter' },
    metadata: { campaign: 'letter' },
  };
  assert.equal((await post('/api/messages', newsletter)).status, 201);
  const [mail] = await (await fetch(`${base}/api/inbox`)).json();
  const { headers, html } = await (await fetch(`${base}/api/inbox/${mail.id}`)).json();
  const [, url] = /^<(\S+)>$/.exec(headers['list-unsubscribe']);
  assert.equal(headers['list-unsubscribe-post'], 'List-Unsubscribe=One-Click');
  assert.match(headers['dkim-signature'], /list-unsubscribe:list-unsubscribe-post/);
  assert.match(html, /<a href="[^"]+\/unsubscribe\/p[\w-]+">/);

  assert.equal((await fetch(url)).status, 200);
  assert.doesNotMatch(
    await (await fetch(`${base}/suppressed`)).text(),
    /bob@/,
    'GET leaves nothing',
  );
  // In the form that RFC 8058 prefers.
  const oneClick = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
  });
  assert.equal(oneClick.status, 200);
  assert.equal((await post('/api/messages', newsletter)).status, 409);
  const shows = /id="suppressed"[^]*bob@example\.com[^]*The Roastery Letter[^]*Unsubscribed/;
  for (const path of ['/dashboard', '/suppressed']) {
    assert.match(await (await fetch(base + path)).text(), shows, path);
  }
  const campaign = await until(
    async () => (await fetch(`${base}/campaigns/letter`)).text(),
    (page) => page.includes('1 by link'),
  );
  assert.match(campaign, /of 1 mail; in this period 1 by link/);
}

/** Asks again until the answer is as wanted, for five seconds at the most; returns the last one. */
async function until(ask, isWanted) {
  let answer = await ask();
  for (let tries = 0; tries < 50 && !isWanted(answer); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    answer = await ask();
  }
  return answer;
}

try {
  const base = await address();
  await walk(base);
  await leave(base);
  stop('SIGINT');
  const timer = setTimeout(() => stop('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
  console.log(
    'The demo works: a mail was sent, opened and clicked, both events arrived, and the dashboard shows ' +
      'them; a reader left the list of a newsletter, and gets no more mails of it.',
  );
} finally {
  stop('SIGKILL');
  rmSync(data, { recursive: true, force: true });
}
process.exit(0);
