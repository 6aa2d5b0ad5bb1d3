import { PtrackCodec } from 'nestjs-email-tracking/ptrack';
import { type Platform, PLATFORMS, TestApp } from '../support/app.js';
import type { Answer } from '../support/http.js';
import { DEVIATIONS, type Field, fieldsAllowed } from './deviations.js';
import { GIF, invalid, type PtrackRecord, type PtrackView, valid } from './ptrack-vectors.js';

type Seen = Record<Exclude<Field, 'records'>, unknown> & { records: PtrackRecord[] };

/** One request to the Django app, and what came of it there. */
interface Recorded {
  name: string;
  secret: string;
  method: string;
  path: string;
  token: string;
  theirs: Seen;
}

function theirs(view: PtrackView): Seen {
  const { headers } = view;
  return {
    status: view.status,
    contentType: headers['Content-Type'],
    contentLength: headers['Content-Length'],
    isPixel: view.is_pixel ?? view.body_b64 === GIF,
    allow: headers['Allow'],
    location: headers['Location'],
    records: view.record_calls.map(({ args, kwargs }) => ({ args, kwargs })),
  };
}

function ours({ status, headers, body }: Answer, records: PtrackRecord[]): Seen {
  return {
    status,
    contentType: headers['content-type'],
    contentLength: headers['content-length'],
    isPixel: body.toString('base64') === GIF,
    allow: headers.allow,
    location: headers.location,
    records,
  };
}

/** Refused at start-up, so that no app answers it; ptrack-links.spec.ts has it. */
const NO_APP = ['non-ascii-secret'];

const recorded: Recorded[] = [
  ...valid.map(({ name, input, output }) => {
    const token = input.token ?? output.token!;
    const path = output.view.path ?? `/ptrack/${token}/`;
    const view = theirs(output.view);
    return { name, secret: input.secret, method: 'GET', path, token, theirs: view };
  }),
  ...invalid
    .filter(({ name }) => !NO_APP.includes(name))
    .map(({ name, input: { token, secret, method = 'GET' }, output }) => {
      const path = `/ptrack/${token}${name === 'no-trailing-slash' ? '' : '/'}`;
      return { name, secret, method, path, token, theirs: theirs(output.view) };
    }),
];

/** One app for each secret, as there was one Django app for each. */
class Apps {
  private readonly started = new Map<string, Promise<TestApp>>();

  constructor(private readonly platform: Platform) {}

  of(secret: string): Promise<TestApp> {
    let app = this.started.get(secret);
    if (!app) this.started.set(secret, (app = this.start(secret)));
    return app;
  }

  private start(secret: string): Promise<TestApp> {
    return TestApp.start(this.platform, {
      tracking: {
        baseOpenTrackingUrl: 'https://www.example.com/ptrack/',
        format: new PtrackCodec(secret),
        appendSlash: true,
        pixel: 'gif',
      },
    });
  }

  async close(): Promise<void> {
    for (const app of this.started.values()) await (await app).close();
  }
}

describe('the recorded answers of django-ptrack', () => {
  describe.each(PLATFORMS)('on %s', (platform) => {
    const apps = new Apps(platform);
    afterAll(() => apps.close());

    test.each(recorded)('$name', async ({ name, secret, method, path, theirs }) => {
      const app = await apps.of(secret);
      app.recorder.events.length = 0;
      const answer = await app.get(path, { method });
      await app.settled();
      const { events } = app.recorder;
      const records = events.map(({ metadata }) => metadata as unknown as PtrackRecord);
      const seen = ours(answer, records);
      const differing = (Object.keys(seen) as Field[]).filter(
        (field) => JSON.stringify(seen[field]) !== JSON.stringify(theirs[field]),
      );
      expect([name, differing.sort()]).toEqual([name, fieldsAllowed(name).sort()]);
      expect(events.map(({ eventType, clickUrl }) => [eventType, clickUrl])).toEqual(
        events.map(() => ['opened', null]),
      );
    });

    test.each(recorded)('$name leads nowhere as a click', async ({ secret, method, token }) => {
      const app = await apps.of(secret);
      app.recorder.events.length = 0;
      const answer = await app.get(`/click/${token}/`, { method });
      await app.settled();
      expect(answer.status).toBe(method === 'GET' ? 404 : 405);
      expect(answer.headers.location).toBeUndefined();
      expect(app.recorder.events).toEqual([]);
    });

    test('a good token is known as a pixel’s at the click route', async () => {
      const { secret, token } = recorded.find(({ name }) => name === 'valid-reference')!;
      const app = await apps.of(secret);
      app.recorder.decodingErrors.length = 0;
      await app.get(`/click/${token}/`);
      await app.settled();
      expect(app.recorder.decodingErrors).toMatchObject([{ error: { code: 'WRONG_PURPOSE' } }]);
    });
  });

  test('the table of deviations names nothing that is not a case', () => {
    const names = recorded.map(({ name }) => name);
    const listed = Object.values(DEVIATIONS).flatMap(({ cases }) => Object.keys(cases));
    expect(listed.filter((name) => !names.includes(name))).toEqual([]);
    expect(new Set(listed).size).toBe(listed.length);
  });
});
