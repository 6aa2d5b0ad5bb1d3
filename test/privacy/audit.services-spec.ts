import { createHash } from 'node:crypto';
import type { PrivacyMode } from 'nestjs-email-tracking';
import { spellingsOf } from '../bullmq/privacy.js';
import { readDocument, tablesOf } from '../docs/markdown.js';
import { describePostgres, PostgresServer } from '../support/postgres.js';
import { describeRedis } from '../support/redis.js';
import { ANN, BOB, leaveTraces, PAM, type Reader, SECRET, type Traces } from './audit-app.js';

const MODES: PrivacyMode[] = ['off', 'anonymous', 'deliverability', 'identified'];

/** Rows about what others show: a spool has its own tests, with a Redis that is away. */
const ELSEWHERE = ['the spool on disk'];

const table = tablesOf(readDocument('docs/privacy.md'), 'What is stored where')[0]!;
const rows = table.rows.filter(([place]) => !ELSEWHERE.includes(place!));
const placeOf = (cell: string) => cell.replaceAll('`', '');

/** A text as it is, and in every form that hides it from a search for it. */
function formsOf(text: string): string[] {
  const escaped = [encodeURIComponent(text), JSON.stringify(text).slice(1, -1)];
  return [...spellingsOf(text), ...escaped.flatMap(spellingsOf)];
}

/** Digests of an address with the message id of its mail: what an unkeyed hash of a mail is made of. */
function digestsWith({ address, messageId }: Reader): string[] {
  const bare = messageId.slice(1, -1);
  const texts = [messageId, bare].flatMap((id) => [
    ...['', '\n', ' ', ':', '|', '\0'].flatMap((between) => [
      address + between + id,
      id + between + address,
    ]),
    JSON.stringify([address, id]),
    JSON.stringify([id, address]),
  ]);
  return texts.flatMap((text) =>
    ['md5', 'sha1', 'sha256'].flatMap((name) => {
      const digest = createHash(name).update(text).digest();
      return [digest.toString('hex'), digest.toString('base64').toLowerCase().slice(0, 21)];
    }),
  );
}

/** Which of the words of the document describe what a text holds of a reader. */
function foundIn(text: string, reader: Reader): string {
  const haystack = text.toLowerCase();
  const holds = (needles: string[]) => needles.some((one) => haystack.includes(one.toLowerCase()));
  const words = [
    holds([...formsOf(reader.address), ...digestsWith(reader)]) && 'address',
    holds(formsOf(reader.ip)) && 'IP',
    holds(formsOf(reader.agent)) && 'agent',
  ].filter(Boolean);
  return words.join(', ') || 'nothing';
}

describeRedis('what is stored where', () => {
  describePostgres.each(MODES)('in the mode %s', (mode) => {
    let postgres: PostgresServer;
    let traces: Traces;
    beforeAll(async () => {
      postgres = await PostgresServer.start();
      traces = await leaveTraces(mode, postgres);
    }, 120_000);
    afterAll(() => postgres.stop());

    const column = table.head.findIndex((cell) => placeOf(cell) === mode);

    test.each(rows.map((row) => [placeOf(row[0]!), row[column]!]))('%s: %s', (place, words) => {
      const found = Object.entries(traces.places).find(([name]) => placeOf(name) === place)![1];
      expect(foundIn(found.text, found.of)).toBe(words);
    });

    test('a secret of a URL is in the mail only', () => {
      const forms = formsOf(SECRET).map((form) => form.toLowerCase());
      const places = Object.entries(traces.places).filter(([, { text }]) => {
        const haystack = text.toLowerCase();
        return forms.some((form) => haystack.includes(form));
      });
      const inMail = mode === 'off' ? ['the mail, as everybody reads it'] : [];
      expect(places.map(([place]) => place)).toEqual(inMail);
    });

    test('after an erasure, nothing is left, whatever comes again', () => {
      expect(traces.isComplete).toBe(true);
      const found = [ANN, PAM].map((reader) => foundIn(traces.erased, reader));
      expect(found).toEqual(['nothing', 'nothing']);
    });

    test('a bounce names its recipient', () => {
      expect(foundIn(traces.bounces, { ...ANN, address: BOB })).toBe('address');
    });
  });
});
