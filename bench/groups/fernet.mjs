// `fernet`: against the npm package, and against the calls of node:crypto that it needs.

import { deepStrictEqual } from 'node:assert';
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { FernetCodec } from '../../dist/link/codecs/fernet.codec.js';
import { writePytrackingPayload } from '../../dist/link/codecs/pytracking-payload.js';
import { KeyRing } from '../../dist/link/key-ring.js';
import { timeCandidates } from '../harness.mjs';
import { randomPieces } from '../random.mjs';
import { KEY, PAYLOADS } from '../reference.mjs';
import { timesAsFast, timesTheTime } from '../rows.mjs';

export async function measure(options) {
  const file = new URL(import.meta.url);
  const sealing = await timeCandidates(file, ['ours:seal', 'npm:seal', 'bare:seal'], options);
  const reading = await timeCandidates(file, ['ours:read', 'npm:read', 'bare:read'], options);
  const TIMES = { atLeast: 15 };
  const BARE = { atMost: 1.5 };
  return [
    timesAsFast('fernet sealing / npm fernet', sealing['ours:seal'], sealing['npm:seal'], TIMES),
    timesAsFast('fernet reading / npm fernet', reading['ours:read'], reading['npm:read'], TIMES),
    timesTheTime('fernet sealing / node:crypto', sealing['ours:seal'], sealing['bare:seal'], BARE),
    timesTheTime('fernet reading / node:crypto', reading['ours:read'], reading['bare:read'], BARE),
  ];
}

const codec = new FernetCodec(new KeyRing([KEY]));
const tokens = PAYLOADS.map((payload) => codec.encode(payload));
const at = (i) => i & (PAYLOADS.length - 1);

/** A payload to a token, and back. */
export const candidates = {
  'ours:seal': () => (i) => codec.encode(PAYLOADS[at(i)]),
  'ours:read': () => (i) => codec.open(tokens[at(i)]),

  async 'npm:seal'() {
    const { seal, read } = await npmFernet();
    deepStrictEqual(read(seal(PAYLOADS[1])), PAYLOADS[1]);
    return (i) => seal(PAYLOADS[at(i)]);
  },
  async 'npm:read'() {
    const { read } = await npmFernet();
    deepStrictEqual(read(tokens[1]), PAYLOADS[1]);
    return (i) => read(tokens[at(i)]);
  },

  'bare:seal'() {
    const bodies = PAYLOADS.map(writePytrackingPayload);
    return (i) => bareSeal(bodies[at(i)]);
  },
  'bare:read'() {
    const sealed = tokens.map((token) => Buffer.from(token, 'base64url'));
    deepStrictEqual(Buffer.concat(bareRead(sealed[1])), writePytrackingPayload(PAYLOADS[1]));
    return (i) => bareRead(sealed[at(i)]);
  },
};

/** The npm package with JSON, as its README uses it. */
async function npmFernet() {
  const { default: fernet } = await import('fernet');
  const secret = new fernet.Secret(KEY);
  return {
    seal: (payload) => new fernet.Token({ secret }).encode(JSON.stringify(payload)),
    read: (token) => JSON.parse(new fernet.Token({ secret, token, ttl: 0 }).decode()),
  };
}

// No JSON, no base64, no token put together: only what node:crypto has to be asked for.

const secret = Buffer.from(KEY, 'base64url');
const signing = secret.subarray(0, 16);
const encryption = secret.subarray(16);
const nextIv = randomPieces(16);

function bareSeal(body) {
  const iv = nextIv();
  const cipher = createCipheriv('aes-128-cbc', encryption, iv);
  const head = cipher.update(body);
  const tail = cipher.final();
  return [head, tail, createHmac('sha256', signing).update(head).update(tail).digest()];
}

function bareRead(token) {
  const end = token.length - 32;
  const hmac = createHmac('sha256', signing).update(token.subarray(0, end)).digest();
  if (!timingSafeEqual(hmac, token.subarray(end))) throw new Error('This token is not ours.');
  const decipher = createDecipheriv('aes-128-cbc', encryption, token.subarray(9, 25));
  return [decipher.update(token.subarray(25, end)), decipher.final()];
}
