import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import type { LinkPayload } from 'nestjs-email-tracking';
import { sealFernet } from '../../lib/link/codecs/fernet.codec.js';
import { PlainCodec } from '../../lib/link/codecs/plain.codec.js';
import { writePytrackingPayload } from '../../lib/link/codecs/pytracking-payload.js';
import { decodeKey, TrackingKey } from '../../lib/link/key-ring.js';
import { joinTrackingUrl } from '../../lib/link/tracking-url.js';
import { KEY } from '../support/app.js';
import { payload } from '../support/payloads.js';
import { hasPython, PYTHON, stringify } from '../support/python.js';
import { serviceWith } from '../support/service.js';
import { describeIf } from '../support/vectors.js';

const SEED = { numRuns: 300, seed: 20261121 };
const TIME = 1_700_000_000;
const IV = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');

function python<T>(work: 'write' | 'read', links: unknown[]): T[] {
  const { stdout, stderr, status } = spawnSync(PYTHON, ['test/link/pytracking_peer.py', work], {
    input: stringify(links),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: 30_000,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T[];
}

/** The members that pytracking has, in its order; and no key that a reader refuses. */
const payloads = fc
  .sample(payload(), SEED)
  .map(({ url, metadata, webhookUrl }): LinkPayload => ({ url, metadata, webhookUrl }))
  .filter((given) => !JSON.stringify(given).includes('__proto__'));

function dataOf({ url, metadata, webhookUrl }: LinkPayload): object {
  return {
    ...(url && { url }),
    ...(metadata && Object.keys(metadata).length > 0 && { metadata }),
    ...(webhookUrl && { webhook: webhookUrl }),
  };
}

const some = (...texts: string[]) => fc.constantFrom(...texts);
const BASES = fc.sample(
  fc
    .tuple(
      some('', 'http:', 'https:', 'HTTPS:', 'ftp:', 'myapp:'),
      some('', '//', '//h', '//Host.Example:8080', '//u:p@h', '//münchen.example', '//[::1]:80'),
      fc.array(some('/', '/a', '/b.c', '/ü', '/..', '/.', '/a;p=1', '/a b'), { maxLength: 5 }),
      some('', '/', '/', '/open'),
      some('', '', ';p=1', '?x=1', '?x=1/2', '#f', '#f/g', ';p?x#f'),
    )
    .map(([scheme, host, path, end, tail]) => scheme + host + path.join('') + end + tail),
  SEED,
);

/** What Python is asked to write, and what we write it from. */
const links = payloads.flatMap((given, i) =>
  [null, KEY].map((key) => ({
    given,
    link: {
      key,
      time: TIME,
      iv: IV.toString('hex'),
      base: BASES[i % BASES.length]!,
      slash: i % 3 === 0,
      data: dataOf(given),
    },
  })),
);

function tokenOf(given: LinkPayload, key: string | null): string {
  if (key === null) return new PlainCodec().encode(given);
  const secret = new TrackingKey(decodeKey(key)!);
  const token = sealFernet(secret, writePytrackingPayload(given), TIME, IV).toString('base64url');
  return token.padEnd(Math.ceil(token.length / 4) * 4, '=');
}

describeIf(hasPython('pytracking’s links in Python'))(
  'links, and what Python makes of them',
  () => {
    test('the same URLs, character by character', () => {
      const theirs = python<string>(
        'write',
        links.map(({ link }) => link),
      );
      expect(theirs).toHaveLength(links.length);
      links.forEach(({ given, link: { key, base, slash } }, i) => {
        expect([base, joinTrackingUrl(base, tokenOf(given, key), 'python', slash)]).toEqual([
          base,
          theirs[i],
        ]);
      });
    });

    test('Python reads what we write', () => {
      const tokens = links.map(({ given, link: { key } }) => ({ key, token: tokenOf(given, key) }));
      const texts = python<string>('read', tokens);
      texts.forEach((text, i) => {
        expect(stringify(JSON.parse(text))).toBe(stringify(links[i]!.link.data));
      });
    });

    test('we read what Python writes: as it is, without padding, with a slash, escaped', () => {
      const service = serviceWith({ format: 'plain', accept: ['fernet'], encryptionKey: KEY });
      const theirs = python<string>(
        'write',
        links.map(({ link }) => ({ ...link, base: '' })),
      );
      links.forEach(({ given, link: { key } }, i) => {
        const token = theirs[i]!.replace(/\/$/, '');
        for (const sent of [
          theirs[i]!,
          token.replace(/=+$/, ''),
          token.replace(/=$/, ''),
          token.replaceAll('=', '%3D'),
          token.replaceAll('=', '%3d'),
          `${token}/?utm_source=x`,
          `https://t.example.com/open/${token}/`,
          `/open/${token}`,
        ]) {
          const result = service.getOpenTrackingResult(sent);
          expect(result).toMatchObject({
            format: key === null ? 'plain' : 'fernet',
            trackedUrl: given.url || null,
            sentAt: key === null ? null : new Date(TIME * 1000),
          });
          expect(stringify(result.metadata)).toBe(stringify(given.metadata ?? {}));
        }
      });
    });
  },
);
