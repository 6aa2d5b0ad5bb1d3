// `packed`: against JOSE's encrypted tokens, against AES-256-GCM over the same JSON, and by length.

import { deepStrictEqual } from 'node:assert';
import { createCipheriv, createDecipheriv, webcrypto } from 'node:crypto';
import { TextDecoder, TextEncoder } from 'node:util';
import { FernetCodec } from '../../dist/link/codecs/fernet.codec.js';
import { PackedCodec } from '../../dist/link/codecs/packed.codec.js';
import { PlainCodec } from '../../dist/link/codecs/plain.codec.js';
import { KeyRing } from '../../dist/link/key-ring.js';
import { timeCandidates } from '../harness.mjs';
import { randomPieces } from '../random.mjs';
import { KEY, PAYLOADS, REFERENCE } from '../reference.mjs';
import { row, timesAsFast, timesTheTime } from '../rows.mjs';

export async function measure(options) {
  const file = new URL(import.meta.url);
  const names = ['ours', 'jose', 'joseImported', 'joseAtOnce', 'bare'];
  const seal = await timeCandidates(
    file,
    names.map((name) => `${name}:seal`),
    options,
  );
  const read = await timeCandidates(
    file,
    names.map((name) => `${name}:read`),
    options,
  );
  const JOSE = { atLeast: 8 };
  const BARE = { atMost: 1.1 };
  const both = (other, title, compare, target, of = 1) => [
    compare(`packed sealing / ${title}`, seal['ours:seal'], seal[`${other}:seal`] / of, target),
    compare(`packed reading / ${title}`, read['ours:read'], read[`${other}:read`] / of, target),
  ];
  return [
    ...both('jose', 'jose JWE', timesAsFast, JOSE),
    ...both('joseImported', 'jose JWE, CryptoKey kept', timesAsFast, JOSE),
    ...both('joseAtOnce', 'jose JWE, CryptoKey kept, 32 at once', timesAsFast, undefined, AT_ONCE),
    ...both('bare', 'AES-256-GCM over JSON', timesTheTime, BARE),
    ...(await lengths()),
  ];
}

const keys = new KeyRing([KEY]);
const codec = new PackedCodec(keys);
const at = (i) => i & (PAYLOADS.length - 1);

/** A payload to a token, and back. */
export const candidates = {
  'ours:seal': () => (i) => codec.encode(PAYLOADS[at(i)], 'click'),
  'ours:read'() {
    const tokens = PAYLOADS.map((payload) => codec.encode(payload, 'click'));
    return (i) => codec.open(tokens[at(i)], 'click');
  },

  'jose:seal': () => joseSeals(aesKey),
  'jose:read': () => joseReads(aesKey),
  'joseImported:seal': async () => joseSeals(await imported()),
  'joseImported:read': async () => joseReads(await imported()),
  async 'joseAtOnce:seal'() {
    const seal = await joseSeals(await imported());
    return (i) => Promise.all(Array.from({ length: AT_ONCE }, (_, j) => seal(i + j)));
  },
  async 'joseAtOnce:read'() {
    const read = await joseReads(await imported());
    return (i) => Promise.all(Array.from({ length: AT_ONCE }, (_, j) => read(i + j)));
  },

  'bare:seal': () => (i) => bareSeal(PAYLOADS[at(i)]),
  'bare:read'() {
    const tokens = PAYLOADS.map(bareSeal);
    deepStrictEqual(bareRead(tokens[1]), PAYLOADS[1]);
    return (i) => bareRead(tokens[at(i)]);
  },
};

/** As many as a mail has links: what a sender gains who does not wait for each token. */
const AT_ONCE = 32;

/** JWE in its compact form: `dir`, A256GCM. */
async function jose(key) {
  const { CompactEncrypt, compactDecrypt } = await import('jose');
  const header = { alg: 'dir', enc: 'A256GCM' };
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  return {
    seal: (payload) =>
      new CompactEncrypt(encoder.encode(JSON.stringify(payload)))
        .setProtectedHeader(header)
        .encrypt(key),
    read: async (token) => JSON.parse(decoder.decode((await compactDecrypt(token, key)).plaintext)),
  };
}

async function joseSeals(key) {
  const { seal } = await jose(key);
  return (i) => seal(PAYLOADS[at(i)]);
}

async function joseReads(key) {
  const { seal, read } = await jose(key);
  const tokens = await Promise.all(PAYLOADS.map(seal));
  deepStrictEqual(await read(tokens[1]), PAYLOADS[1]);
  return (i) => read(tokens[at(i)]);
}

/** Once, in place of once for each token. */
function imported() {
  return webcrypto.subtle.importKey('raw', aesKey, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

// What one would write without a format: JSON, the cipher, nonce and tag around it, base64url.

const aesKey = Buffer.from(KEY, 'base64url');
const nextNonce = randomPieces(12);

function bareSeal(payload) {
  const iv = nextNonce();
  const cipher = createCipheriv('aes-256-gcm', aesKey, iv);
  const body = cipher.update(JSON.stringify(payload), 'utf8');
  cipher.final();
  return Buffer.concat([iv, body, cipher.getAuthTag()]).toString('base64url');
}

function bareRead(token) {
  const bytes = Buffer.from(token, 'base64url');
  const end = bytes.length - 16;
  const decipher = createDecipheriv('aes-256-gcm', aesKey, bytes.subarray(0, 12), {
    authTagLength: 16,
  });
  decipher.setAuthTag(bytes.subarray(end));
  const body = decipher.update(bytes.subarray(12, end), undefined, 'utf8');
  decipher.final();
  return JSON.parse(body);
}

/** In characters; the other side is what carries the same JSON in the same way elsewhere. */
async function lengths() {
  const jwe = await (await jose(aesKey)).seal(REFERENCE);
  const packed = codec.encode(REFERENCE, 'click').length;
  const fernet = new FernetCodec(keys).encode(REFERENCE).length;
  const plain = new PlainCodec().encode(REFERENCE).length;
  const bare = bareSeal(REFERENCE).length;
  const json = Buffer.from(JSON.stringify(REFERENCE)).toString('base64url').length;
  const length = (name, ours, other, target) =>
    row(name, { ours, other, ratio: ours / other, unit: 'chars', target });
  return [
    length('packed token length / limit', packed, MAX_LENGTH, { atMost: 1 }),
    length('packed token length / jose JWE', packed, jwe.length),
    length('packed token length / AES-256-GCM over JSON', packed, bare),
    length('fernet token length / packed', fernet, packed),
    length('plain token length / JSON in base64url', plain, json),
  ];
}

/** What the issue allows the reference payload, in characters. */
const MAX_LENGTH = 190;
