// The load generator, in a process of its own on the other core: keep-alive connections over
// loopback, each with one request at a time, made of bytes that were ready before. Every answer is
// read to its end and its status checked.

import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';
import { PackedCodec } from '../../dist/link/codecs/packed.codec.js';
import { KeyRing } from '../../dist/link/key-ring.js';
import { answerMessages } from '../harness.mjs';
import { KEY, PAYLOADS } from '../reference.mjs';

const HEADERS = [
  'Host: t.example.com',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-GB,en;q=0.9',
  'Sec-Fetch-Dest: document',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Site: cross-site',
  'Connection: keep-alive',
];

const codec = new PackedCodec(new KeyRing([KEY]));
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
/** Links that were sent in the last eight weeks, so that many subkeys are in use. */
const LINKS = 4096;

const mixes = {
  click: () => links('click', 302),
  open: () => links('open', 200),
  /** Clicks to which something was added on the way. */
  passed: () =>
    links('click', 302).map(({ path, status }, i) => ({
      path: `${path}?fbclid=IwAR0x8mQ5kUqvJ3dW${i}&mc_cid=7`,
      status,
    })),
  /** Clicks of a few readers, whose consent was asked for lately. */
  named: () => links('click', 302, (i) => ({ recipient: `reader-${i % 64}@example.com` })),
  /** Clicks in different mails to different readers, for what goes by both. */
  judged,
  /** Both, and one damaged link of either kind in every sixteen. */
  mixed: () => {
    const clicks = links('click', 302);
    const opens = links('open', 200);
    return clicks.flatMap((click, i) => [
      i % 16 === 0 ? damaged(click) : click,
      i % 16 === 8 ? damaged(opens[i]) : opens[i],
    ]);
  },
};

/** More mails than a process remembers, so that most hits are the first of theirs, as in an inbox. */
const MAILS = 200_000;

function judged() {
  return Array.from({ length: MAILS }, (_, i) => {
    const { url, metadata } = PAYLOADS[i % PAYLOADS.length];
    const token = codec.encode(
      {
        url,
        metadata,
        messageId: `<${i}.${metadata.message_id}@mail.example.com>`,
        recipient: `reader-${i}@example.com`,
        linkIndex: i % 12,
        linkCount: 12,
        part: 'html',
        sentAt: new Date(Date.now() - ((i + 1) / MAILS) * 8 * WEEK_MS),
      },
      'click',
    );
    return { path: `/click/${token}`, status: 302 };
  });
}

function links(purpose, status, more = () => ({})) {
  return Array.from({ length: LINKS }, (_, i) => {
    const { url, metadata } = PAYLOADS[i % PAYLOADS.length];
    const sentAt = new Date(Date.now() - ((i + 1) / LINKS) * 8 * WEEK_MS);
    const payload = { metadata, messageId: metadata.message_id, sentAt, ...more(i) };
    const token = codec.encode(purpose === 'click' ? { url, ...payload } : payload, purpose);
    return { path: `/${purpose}/${token}`, status };
  });
}

function damaged({ path }) {
  const middle = path.length - 20;
  const other = path[middle] === 'A' ? 'B' : 'A';
  return { path: path.slice(0, middle) + other + path.slice(middle + 1), status: 404 };
}

const made = new Map();

/** Requests as bytes, and what to expect. */
function requestsOf(mix) {
  if (!made.has(mix)) {
    const requests = mixes[mix]().map(({ path, status }) => ({
      bytes: Buffer.from([`GET ${path} HTTP/1.1`, ...HEADERS, '', ''].join('\r\n'), 'latin1'),
      status: String(status),
    }));
    made.set(mix, requests);
  }
  return made.get(mix);
}

/** How many requests of a mix each server has had. */
const places = new Map();

/** Runs until the time is over or the number of hits is reached, whichever comes first. */
class Run {
  constructor({ port, mix, connections, milliseconds = Infinity, hits = Infinity }) {
    this.port = port;
    this.requests = requestsOf(mix);
    // A server that was asked before is asked for what comes next: with the same few mails in every
    // round, each of them would have more hits than any mail has.
    this.place = `${port} ${mix}`;
    this.first = places.get(this.place) ?? 0;
    this.connections = connections;
    this.milliseconds = milliseconds;
    this.hits = hits;
    this.sent = 0;
    this.answered = 0;
  }

  async go() {
    const sockets = await Promise.all(Array.from({ length: this.connections }, () => this.dial()));
    this.start = performance.now();
    this.end = this.start + this.milliseconds;
    stayAwake(true);
    try {
      await Promise.all(sockets.map((socket) => this.converse(socket)));
    } finally {
      stayAwake(false);
    }
    const seconds = (performance.now() - this.start) / 1000;
    places.set(this.place, this.first + this.sent);
    return { answered: this.answered, perSecond: this.answered / seconds };
  }

  dial() {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
      socket.once('connect', () => resolve(socket)).once('error', reject);
    });
  }

  /** One request after the other on one connection. */
  converse(socket) {
    return new Promise((resolve, reject) => {
      let expected;
      let pending = '';
      const next = () => {
        if (this.sent >= this.hits || performance.now() >= this.end) {
          socket.destroy();
          resolve();
          return;
        }
        const request = this.requests[(this.first + this.sent++) % this.requests.length];
        expected = request.status;
        socket.write(request.bytes);
      };
      socket.on('data', (chunk) => {
        const text = pending + chunk.latin1Slice();
        if (!isWhole(text)) {
          pending = text;
          return;
        }
        pending = '';
        const status = text.slice(9, 12);
        if (status !== expected) {
          reject(new Error(`answered ${status} in place of ${expected}`));
          socket.destroy();
          return;
        }
        this.answered++;
        next();
      });
      socket.setTimeout(10_000, () => socket.destroy(new Error('no answer for ten seconds')));
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the server hung up')));
      next();
    });
  }
}

/**
 * Polls without a pause. A generator that sleeps has to be woken by the server's write, which costs
 * the server microseconds a hit, and only the slower ones: those for which it has time to sleep.
 */
function stayAwake(wanted) {
  awake = wanted;
  if (wanted) setImmediate(poll);
}

let awake = false;

function poll() {
  if (awake) setImmediate(poll);
}

/** Whether an answer has come to its end. Answers without a length are none of ours. */
function isWhole(text) {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return false;
  const length = CONTENT_LENGTH.exec(text);
  if (!length) throw new Error('an answer without Content-Length');
  return text.length >= headEnd + 4 + Number(length[1]);
}

const CONTENT_LENGTH = /\r\nContent-Length: (\d+)/i;

answerMessages(({ one, ...run }) => (one ? ask(run.port, one) : new Run(run).go()));

/** One answer in full: its status and headers, but for those that every server has its own of. */
async function ask(port, mix) {
  const { bytes } = requestsOf(mix)[0];
  const text = await new Promise((resolve, reject) => {
    let received = '';
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(bytes));
    socket.on('error', reject).on('data', (chunk) => {
      received += chunk.latin1Slice();
      if (!isWhole(received)) return;
      socket.destroy();
      resolve(received);
    });
  });
  const [head, body] = text.split('\r\n\r\n');
  const [line, ...headers] = head.split('\r\n');
  const kept = headers
    .map((header) => header.replace(/^[^:]*/, (name) => name.toLowerCase()))
    .filter((header) => !/^(date|connection|keep-alive|x-powered-by):/.test(header))
    .sort();
  return { answer: [line.slice(9, 12), ...kept, body] };
}
