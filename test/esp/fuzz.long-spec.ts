import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { EspHandler } from '../../lib/esp/esp-handler.js';
import { toEspSettings, type ReadyProvider } from '../../lib/esp/esp-settings.js';
import { readForm } from '../../lib/util/form.js';
import { PROVIDERS } from '../../lib/esp/providers/index.js';
import type { TrackingEvent, TrackingLogCode } from 'nestjs-email-tracking';
import { PLATFORMS } from '../support/app.js';
import { readVectors } from '../support/vectors.js';
import { OWN } from './own/index.js';
import type { OwnProvider } from './own/own-provider.js';
import { basic, expectShape, startEsp } from './provider-kit.js';
import type { RecordedCase } from './recorded.js';
import { optionsOf } from './recorded-settings.js';

const { FUZZ_RUNS = '100000', FUZZ_SEED = '20261121' } = process.env;

/** The names of the files that hold the cases of a provider. */
const fileOf = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

interface Seed {
  key: string;
  body: Buffer;
  headers: Record<string, string>;
  url: string;
  seenUrl: string;
  /** The options under which nothing is asked for. */
  open: object;
  /** The options under which no changed body is let in. */
  closed: object;
}

const OPEN = { insecure: true };

/** Where the requests are that the reference took. */
const VECTORS = join(process.cwd(), 'test', 'vectors', 'esp', 'made');

/** Requests that the reference took. */
function recordedSeeds(key: string): Seed[] {
  const cases = readVectors(`esp/made/${fileOf(key)}.json`) as unknown as RecordedCase[];
  return cases
    .filter(({ request, response }) => request.method === 'POST' && response.status === 200)
    .map((recorded) => ({
      key,
      open: OPEN,
      closed: closed(key, recorded),
      body: Buffer.from(recorded.request.body_base64, 'base64'),
      headers: Object.fromEntries(
        Object.entries(recorded.request.headers).map(([name, value]) => [
          name.toLowerCase(),
          value,
        ]),
      ),
      url: recorded.request.path,
      seenUrl: recorded.request.url,
    }));
}

/** Requests of providers that the reference does not know. */
function ownSeeds({ key, path, open = OPEN, closed, events, make }: OwnProvider): Seed[] {
  return events.map(([, payload]) => {
    const { body, headers } = make(payload);
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    return {
      key,
      open,
      closed,
      body: Buffer.from(body),
      headers: Object.fromEntries(lower) as Record<string, string>,
      url: `/anymail/${path}`,
      seenUrl: `http://localhost/anymail/${path}`,
    };
  });
}

/** Requests of all providers. */
const SEEDS = [
  ...Object.keys(PROVIDERS)
    .filter((key) => existsSync(join(VECTORS, `${fileOf(key)}.json`)))
    .map(recordedSeeds),
  ...OWN.map(ownSeeds),
];

const INTERESTING = [
  'null',
  '[]',
  '{}',
  '""',
  '0',
  '-1',
  '1e999',
  '9007199254740993',
  '"__proto__"',
  ',',
  '{',
  ']',
  '"',
  '\\u0000',
  '\u00e9',
  '\ufeff',
  '[[[[[[[[[[[[',
];

/** What can happen to bytes: cut, doubled, changed, or a value of JSON put in the place of another. */
const mutation = fc.tuple(
  fc.constantFrom('cut', 'double', 'byte', 'value', 'member', 'insert', 'splice'),
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  fc.constantFrom(...INTERESTING),
  fc.nat(255),
);

type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

function mutate(body: Buffer, [kind, one, two, text, byte]: Mutation): Buffer {
  const [from, to] = [Math.floor(one * body.length), Math.floor(two * body.length)].sort(
    (a, b) => a - b,
  ) as [number, number];
  switch (kind) {
    case 'cut':
      return Buffer.concat([body.subarray(0, from), body.subarray(to)]);
    case 'double':
      return Buffer.concat([body.subarray(0, to), body.subarray(from)]);
    case 'splice':
      return Buffer.concat([body.subarray(to), body.subarray(0, from)]);
    case 'insert':
      return Buffer.concat([body.subarray(0, from), Buffer.from(text), body.subarray(from)]);
    case 'byte': {
      const changed = Buffer.from(body);
      if (body.length > 0) changed[from] = byte;
      return changed;
    }
    default: {
      // A whole value, so that what comes out is still JSON: that is where readers go wrong.
      const source = body.toString('latin1');
      const pattern =
        kind === 'value'
          ? /: ?(?:"(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null)/g
          : /"(?:[^"\\]|\\.)*":/g;
      const found = [...source.matchAll(pattern)];
      const hit = found[Math.floor(one * found.length)];
      if (!hit) return body;
      const by = kind === 'value' ? `:${text}` : '"other":';
      const end = hit.index + hit[0].length;
      return Buffer.from(source.slice(0, hit.index) + by + source.slice(end), 'latin1');
    }
  }
}

function makeHandler(): {
  handler: EspHandler;
  events: TrackingEvent[];
  /** What was thrown that is no refusal: the handler answers 400 to it, and says so in its log. */
  accidents: unknown[];
} {
  const events: TrackingEvent[] = [];
  const accidents: unknown[] = [];
  const log = {
    write: (code: TrackingLogCode, _message: string, cause?: unknown) =>
      void (code === 'ESP_FAILED' && accidents.push(cause)),
  };
  const publish = (event: TrackingEvent) => {
    events.push(event);
    return Promise.resolve({ taken: true, handled: Promise.resolve() });
  };
  const handler = new EspHandler({ publish }, log);
  // It forgets at once: most mutated bodies still have the id of the body that they were. And it
  // writes every line.
  const nothing = { get: () => undefined, set: () => undefined, delete: () => false };
  Object.assign(handler, { repeats: nothing, limited: log });
  return { handler, events, accidents };
}

const fetchNothing = () => Promise.resolve({ status: 404, body: '' });

function ready(key: string, options: object): ReadyProvider {
  const settings = toEspSettings({ fetch: fetchNothing, providers: { [key]: options } });
  return settings.providers[0]!;
}

const DOORS = new Map<string, ReadyProvider>();

/** A provider with these options, set up once. */
function doorOf(key: string, options: object): ReadyProvider {
  const name = key + JSON.stringify(options);
  const door = DOORS.get(name) ?? ready(key, options);
  DOORS.set(name, door);
  return door;
}

describe('mutated bodies', () => {
  test('are made of requests of every provider', () => {
    const seeded = new Set(SEEDS.flat().map(({ key }) => key));
    expect(Object.keys(PROVIDERS).filter((key) => !seeded.has(key))).toEqual([]);
  });

  const anySeed = fc
    .constantFrom(...SEEDS.filter((seeds) => seeds.length > 0))
    .chain((seeds) => fc.constantFrom(...seeds));
  const mutations = fc.array(mutation, { minLength: 1, maxLength: 3 });
  const changed = fc.tuple(anySeed, mutations);
  const apply = (seed: Seed, all: Mutation[]) => all.reduce(mutate, seed.body);

  test(
    `${FUZZ_RUNS} of them: no accident, and every event in shape`,
    async () => {
      const { handler, events, accidents } = makeHandler();
      let taken = 0;
      await fc.assert(
        fc.asyncProperty(changed, async ([seed, all]) => {
          events.length = 0;
          accidents.length = 0;
          const door = doorOf(seed.key, seed.open);
          const { status } = await handler.handle(door, {
            ...seed,
            method: 'POST',
            body: apply(seed, all),
          });
          if (status >= 500) throw new Error(`${seed.key}: ${status}`);
          if (accidents.length > 0) throw accidents[0];
          taken += events.length;
          for (const event of events.slice(0, 3)) expectShape(event);
        }),
        { numRuns: Number(FUZZ_RUNS), seed: Number(FUZZ_SEED) },
      );
      // A fuzzer that only ever met closed doors would prove nothing.
      expect(taken).toBeGreaterThan(Number(FUZZ_RUNS) / 10);
    },
    60_000 + Number(FUZZ_RUNS) * 2,
  );

  test(
    'none makes an event where its credentials are not of this body',
    async () => {
      const { handler, events, accidents } = makeHandler();
      await fc.assert(
        fc.asyncProperty(changed, async ([seed, all]) => {
          const body = apply(seed, all);
          if (isWhatWasSigned(seed, body)) return;
          accidents.length = 0;
          const door = doorOf(seed.key, seed.closed);
          const { status } = await handler.handle(door, { ...seed, method: 'POST', body });
          expect(status === 200 ? events : []).toEqual([]);
          if (status >= 500) throw new Error(`${seed.key}: ${status}`);
          if (accidents.length > 0) throw accidents[0];
        }),
        { numRuns: Number(FUZZ_RUNS) / 5, seed: Number(FUZZ_SEED) },
      );
      expect(events).toEqual([]);
    },
    60_000 + Number(FUZZ_RUNS) * 2,
  );

  test.each(PLATFORMS)('come over %s as well', async (platform) => {
    const all = Object.fromEntries(
      Object.keys(PROVIDERS).map((key) => [key, { basicAuth: 'user:first' }]),
    );
    const app = await startEsp(platform, all, { fetch: fetchNothing });
    await fc.assert(
      fc.asyncProperty(changed, fc.boolean(), async ([seed, every], isKnown) => {
        app.recorder.events.length = 0;
        const { authorization: _, 'content-length': __, ...headers } = seed.headers;
        const credentials = basic(isKnown ? 'user:first' : 'user:wrong');
        const { status } = await app.get(seed.url, {
          method: 'POST',
          headers: { ...headers, ...credentials },
          body: apply(seed, every),
        });
        expect(status).toBeLessThan(500);
        if (!isKnown) expect([status, app.recorder.events]).toEqual([403, []]);
      }),
      { numRuns: 500, seed: Number(FUZZ_SEED) },
    );
    await app.close();
  });
});

/** Mandrill signs the fields of a form, and not how they are written; all others sign bytes. */
function isWhatWasSigned({ key, body: signed, headers }: Seed, body: Buffer): boolean {
  if (key !== 'mandrill') return body.equals(signed);
  const fieldsOf = (bytes: Buffer) => {
    try {
      const form = readForm(bytes, headers['content-type'] ?? '');
      return JSON.stringify([...form].map(([name, values]) => [name, values.at(-1)]).sort());
    } catch {
      return undefined;
    }
  };
  return fieldsOf(body) === fieldsOf(signed);
}

/**
 * The options under which a request's own signature is asked for; where the provider has none, a
 * password that the request does not know. Mailgun's signature does not cover the body, so it is
 * asked for one of today.
 */
function closed(key: string, recorded: RecordedCase): object {
  const {
    basicAuth: _,
    insecure: __,
    signatureMaxAgeSeconds: ___,
    ...own
  } = optionsOf(key, recorded) as Record<string, unknown>;
  const signs = [
    'signingKey',
    'signingSecret',
    'verificationKey',
    'webhookKey',
    'publicKey',
    'apiKey',
  ];
  const isSigned = signs.some((option) => own[option] !== undefined);
  return { ...own, ...(isSigned ? {} : { basicAuth: 'nobody:knows' }) };
}
