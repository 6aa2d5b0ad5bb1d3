import { createRequire } from 'node:module';
import * as newest from '@noble/ciphers/salsa.js';
import { PtrackCodec } from 'nestjs-email-tracking/ptrack';
import * as oldest from 'noble-ciphers-1/salsa.js';

const require = createRequire(`${process.cwd()}/package.json`);

const key = Buffer.from('testptracksecret'.padEnd(32, '{'));
const nonce = Buffer.alloc(24, 7);
const text = Buffer.from('[["testarg"], {}]');

// lib/ptrack imports `@noble/ciphers/salsa.js`, by the one path that both versions export.
describe('@noble/ciphers 1.3 and 2', () => {
  test('seal the same box, and open each other’s', () => {
    const boxes = [oldest, newest].map(({ xsalsa20poly1305 }) =>
      Buffer.from(xsalsa20poly1305(key, nonce).encrypt(text)),
    );
    expect(boxes[0]).toEqual(boxes[1]);
    for (const { xsalsa20poly1305 } of [oldest, newest]) {
      expect(Buffer.from(xsalsa20poly1305(key, nonce).decrypt(boxes[0]!))).toEqual(text);
      expect(() => xsalsa20poly1305(key, nonce).decrypt(boxes[0]!.fill(0, 0, 1))).toThrow();
      boxes[0] = Buffer.from(boxes[1]!);
    }
  });

  test('the oldest of the range can be required by CommonJS', () => {
    const salsa = require('noble-ciphers-1/salsa.js') as typeof oldest;
    expect(salsa.xsalsa20poly1305).toBeInstanceOf(Function);
  });
});

test('links of PtrackCodec are read and written by version 1.3 too', () => {
  const codec = new PtrackCodec('testptracksecret');
  const box = Buffer.concat([nonce, oldest.xsalsa20poly1305(key, nonce).encrypt(text)]);
  const metadata = { args: ['testarg'], kwargs: {} };
  expect(codec.decode(box.toString('base64url'), 'open').metadata).toEqual(metadata);

  const token = Buffer.from(codec.encode({ metadata }, 'open'), 'base64url');
  const opened = oldest.xsalsa20poly1305(key, token.subarray(0, 24)).decrypt(token.subarray(24));
  expect(Buffer.from(opened)).toEqual(text);
});
