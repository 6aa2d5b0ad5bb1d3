import { AssertionError } from 'node:assert';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type INestApplication, Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import {
  CATALOGUE,
  ClickTrackingController,
  OnTrackingEvent,
  OpenTrackingController,
  TRACKING_CLOCK,
  TRACKING_EVENT_SINKS,
  type TrackingEvent,
  type TrackingRequest,
  type TrackingResult,
  VerdictClassifier,
} from 'nestjs-email-tracking';
import {
  type Scenario,
  ScenarioClock,
  scenarioLookup,
  SCENARIOS as PUBLIC_SCENARIOS,
  TrackingScenarios,
} from 'nestjs-email-tracking/testing';
import { PLATFORMS, Recorder } from '../support/app.js';
import { playDelayed } from './example/delayed.js';
import { type ScenarioAppOptions, startApp } from './scenario-app.js';
import { SCENARIOS } from './scenarios/index.js';
import { lookupAll, VISITORS } from './visitors.js';

const named = SCENARIOS.map((scenario) => [scenario.name, scenario] as const);

describe('the scenarios', () => {
  it('are many, have names of their own, and say where they are from', () => {
    expect(SCENARIOS.length).toBeGreaterThanOrEqual(40);
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
    for (const { source, story } of SCENARIOS) {
      expect(source).toMatch(/.{10}/);
      expect(story).toMatch(/\.$/);
    }
  });

  it('of the package need no more than its own lookup', () => {
    const playedBy = PUBLIC_SCENARIOS.flatMap(({ needsLookup, steps }) =>
      needsLookup ? steps.flatMap((step) => ('by' in step ? [step.by] : [])) : [],
    );
    for (const { addresses } of playedBy) expect(scenarioLookup(addresses[0])).not.toBeNull();
  });

  it('know every line of the catalogue that is on', () => {
    const expected = new Set(
      SCENARIOS.flatMap(({ expect: all }) =>
        all.flatMap((one) => (one === 'none' ? [] : (one.reasons ?? []))),
      ),
    );
    const codes = CATALOGUE.filter(({ enabled }) => enabled !== false).map(({ code }) => code);
    // Our own routes record neither, so that no event can carry these.
    const unseen = ['HEAD_REQUEST', 'OPTIONS_REQUEST'];
    expect([...new Set(codes)].filter((code) => !expected.has(code)).sort()).toEqual(unseen);
  });
});

describe.each(PLATFORMS)('the scenarios on %s', (platform) => {
  const clock = new ScenarioClock();
  let app: INestApplication;
  let scenarios: TrackingScenarios;

  beforeAll(async () => {
    app = await startApp(platform, clock, { tracking: { verdict: { lookup: lookupAll } } });
    scenarios = await TrackingScenarios.for(app, { clock });
  });

  afterAll(() => app.close());

  it.each(named)('%s', async (_, scenario) => {
    (await scenarios.play(scenario)).check();
  });

  it('leave nothing behind', async () => {
    const emitter = app.get(EventEmitter2);
    const before = emitter.eventNames().map((name) => [name, emitter.listeners(name).length]);
    const run = await scenarios.play(scenarioOf('three links within a second'));
    expect(run.corrections).toHaveLength(1);
    expect(emitter.eventNames().map((name) => [name, emitter.listeners(name).length])).toEqual(
      before,
    );
    expect(Object.hasOwn(emitter, 'emitAsync')).toBe(false);
  });

  it('do not meet, also when they are started together', async () => {
    const runs = await Promise.all(
      ['three links within a second', 'before delivery', 'Yahoo'].map((name) =>
        scenarios.play(scenarioOf(name)),
      ),
    );
    for (const run of runs) run.check();
    expect(new Set(runs.map(({ messageId }) => messageId)).size).toBe(3);
    expect(runs.map(({ corrections }) => corrections.length)).toEqual([1, 1, 0]);
  });

  it('tell what every step came to', async () => {
    const run = await scenarios.play(scenarioOf('before delivery'));
    const [open, click, delivered, last] = run.hits;
    expect(open).toMatchObject({
      status: 200,
      first: { kind: 'human' },
      final: { kind: 'scanner' },
    });
    expect(click).toMatchObject({
      status: 302,
      event: { clickUrl: 'https://www.example.com/offers/1', userIp: '198.51.100.150' },
    });
    expect(delivered).toMatchObject({ status: null, first: null, event: { source: 'esp' } });
    expect(last!.final).toBe(last!.first);
    expect(run.corrections.flatMap(({ eventIds }) => eventIds)).toEqual([
      open!.event!.eventId,
      click!.event!.eventId,
    ]);
    for (const { event } of run.hits) {
      expect(event).toMatchObject({ messageId: run.messageId, recipient: run.recipient });
    }
    // Seconds count from when the mail was written.
    const age = last!.event!.timestamp.getTime() - last!.event!.sentAt!.getTime();
    expect(age).toBe(900_000);
  });

  it('show readers who ask for privacy', async () => {
    const { hits } = await scenarios.play(scenarioOf('readers who ask for privacy'));
    expect(hits.map(({ event }) => event!.userIp)).toEqual([
      null,
      '192.0.2.90',
      null,
      '192.0.2.91',
    ]);
    // What was taken off them is not taken for what was never sent, when they are judged again.
    const again = hits.map(({ event }) => app.get(VerdictClassifier).classify(event!)!.kind);
    expect(again).toEqual(['human', 'human', 'human', 'human']);
  });
});

describe('check()', () => {
  const clock = new ScenarioClock();
  let app: INestApplication | undefined;

  afterEach(() => app?.close());

  async function start(options: ScenarioAppOptions = {}): Promise<TrackingScenarios> {
    app = await startApp('express', clock, options);
    return TrackingScenarios.for(app, { clock, timeoutMs: 300 });
  }

  async function failureOf(scenarios: TrackingScenarios, scenario: Scenario): Promise<string> {
    const run = await scenarios.play(scenario);
    try {
      run.check();
    } catch (error) {
      expect(error).toBeInstanceOf(AssertionError);
      return (error as AssertionError).message;
    }
    throw new Error('check() did not fail');
  }

  it('fails with a table when a verdict is another one', async () => {
    const scenarios = await start();
    const burst = scenarioOf('three links within a second');
    const wrong: Scenario = {
      ...burst,
      expect: [burst.expect[0]!, { kind: 'human' }, { kind: 'scanner', certainty: 'certain' }],
    };
    expect((await failureOf(scenarios, wrong)).split('\n')).toEqual([
      'The scenario "three links within a second" did not come out as expected.',
      '',
      expect.stringMatching(/^ {3}# +at +step +expected +seen +reasons$/),
      expect.stringMatching(
        /^ {3}1 +43 s +a gateway that is a perfect Chrome clicks link 0 +scanner probable \(LINK_BURST\) +scanner probable \(at first human possible\) +LINK_BURST/,
      ),
      expect.stringMatching(/^> {2}2 +43.25 s .* human +scanner probable/),
      expect.stringMatching(/^> {2}3 +43.5 s .* scanner certain +scanner probable/),
    ]);
  });

  it.each<[string, Scenario['expect'][number], boolean]>([
    ['the kind', { kind: 'human' }, true],
    ['another kind', { kind: 'unknown' }, false],
    ['another certainty', { kind: 'human', certainty: 'certain' }, false],
    ['a reason that is missing', { kind: 'human', reasons: ['LINK_BURST'] }, false],
    ['no event where one came', 'none', false],
  ])('compares %s', async (_, expected, isMet) => {
    const scenarios = await start();
    const scenario = { ...scenarioOf('Yahoo'), expect: [expected] };
    if (isMet) (await scenarios.play(scenario)).check();
    else await failureOf(scenarios, scenario);
  });

  it('says so where the app withholds events, or judges none', async () => {
    const withholding = await start({ tracking: { beforePublish: () => null } });
    expect(await failureOf(withholding, scenarioOf('Yahoo'))).toContain('no event (answer 200)');
    const silent = { ...scenarioOf('Yahoo'), expect: ['none' as const] };
    (await withholding.play(silent)).check();
    await app!.close();
    expect(
      await failureOf(await start({ tracking: { verdict: false } }), scenarioOf('Yahoo')),
    ).toContain('an event without a verdict');
  });

  it('names the lookup that a scenario needs', async () => {
    expect(await failureOf(await start(), scenarioOf('Outlook on the web'))).toContain(
      'verdict: { lookup: scenarioLookup }',
    );
  });

  it('sees an event too many', async () => {
    @Injectable()
    class Twice extends ClickTrackingController {
      protected override async notifyTrackingEvent(result: TrackingResult, hit: TrackingRequest) {
        await super.notifyTrackingEvent(result, hit);
        await super.notifyTrackingEvent(result, hit);
      }
    }
    const scenarios = await start({ tracking: { controllers: { click: Twice } } });
    expect(await failureOf(scenarios, scenarioOf('a person clicks'))).toContain(
      'Events that no step accounts for: 1.',
    );
  });
});

describe('the handlers of the app', () => {
  const clock = new ScenarioClock();
  let app: INestApplication | undefined;

  afterEach(() => app?.close());

  it('are done when a play is, however long they take', async () => {
    @Injectable()
    class SlowHandler {
      readonly done: (string | undefined)[] = [];

      @OnTrackingEvent('tracking.click')
      async onClick(event: TrackingEvent) {
        await sleep(30);
        this.done.push(event.verdict?.kind);
      }
    }
    app = await startApp('express', clock, { providers: [SlowHandler] });
    const scenarios = await TrackingScenarios.for(app, { clock });
    await scenarios.play(scenarioOf('two links in quick succession'));
    expect(app.get(SlowHandler).done).toEqual(['human', 'human']);
  });

  it('and its sinks hear of nothing but the scenario', async () => {
    const sunk: unknown[] = [];
    const sink = { accept: (event: TrackingEvent) => void sunk.push(event.eventType) };
    app = await startApp('fastify', clock, {
      tracking: { providers: [{ provide: TRACKING_EVENT_SINKS, useValue: [sink] }] },
    });
    const scenarios = await TrackingScenarios.for(app, { clock });
    const recorder = app.get(Recorder);
    expect([...recorder.events, ...recorder.decodingErrors, ...sunk]).toEqual([]);
    await scenarios.play(scenarioOf('a link checker asks by HEAD'));
    expect(recorder.events.map(({ eventType }) => eventType)).toEqual(['clicked']);
    expect(sunk).toEqual(['clicked']);
  });
});

describe('TrackingScenarios.for', () => {
  const clock = new ScenarioClock();
  let app: INestApplication | undefined;

  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  it('takes the clock from a provider of the module as well', async () => {
    app = await startApp('express', null, {
      tracking: { providers: [{ provide: TRACKING_CLOCK, useValue: clock.now }] },
    });
    const scenarios = await TrackingScenarios.for(app, { clock });
    (await scenarios.play(scenarioOf('Gmail, fetched ahead'))).check();
  });

  it.each(PLATFORMS)('says how to override the clock, on %s', async (platform) => {
    for (const other of [null, new ScenarioClock()]) {
      app = await startApp(platform, other);
      await expect(TrackingScenarios.for(app, { clock })).rejects.toThrow(
        /different clocks.*overrideProvider\(TRACKING_CLOCK\)\.useValue\(clock\.now\)/,
      );
      await app.close();
    }
  });

  it.each(PLATFORMS)('says how to trust the forwarded address, on %s', async (platform) => {
    app = await startApp(platform, clock, { trustsProxy: false });
    const scenarios = await TrackingScenarios.for(app, { clock });
    await expect(scenarios.play(scenarioOf('Yahoo'))).rejects.toThrow(
      /trust proxy', 'loopback'.*trustProxy: 'loopback'/,
    );
  });

  it('wants the app to listen', async () => {
    app = await startApp('express', clock);
    const listening = app;
    await new Promise((resolve) => (listening.getHttpServer() as Server).close(resolve));
    await expect(TrackingScenarios.for(app, { clock })).rejects.toThrow(/app\.listen\(0/);
  });

  it('finds routes that are not where the base URLs say', async () => {
    const tracking = { openPath: 'inside/open', clickPath: 'inside/click' };
    app = await startApp('express', clock, { tracking });
    await expect(TrackingScenarios.for(app, { clock })).rejects.toThrow(
      /open route answered 404.*\/open\/.*pathOf/,
    );
    const pathOf = (url: URL) => `/inside${url.pathname}`;
    const scenarios = await TrackingScenarios.for(app, { clock, pathOf });
    (await scenarios.play(scenarioOf('a person clicks'))).check();
  });

  it('writes links that the redirect policy allows', async () => {
    const redirect = { allowHosts: ['shop.test-example.com'] };
    app = await startApp('express', clock, { tracking: { redirect } });
    await expect(TrackingScenarios.for(app, { clock })).rejects.toThrow(/linkBase/);
    const linkBase = 'https://shop.test-example.com/';
    const scenarios = await TrackingScenarios.for(app, { clock, linkBase });
    (await scenarios.play(scenarioOf('the link that unsubscribes, and another'))).check();
  });

  it('plays the mails of a tenant', async () => {
    const context = 'acme';
    @Injectable()
    class OpenOfTenant extends OpenTrackingController {
      protected override getConfiguration = () => ({ context });
    }
    @Injectable()
    class ClickOfTenant extends ClickTrackingController {
      protected override getConfiguration = () => ({ context });
    }
    const controllers = { open: OpenOfTenant, click: ClickOfTenant };
    app = await startApp('fastify', clock, { tracking: { controllers } });
    await expect(TrackingScenarios.for(app, { clock })).rejects.toThrow(/answered 404/);
    const scenarios = await TrackingScenarios.for(app, { clock, overrides: { context } });
    (await scenarios.play(scenarioOf('before delivery'))).check();
  });

  it('says so where the app tracks no such links', async () => {
    app = await startApp('express', clock, {
      tracking: { placeholders: [/www\.example\.com/] },
    });
    const scenarios = await TrackingScenarios.for(app, { clock });
    await expect(scenarios.play(scenarioOf('Yahoo'))).rejects.toThrow(
      /placeholder.*Look at its options/,
    );
  });
});

describe('a scenario that cannot be played', () => {
  const clock = new ScenarioClock();
  let app: INestApplication;
  let scenarios: TrackingScenarios;

  beforeAll(async () => {
    app = await startApp('express', clock);
    scenarios = await TrackingScenarios.for(app, { clock });
  });

  afterAll(() => app.close());

  const own = (changes: Partial<Scenario>): Scenario => ({
    name: 'own',
    source: 'a test',
    story: 'A test.',
    steps: [{ at: 1, by: VISITORS.chrome, does: 'click' }],
    expect: ['none'],
    ...changes,
  });

  it.each<[RegExp, Partial<Scenario>]>([
    [/no steps/, { steps: [], expect: [] }],
    [/1 steps and expects 2/, { expect: ['none', 'none'] }],
    [
      /no link 3; mail\.links is 3/,
      { steps: [{ at: 1, by: VISITORS.chrome, does: 'click', link: 3 }] },
    ],
    [
      /set mail\.unsubscribeLink/,
      { steps: [{ at: 1, by: VISITORS.chrome, does: 'click', link: 'unsubscribe' }] },
    ],
    [/step 1: at must be 0 or more/, { steps: [{ at: -1, by: VISITORS.chrome, does: 'open' }] }],
    [
      /step 2: at must be 5 or more/,
      {
        steps: [
          { at: 5, by: VISITORS.chrome, does: 'open' },
          { at: 4, does: 'delivered' },
        ],
        expect: ['none', 'none'],
      },
    ],
    [/whole number/, { mail: { links: 1.5 } }],
  ])('is refused: %s', async (message, changes) => {
    await expect(scenarios.play(own(changes))).rejects.toThrow(message);
  });

  it('is not one of those in docs/testing.md', async () => {
    expect(await playDelayed(scenarios)).toMatch(/^reader-.*@example\.com$/);
  });

  it('keeps no other from being played', async () => {
    await expect(scenarios.play(own({ steps: [], expect: [] }))).rejects.toThrow(/no steps/);
    (await scenarios.play(scenarioOf('Yahoo'))).check();
  });
});

describe('ScenarioClock', () => {
  it('moves only when it is set', () => {
    const { now } = new ScenarioClock('2026-11-20T10:00:00Z');
    expect(now()).toBe(Date.UTC(2026, 10, 20, 10));
    const clock = new ScenarioClock(new Date(0));
    clock.advance(1.5);
    expect(clock.now()).toBe(1500);
    clock.set('1970-01-01T00:00:10Z');
    expect(clock.now()).toBe(10_000);
    expect(() => clock.set('tomorrow')).toThrow(/valid date/);
    expect(clock.now()).toBe(10_000);
  });
});

function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (!found) throw new Error(`There is no scenario "${name}".`);
  return found;
}
