import { Agent } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { TrackingEventType } from 'nestjs-email-tracking';
import {
  EspTrackingModule,
  EspTrackingService,
  type EspProvidersOptions,
} from 'nestjs-email-tracking/esp';
import { PLATFORMS, type Platform, TestApp } from '../support/app.js';
import type { Answer, RequestOptions } from '../support/http.js';
import { resetEsp } from './reset-esp.js';

/** Which credentials a request comes with: the first or second of two that are good, bad ones, none. */
export type Credential = 'first' | 'second' | 'wrong' | 'missing';

/** The names of members, from the outside to the inside. */
export type Path = readonly string[];

/** A request to a provider's route, ready to be sent. */
export interface MadeRequest {
  body: string | Buffer;
  headers: Record<string, string>;
}

/** What the tests that every provider runs through need to know of one. */
export interface ProviderKit {
  key: string;
  /** All its routes, below `/anymail/`. */
  routes: string[];
  espName: string;
  /** The options, with two good secrets where it has some. Without `basicAuth`. */
  options: object;
  /** Options of the module that it needs. */
  module?: object;
  /** Strings that no answer and no log may hold. */
  secrets?: string[];
  /** The setting that answers must name when the credentials are missing or wrong. */
  setting: string;
  /** A payload and the type of its one event. */
  sample: { payload: unknown; eventType: TrackingEventType };
  /** A payload with a type of event that is not mapped. */
  unknown: unknown;
  /** Where the fields of an event are in the payloads, member by member. */
  paths: {
    /** In `sample` and in `unknown`. */
    name: Path;
    /** In `sample`. */
    recipient: Path;
    /** In `sample`. */
    time: Path;
  };
  /** How the time is written: as a Unix time, as ISO text, or as ISO text that is UTC by definition. */
  clock: 'unix' | 'iso' | 'utc';
  /** Further payloads, whose members are replaced by nulls and odd shapes, too. */
  more?: unknown[];
  /** A payload of its webhook for inbound mail. */
  inbound?: unknown;
  /** Makes the request for a payload; without it: JSON with Basic authentication. */
  make?: (payload: unknown, credential: Credential) => MadeRequest;
  /** Statuses that its rules ask for, in place of ours. */
  statuses?: Record<number, number>;
  answersGet?: boolean;
  /** Requests of its set-up that prove nothing, and the status of their answers. */
  handshakes?: (RequestOptions & { status: number })[];
}

const BASIC = { first: 'user:first', second: 'user:second', wrong: 'user:wrong' };

/** The options under which Basic authentication takes the first and second credentials. */
export const BASIC_AUTH = ['user:first', 'user:second'];

/** An `Authorization` header. */
export function basic(credentials: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

/** JSON with Basic authentication. */
export function makeBasic(payload: unknown, credential: Credential): MadeRequest {
  return {
    body: JSON.stringify(payload),
    headers: {
      'Content-Type': 'application/json',
      ...(credential === 'missing' ? {} : basic(BASIC[credential])),
    },
  };
}

export const JSON_TYPE = { 'Content-Type': 'application/json' };
export const FORM_TYPE = { 'Content-Type': 'application/x-www-form-urlencoded' };

/** Starts an app with the route of one provider. */
export function startEsp(
  platform: Platform,
  providers: object,
  more: object = {},
): Promise<TestApp> {
  return TestApp.start(platform, {
    trackingModule: EspTrackingModule.forRoot({
      ...more,
      providers: providers as EspProvidersOptions,
    }),
  });
}

/** Runs a provider through what all of them must do. */
export function describeProvider(kit: ProviderKit): void {
  const make = kit.make ?? makeBasic;
  const withSecrets = kit.make ? kit.options : { ...kit.options, basicAuth: BASIC_AUTH };
  const path = `/anymail/${kit.routes[0]}/`;
  const statusOf = (status: number) => kit.statuses?.[status] ?? status;

  describe.each(PLATFORMS)(`${kit.espName} on %s`, (platform) => {
    let app: TestApp;
    beforeAll(async () => {
      app = await startEsp(platform, { [kit.key]: withSecrets }, kit.module);
    });
    beforeEach(() => resetEsp(app));
    afterAll(() => app.close());

    const post = (request: MadeRequest & { agent?: Agent }, to = path): Promise<Answer> =>
      app.get(to, { method: 'POST', ...request });

    test.each(['first', 'second'] as const)(
      'takes the %s of two credentials',
      async (credential) => {
        const answer = await post(make(kit.sample.payload, credential));
        expect([answer.status, answer.body.toString()]).toEqual([200, '']);
        expect(app.recorder.events).toEqual([
          expect.objectContaining({
            eventType: kit.sample.eventType,
            source: 'esp',
            espName: kit.espName,
          }),
        ]);
      },
    );

    test.each([
      ['missing', 401],
      ['wrong', 403],
    ] as const)('refuses %s credentials', async (credential, status) => {
      const answer = await post(make(kit.sample.payload, credential));
      expect(answer.status).toBe(statusOf(status));
      expect(answer.body.toString()).toContain(kit.make ? kit.setting : 'basicAuth');
      const said = answer.body.toString() + app.logs.text;
      for (const secret of [...(kit.secrets ?? []), 'user:first'])
        expect(said).not.toContain(secret);
      expect(app.recorder.events).toEqual([]);
    });

    test('answers at each of its routes, with and without the last slash', async () => {
      const request = make(kit.sample.payload, 'first');
      for (const route of kit.routes) {
        expect((await post(request, `/anymail/${route}`)).status).toBe(200);
        expect((await post(request, `/anymail/${route}/`)).status).toBe(200);
      }
    });

    test('recognises events that are sent again', async () => {
      const request = make(kit.sample.payload, 'first');
      expect((await post(request)).status).toBe(200);
      expect((await post(request)).status).toBe(200);
      expect(app.recorder.events).toHaveLength(1);
    });

    test('answers each method', async () => {
      const status = async (method: string) => (await app.get(path, { method })).status;
      expect(await status('HEAD')).toBe(200);
      expect(await status('GET')).toBe(kit.answersGet ? 200 : 405);
      expect(await status('PUT')).toBe(405);
      expect(await status('DELETE')).toBe(405);
      const options = await app.get(path, { method: 'OPTIONS' });
      expect([options.status, options.headers.allow]).toEqual([
        200,
        expect.stringContaining('POST, HEAD, OPTIONS'),
      ]);
    });

    test('decompresses a body before it checks the signature', async () => {
      const { body, headers } = make(kit.sample.payload, 'first');
      const packed = { body: gzipSync(body), headers: { ...headers, 'Content-Encoding': 'gzip' } };
      expect((await post(packed)).status).toBe(200);
      expect(app.recorder.events).toHaveLength(1);
    });

    test('refuses bodies that it cannot read', async () => {
      for (const payload of [null, 42, 'text', true]) {
        const { status } = await post(make(payload, 'first'));
        expect(status).toBeGreaterThanOrEqual(Math.min(400, statusOf(400)));
        expect(status).toBeLessThan(500);
      }
      expect(app.recorder.events).toEqual([]);
    });

    test('survives nulls and odd shapes in every place', async () => {
      // Each variant on one of the platforms: what is made of a body does not depend on it.
      const sent = [kit.sample.payload, ...(kit.more ?? [])]
        .flatMap((payload) => variants(payload))
        .filter((_, index) => PLATFORMS[index % PLATFORMS.length] === platform);
      const agent = new Agent({ keepAlive: true });
      for (const payload of sent) {
        const { status, body } = await post({ ...make(payload, 'first'), agent });
        if (status >= 500)
          throw new Error(`${status} for ${JSON.stringify(payload)}: ${body.toString()}`);
      }
      agent.destroy();
      expect(app.recorder.events.length).toBeGreaterThan(0);
      for (const event of app.recorder.events) expectShape(event);
    });

    const send = async (payload: unknown) => {
      resetEsp(app);
      expect((await post(make(payload, 'first'))).status).toBe(200);
      return app.recorder.events;
    };

    test('publishes an unknown type of event as unknown, with the raw event', async () => {
      expect(await send(kit.unknown)).toEqual([
        expect.objectContaining({ eventType: 'unknown', espEvent: expect.any(Object) }),
      ]);
    });

    test('counts unknown names and logs each once', async () => {
      const named = (name: unknown) => setIn(kit.unknown, kit.paths.name, name);
      const count = () => app.app.get(EspTrackingService).unknownEvents[kit.espName];
      await send(named('renamed'));
      expect(count()).toMatchObject({ renamed: 1 });
      expect(app.logs.warnings).toEqual([expect.stringContaining(`${kit.espName} sent an event`)]);
      expect(app.logs.warnings.join()).toContain('renamed');
      await send(named('renamed'));
      expect(count()).toMatchObject({ renamed: 2 });
      expect(app.logs.warnings).toEqual([]);
      const unreadable = count()?.['(unreadable)'] ?? 0;
      await send(named('"Reader" <reader@example.com>'));
      expect(count()).toMatchObject({ '(unreadable)': unreadable + 1 });
      expect(app.logs.text).not.toContain('reader@example.com');
    });

    test.each([
      '"A. Reader" <reader@example.com>',
      '"Reader, A." <reader@example.com>',
      'A. Reader <reader@example.com>',
      'reader@example.com <reader@example.com>',
      '<reader@example.com>',
      ' reader@example.com ',
    ])('makes the recipient %j a bare address', async (recipient) => {
      const payload = setIn(kit.sample.payload, kit.paths.recipient, recipient);
      expect(await send(payload)).toMatchObject([{ recipient: 'reader@example.com' }]);
    });

    test.each(CLOCKS[kit.clock])('reads the time %j', async (time) => {
      const payload = setIn(kit.sample.payload, kit.paths.time, time);
      const [event] = await send(payload);
      expect(event!.timestamp.toISOString()).toBe('2026-11-20T08:00:00.000Z');
    });

    test('has a time where the provider sends none, or none that it can read', async () => {
      for (const time of ['soon', null, undefined, {}, 1e300]) {
        const [event] = await send(setIn(kit.sample.payload, kit.paths.time, time));
        const arrival = Date.now();
        expect(event!.timestamp.getTime()).toBeGreaterThan(Date.parse('2026-01-01'));
        expect(event!.timestamp.getTime()).toBeLessThanOrEqual(arrival);
      }
    });

    if (kit.inbound !== undefined) {
      test('says where inbound mail belongs', async () => {
        const answer = await post(make(kit.inbound, 'first'));
        expect(answer.status).toBe(statusOf(400));
        expect(answer.body.toString()).toContain('inbound');
        expect(app.recorder.events).toEqual([]);
      });
    }

    if (kit.handshakes) {
      test.each(kit.handshakes)('shakes hands (%#)', async ({ status, ...request }) => {
        expect((await app.get(path, { method: 'POST', ...request })).status).toBe(status);
        expect(app.recorder.events).toEqual([]);
      });
    }
  });

  describe(`the configuration of ${kit.espName}`, () => {
    test('needs a proof, or a word that none is wanted', async () => {
      await expect(startEsp('express', { [kit.key]: {} })).rejects.toMatchObject({
        code: 'INVALID_OPTIONS',
        message: expect.stringContaining(`providers.${kit.key}: has no authentication`),
      });
      const app = await startEsp('express', { [kit.key]: { insecure: true } });
      expect(app.logs.warnings.join()).toContain(`${kit.espName}: anybody`);
      await app.close();
    });

    test('asks for Basic authentication beside its own', async () => {
      const app = await startEsp(
        'express',
        { [kit.key]: kit.options },
        { ...kit.module, basicAuth: BASIC_AUTH },
      );
      const request = make(kit.sample.payload, 'first');
      const headers = { ...request.headers };
      delete headers.Authorization;
      const send = (extra: object) =>
        app.get(path, { method: 'POST', ...request, headers: { ...headers, ...extra } });
      expect((await send({})).status).toBe(statusOf(401));
      expect((await send(basic('user:wrong'))).status).toBe(statusOf(403));
      expect((await send(basic('user:second'))).status).toBe(200);
      await app.close();
    });
  });
}

const UNIX = Date.parse('2026-11-20T08:00:00Z');

/** Spellings of one time. */
const CLOCKS: Record<ProviderKit['clock'], unknown[]> = {
  unix: [UNIX / 1000, String(UNIX / 1000), UNIX, String(UNIX)],
  iso: [
    '2026-11-20T08:00:00Z',
    '2026-11-20T08:00:00.0000000Z',
    '2026-11-20T10:00:00.000+02:00',
    '2026-11-20 08:00:00',
  ],
  utc: ['2026-11-20 08:00:00', '2026-11-20T08:00:00Z', '2026-11-20 08:00:00+03:00'],
};

/** A copy of a payload in which one member has another value. */
export function setIn(payload: unknown, [name, ...rest]: Path, value: unknown): unknown {
  if (name === undefined) return value;
  const inner = setIn((payload as Record<string, unknown> | undefined)?.[name], rest, value);
  return Array.isArray(payload)
    ? payload.with(Number(name), inner)
    : { ...(payload as object | undefined), [name]: inner };
}

const ODD = [null, [], {}, '', 'odd', -1.5, true, [null], 1e300];

/** A payload, with each of its members in turn replaced by an odd one, or left out. */
function variants(payload: unknown): unknown[] {
  const found: unknown[] = [];
  const visit = (value: unknown, rebuild: (changed: unknown) => unknown) => {
    if (typeof value !== 'object' || value === null) return;
    const entries = Object.entries(value);
    for (const [key, member] of entries) {
      const replaced = (changed: unknown) => {
        if (Array.isArray(value)) return rebuild(value.with(Number(key), changed));
        return rebuild({ ...value, [key]: changed });
      };
      for (const odd of ODD) found.push(replaced(odd));
      found.push(replaced(undefined));
      visit(member, replaced);
    }
  };
  visit(payload, (changed) => changed);
  return found;
}

/** Checks what holds of every event, whatever was posted. */
export function expectShape(event: object): void {
  const problem = problemOf(event as Record<string, unknown>);
  if (problem !== undefined) throw new Error(`${problem}: ${JSON.stringify(event)}`);
}

/** One pass without matchers, because the fuzzer asks a hundred thousand times. */
function problemOf({ metadata, tags, ...rest }: Record<string, unknown>): string | undefined {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    return 'metadata is no object';
  }
  const isTag = (tag: unknown) => typeof tag === 'string' && tag !== '';
  if (!Array.isArray(tags) || !tags.every(isTag)) return 'tags are no texts';
  if (typeof rest.eventId !== 'string' || rest.eventId === '') return 'eventId is no text';
  const { timestamp } = rest;
  if (!(timestamp instanceof Date) || Number.isNaN(timestamp.getTime())) return 'timestamp is none';
  if (rest.source !== 'esp') return 'source is another';
  const odd = TEXTS.find((name) => rest[name] !== null && typeof rest[name] !== 'string');
  return odd === undefined ? undefined : `${odd} is no text`;
}

const TEXTS = [
  'messageId',
  'recipient',
  'description',
  'mtaResponse',
  'userAgent',
  'userIp',
  'clickUrl',
];
