import { PLATFORMS, type TestApp } from '../support/app.js';
import { OWN } from './own/index.js';
import { startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

describe.each(PLATFORMS)(
  'payloads of providers that the reference does not know, on %s',
  (platform) => {
    let app: TestApp;
    beforeAll(async () => {
      app = await startEsp(
        platform,
        Object.fromEntries(OWN.map(({ key, options }) => [key, options])),
      );
    });
    beforeEach(() => resetEsp(app));
    afterAll(() => app.close());

    for (const { key, path, events, make } of OWN) {
      test.each(events)(`${key}: reads %s`, async (_what, payload, expected) => {
        const answer = await app.get(`/anymail/${path}`, { method: 'POST', ...make(payload) });
        expect([answer.status, answer.body.toString()]).toEqual([200, '']);
        expect(app.recorder.events).toMatchObject(expected);
      });
    }
  },
);
