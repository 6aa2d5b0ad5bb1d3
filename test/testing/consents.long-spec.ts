import type { INestApplication } from '@nestjs/common';
import {
  type SeenEvent,
  TRACKING_CONSENT,
  TRACKING_EVENT_SINKS,
  TrackingConsents,
} from 'nestjs-email-tracking';
import {
  CONSENT_SCENARIOS,
  type Scenario,
  ScenarioClock,
  SCENARIOS,
  type TestConsent,
  TestConsents,
  TrackingScenarios,
} from 'nestjs-email-tracking/testing';
import { PLATFORMS, Recorder } from '../support/app.js';
import { startApp } from './scenario-app.js';

const [withdrawn, givenLater] = CONSENT_SCENARIOS as [Scenario, Scenario];
const question = (recipient: string, kind: 'open' | 'click' = 'open') =>
  ({ recipient, kind, when: 'hit', messageId: null, metadata: {}, tenant: null }) as const;

describe.each(PLATFORMS)('scenarios of consent on %s', (platform) => {
  const clock = new ScenarioClock();
  const consents = new TestConsents();
  const seen: SeenEvent[] = [];
  const sink = { accept() {}, seen: (event: SeenEvent) => void seen.push(event) };
  let app: INestApplication;
  let scenarios: TrackingScenarios;
  const recorder = () => app.get(Recorder);

  beforeAll(async () => {
    const providers = [
      { provide: TRACKING_CONSENT, useValue: consents },
      { provide: TRACKING_EVENT_SINKS, useValue: [sink] },
    ];
    app = await startApp(platform, clock, { tracking: { providers } });
    scenarios = await TrackingScenarios.for(app, { clock, consents });
  });
  beforeEach(() => {
    seen.length = 0;
    recorder().events.length = 0;
  });
  afterAll(() => app.close());

  it('a withdrawal reaches a mail that was sent identified: answers as always, and no event', async () => {
    const run = await scenarios.play(withdrawn);
    run.check();
    expect(run.hits.map(({ status }) => status)).toEqual([200, 200, 302]);
    const [first] = run.hits;
    expect(first!.event).toMatchObject({ recipient: run.recipient, messageId: run.messageId });
    expect(recorder().events).toEqual([first!.event]);
    expect(seen).toEqual([]);
  });

  it('a later yes does not widen links that were sealed narrow', async () => {
    const run = await scenarios.play(givenLater);
    run.check();
    expect(run.hits.map(({ status }) => status)).toEqual([200, 302]);
    expect(recorder().events).toMatchObject([{ eventType: 'clicked', recipient: null }]);
    expect(seen).toMatchObject([{ recipient: run.recipient }]);
  });

  it('a resolver that fails or hangs gives no event, and the answers are those of always', async () => {
    const recipient = 'ann@example.com';
    for (const [breaks, count] of [
      ['fail', 'failed'],
      ['hang', 'late'],
    ] as const) {
      consents.answer(recipient, 'identified');
      const before = app.get(TrackingConsents).counts[count];
      const { name, source, story, steps } = withdrawn;
      consents[breaks]();
      const run = await scenarios.play({
        name,
        source,
        story,
        steps: [steps[0]!],
        expect: ['none'],
      });
      run.check();
      expect(run.hits[0]!.status).toBe(200);
      expect(app.get(TrackingConsents).counts[count]).toBe(before + 1);
    }
    consents.answer(recipient, null);
  });

  it('check() compares the mode of an event', async () => {
    const wrong = {
      ...givenLater,
      expect: ['none' as const, { kind: 'human', mode: 'identified' }],
    };
    const run = await scenarios.play(wrong as Scenario);
    expect(() => run.check()).toThrow(/human identified +human possible anonymous/);
  });

  it('the scenarios of everybody can be played beside, with recipients who were not asked', async () => {
    const [gmail] = SCENARIOS;
    (await scenarios.play(gmail!)).check();
  });
});

describe('an app that cannot play them', () => {
  const clock = new ScenarioClock();
  let app: INestApplication;
  beforeAll(async () => {
    app = await startApp('express', clock);
  });
  afterAll(() => app.close());

  it('is told to name its TestConsents', async () => {
    const scenarios = await TrackingScenarios.for(app, { clock });
    await expect(scenarios.play(withdrawn)).rejects.toThrow(/TestConsents.*clock, consents/);
  });

  it('is told to ask them', async () => {
    const options = { clock, consents: new TestConsents() };
    await expect(TrackingScenarios.for(app, options)).rejects.toThrow(
      /overrideProvider\(TRACKING_CONSENT\)/,
    );
  });

  it('is told that a mail without a recipient has nobody to consent', async () => {
    const scenarios = await TrackingScenarios.for(app, { clock });
    const mail = { ...withdrawn.mail, withoutRecipient: true };
    await expect(scenarios.play({ ...withdrawn, mail })).rejects.toThrow(/nobody who can consent/);
  });
});

describe('TestConsents', () => {
  it.each<[TestConsent, unknown, unknown]>([
    ['anonymous', 'anonymous', 'anonymous'],
    [{ opens: 'off', clicks: 'anonymous' }, 'off', 'anonymous'],
    [{ clicks: 'off' }, 'identified', 'off'],
    [null, null, null],
  ])('answers %j for opens and clicks, whatever the case of the address', (answer, open, click) => {
    const consents = new TestConsents();
    consents.answer('Ann@Example.com', answer);
    expect(consents.resolve(question('ann@example.com'))).toBe(open);
    expect(consents.resolve(question('ann@example.com', 'click'))).toBe(click);
    expect(consents.asked).toHaveLength(2);
  });

  it('was not told about anybody else: null', () => {
    expect(new TestConsents().resolve(question('bob@example.com'))).toBeNull();
  });

  it('fails and hangs for everybody until the next answer', async () => {
    const consents = new TestConsents();
    consents.fail();
    expect(() => consents.resolve(question('ann@example.com'))).toThrow('TestConsents.fail()');
    consents.hang();
    const hanging = Promise.resolve(consents.resolve(question('ann@example.com')));
    expect(await Promise.race([hanging, Promise.resolve('waits')])).toBe('waits');
    consents.answer('bob@example.com', 'off');
    expect(consents.resolve(question('ann@example.com'))).toBeNull();
  });
});
