import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { LinkPayload, LinkPurpose } from 'nestjs-email-tracking';
import { PackedCodec } from '../../lib/link/codecs/packed.codec.js';
import { KeyRing } from '../../lib/link/key-ring.js';
import { KEY } from '../support/app.js';
import { payload } from '../support/payloads.js';
import { hasPython, PYTHON, stringify } from '../support/python.js';
import { describeIf } from '../support/vectors.js';

const SCRIPT = 'test/link/link_format.py';

/** A token as the two languages pass it on: a JSON object a line. */
interface ExchangedToken {
  key: string;
  context: string;
  purpose: LinkPurpose;
  sentAt: number;
  token: string;
  payload: Omit<LinkPayload, 'sentAt'>;
}

describeIf(hasPython('the link format in Python'))(
  'docs/link-format.md, followed by a program in Python',
  () => {
    let folder: string;
    let file: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'link-format-'));
      file = join(folder, 'tokens.jsonl');
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    /** What it prints: on failure also what failed, which the error of execFileSync would not say. */
    const python = (...args: string[]) => {
      const { stdout, stderr, status } = spawnSync(PYTHON, [SCRIPT, ...args], {
        encoding: 'utf8',
        timeout: 30_000,
      });
      return status === 0 ? stdout : `${stdout}${stderr}exit code ${status}\n`;
    };

    test('writes and reads the vectors', () => {
      expect(python()).toMatch(/^\d+ passed, 0 failed\n$/);
    });

    test('writes tokens that we read', () => {
      expect(python('--emit', file)).toMatch(/^\d+ passed, 0 failed\n$/);
      const tokens = readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as ExchangedToken);
      expect(tokens).toHaveLength(200);
      for (const { key, context, purpose, sentAt, token, payload } of tokens) {
        const read = new PackedCodec(new KeyRing([key]), context).decode(token, purpose);
        expect(read).toEqual({ ...payload, sentAt: new Date(sentAt * 1000) });
        expect(JSON.stringify(read.metadata)).toBe(JSON.stringify(payload.metadata)); // order of keys
      }
    });

    test('reads tokens that we write', () => {
      const keys = new KeyRing([KEY]);
      const lines = fc
        .sample(payload(), { numRuns: 200, seed: 20261120 })
        .map(({ sentAt, ...rest }, i): ExchangedToken => {
          const purpose = (['open', 'click', 'unsubscribe'] as const)[i % 3]!;
          const context = i % 2 === 0 ? '' : 'Käse';
          const token = new PackedCodec(keys, context).encode({ ...rest, sentAt }, purpose);
          const seconds = sentAt!.getTime() / 1000;
          return { key: KEY, context, purpose, sentAt: seconds, token, payload: rest };
        });
      writeFileSync(file, lines.map((line) => `${stringify(line)}\n`).join(''));
      expect(python('--read', file)).toMatch(/^\d+ passed, 0 failed\n$/);
    });
  },
);
