import { join } from 'node:path';
import { findOutsideVectors, readCases, readVectors } from '../support/vectors.js';
import { PLATFORMS, type Platform, type TestApp } from '../support/app.js';
import { DEVIATIONS, expectedStatus } from './deviations.js';
import { startEsp } from './provider-kit.js';
import { fromOurs, fromRecorded, type RecordedCase } from './recorded.js';
import { resetEsp } from './reset-esp.js';
import { optionsOf, UNSET } from './recorded-settings.js';

/** The providers of the vectors, by the names of their files. */
const FILES: Readonly<Record<string, string>> = {
  amazon_ses: 'amazonSes',
  brevo: 'brevo',
  mailersend: 'mailersend',
  mailgun: 'mailgun',
  mailjet: 'mailjet',
  mailtrap: 'mailtrap',
  mandrill: 'mandrill',
  postal: 'postal',
  postmark: 'postmark',
  resend: 'resend',
  sendgrid: 'sendgrid',
  sparkpost: 'sparkpost',
  unisender_go: 'unisenderGo',
};

/** What Amazon answers to confirmations. */
const OK = { status: 200, body: '' };

const outside = findOutsideVectors('esp/recorded');

/** The cases of this repository, and those of the reference's own suite where they are. */
function casesOf(file: string): RecordedCase[] {
  const made: unknown[] = readVectors(`esp/made/${file}.json`);
  const recorded: unknown[] = outside ? readCases(join(outside, `${file}.json`)) : [];
  return [...recorded, ...made] as RecordedCase[];
}

describe('requests that the reference implementation answered', () => {
  for (const [file, key] of Object.entries(FILES)) {
    const cases = casesOf(file);
    describe.each(PLATFORMS)(`${key} on %s`, (platform) => {
      const apps = new Map<string, TestApp>();
      afterAll(() => Promise.all([...apps.values()].map((app) => app.close())));

      test.each(cases.map((recorded) => [recorded.name, recorded] as const))(
        '%s',
        async (_name, recorded) => {
          await replay(platform, key, recorded, apps);
        },
      );

      const withAll = outside ? test : test.skip;
      withAll('every deviation in the table is one', () => {
        for (const { cases: pattern, reason } of DEVIATIONS[key] ?? []) {
          expect([reason, cases.some(({ name }) => pattern.test(name))]).toEqual([reason, true]);
        }
      });
    });
  }
});

/** Cases of the same settings share an app, which forgets what it has seen before each of them. */
async function replay(
  platform: Platform,
  key: string,
  recorded: RecordedCase,
  apps: Map<string, TestApp>,
): Promise<void> {
  const options = optionsOf(key, recorded);
  const name = JSON.stringify(options);
  const deviations = (DEVIATIONS[key] ?? []).filter(({ cases }) => cases.test(recorded.name));
  const problem = deviations.find((deviation) => deviation.problem)?.problem;
  if (problem) {
    const start = startEsp(platform, { [key]: options });
    await expect(start).rejects.toMatchObject({ message: expect.stringMatching(problem) });
    return;
  }
  const app =
    apps.get(name) ??
    (await startEsp(platform, { [key]: options }, { fetch: () => Promise.resolve(OK) }));
  apps.set(name, app);
  resetEsp(app, () => Date.parse(recorded.now));

  const { method, path, query, headers, body_base64 } = recorded.request;
  const answer = await app.get(path + (query ? `?${query}` : ''), {
    method,
    headers: { ...headers, Host: new URL(recorded.request.url).host },
    body: Buffer.from(body_base64, 'base64'),
  });

  const expected = recorded.events.map(fromRecorded);
  const events = deviations.reduce(
    (changed, { events: deviate }) => (deviate ? deviate(changed) : changed),
    expected,
  );
  const status = deviations.find((deviation) => deviation.status !== undefined)?.status;
  const statuses = status === undefined ? expectedStatus(recorded) : [status];
  expect({ status: answer.status, said: answer.body.toString() }).toEqual({
    status: statuses.includes(answer.status) ? answer.status : statuses,
    said: answer.status === 200 ? '' : expect.any(String),
  });
  const ours = app.recorder.events.map((event, index) => fromOurs(event, events[index]));
  expect(ours).toEqual(events.map((event) => expect.objectContaining(event) as object));
  expect(app.recorder.events.every(({ espName }) => typeof espName === 'string')).toBe(true);
}

test('no setting of the vectors is left unread', () => {
  expect(UNSET).toEqual([]);
});
