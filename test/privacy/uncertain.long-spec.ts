import {
  type ConsentQuestion,
  type ConsentResolver,
  EventPublisher,
  type PrivacyMode,
  TRACKING_CONSENT,
  TrackingConsents,
  type TrackingEvent,
  TrackingService,
} from 'nestjs-email-tracking';
import { Global, Module } from '@nestjs/common';
import { PrivacyService, TrackingPrivacyModule } from 'nestjs-email-tracking/privacy';
import { TestApp, type TestAppOptions } from '../support/app.js';
import { eventWith } from '../support/event.js';

const ANN = 'ann@example.com';
const BOB = 'bob@example.com';
const MAIL = { recipient: ANN, messageId: '<1@example.com>' };

/** A resolver of the test's own. */
class Answers implements ConsentResolver {
  readonly questions: ConsentQuestion[] = [];
  calls = 0;
  answer: (question: ConsentQuestion) => unknown = () => 'identified';

  resolve(question: ConsentQuestion): PrivacyMode {
    this.questions.push(question);
    return this.answer(question) as PrivacyMode;
  }
}

describe('consent and erasures where little is certain', () => {
  let app: TestApp;
  let answers: Answers;
  afterEach(() => app.close());

  async function start(
    { register = false, resolver = true }: { register?: boolean; resolver?: boolean } = {},
    tracking: TestAppOptions['tracking'] = {},
    own: ConsentResolver = (answers = new Answers()),
  ) {
    @Global()
    @Module({
      providers: resolver ? [{ provide: TRACKING_CONSENT, useValue: own }] : [],
      exports: resolver ? [TRACKING_CONSENT] : [],
    })
    class ConsentModule {}
    const imports = [ConsentModule, ...(register ? [TrackingPrivacyModule.forRoot()] : [])];
    app = await TestApp.start('fastify', { tracking, metadata: { imports } });
  }
  const report = (changes: Partial<TrackingEvent>) =>
    app.app.get(EventPublisher).publish(
      eventWith({
        ...{ source: 'esp', espName: 'Amazon SES', eventType: 'opened', clickUrl: null },
        ...{ userIp: '203.0.113.9', userAgent: 'A phone', recipientCertain: true, ...changes },
      }),
      { untilTaken: true },
    );
  const events = () => app.recorder.events;

  test.each([
    ['names several readers', { recipient: ANN, recipientCertain: false }],
    ['names nobody', { recipient: null, recipientCertain: false }],
  ])('an open of a provider that %s is no answer where consent is asked', async (_, changes) => {
    await start();
    expect(await report(changes)).toMatchObject({ taken: true });
    expect([events(), answers.questions]).toEqual([[], []]);
    await app.close();
    await start({ resolver: false });
    await report(changes);
    expect(events()).toMatchObject([{ userAgent: 'A phone' }]);
  });

  test.each(['without', 'beside'])('%s the register, nonsense is no answer', async (where) => {
    await start({ register: where === 'beside' });
    answers.answer = () => undefined;
    const url = app.tracking.getOpenTrackingUrl({}, MAIL);
    expect((await app.get(url)).status).toBe(200);
    expect(events()).toEqual([]);
    const { failed, invalid } = app.app.get(TrackingConsents).counts;
    expect(failed + invalid).toBe(1);
    expect(app.logs.text).toMatch(/consent resolver/);
    expect(await app.tracking.policyFor(ANN)).toEqual({ opens: 'anonymous', clicks: 'anonymous' });
  });

  test('who is erased while their hit waits for consent is not named', async () => {
    await start({ register: true }, { responseBudgetMs: 5000 });
    let release!: () => void;
    answers.answer = () => new Promise((resolve) => (release = () => resolve('identified')));
    const url = app.tracking.getClickTrackingUrl('https://example.com/', {}, MAIL);
    const answer = app.get(url);
    while (answers.questions.length === 0) await app.settled();
    await app.app.get(PrivacyService).erase(ANN);
    release();
    expect((await answer).status).toBe(302);
    await app.settled();
    expect(events()).toMatchObject([{ mode: 'anonymous', recipient: null, userIp: null }]);
  });

  test('an answer that is there counts, although the register of erasures is late', async () => {
    await start(
      { register: true },
      { responseBudgetMs: 150, privacy: { onFailure: { hit: 'anonymous' } } },
    );
    answers.answer = () => 'off';
    const url = app.tracking.getOpenTrackingUrl({}, MAIL);
    expect((await app.get(url)).status).toBe(200);
    const register = app.app.get<{ isErased: () => unknown }>(
      'nestjs-email-tracking:privacy-register',
      { strict: false },
    );
    const erased = jest.spyOn(register, 'isErased').mockReturnValue(new Promise(() => undefined));
    expect((await app.get(url)).status).toBe(200);
    await app.settled();
    expect(events()).toEqual([]);
    erased.mockRestore();
  });

  test('a link of ours that a provider wrapped is reported by its destination', async () => {
    await start();
    const wrapped = app.tracking.getClickTrackingUrl(
      'https://shop.example.com/a?for=ann',
      {},
      MAIL,
    );
    const click = { eventType: 'clicked', clickUrl: wrapped, espEvent: { link: wrapped } } as const;
    await report({ ...click, recipient: ANN });
    answers.answer = () => 'anonymous';
    await report({ ...click, recipient: BOB, eventId: 'e2' });
    const [named, anonymous] = events();
    expect(named).toMatchObject({
      clickUrl: 'https://shop.example.com/a?for=ann',
      espEvent: { link: 'https://shop.example.com/a?for=ann' },
    });
    expect(anonymous).toMatchObject({ clickUrl: 'https://shop.example.com/a', espEvent: null });
    const damaged = `${wrapped.slice(0, -4)}AAAA`;
    await report({ ...click, clickUrl: damaged, espEvent: null, recipient: 'carl@example.com' });
    expect(events()[2]!.clickUrl).toBeNull();
  });

  test('one call asks resolveMany once, for more recipients than answers are kept of', async () => {
    let many = 0;
    const own: ConsentResolver = {
      resolve: () => {
        throw new Error('asked one by one');
      },
      resolveMany: (questions) => {
        many++;
        return Promise.resolve(questions.map(() => 'identified' as const));
      },
    };
    await start({}, { responseBudgetMs: 30_000 }, own);
    const names = Array.from({ length: 50_001 }, (_, i) => `r${i}@example.com`);
    const policies = await app.tracking.policiesFor(names);
    expect([many, policies.size]).toEqual([1, 50_001]);
    expect(new Set([...policies.values()].map(({ opens }) => opens))).toEqual(
      new Set(['identified']),
    );
    expect(await app.tracking.policiesFor(['Ann@Example.com', ANN])).toEqual(
      new Map([
        ['Ann@Example.com', { opens: 'identified', clicks: 'identified' }],
        [ANN, { opens: 'identified', clicks: 'identified' }],
      ]),
    );
  }, 60_000);

  test('a resolver is asked that comes after the first mail', async () => {
    answers = new Answers();
    answers.answer = () => 'off';
    @Global()
    @Module({
      providers: [
        {
          provide: 'first mail',
          inject: [TrackingService],
          useFactory: (tracking: TrackingService) => tracking.policyFor(ANN),
        },
        {
          provide: TRACKING_CONSENT,
          inject: ['first mail'],
          useFactory: () => answers,
        },
      ],
      exports: [TRACKING_CONSENT],
    })
    class LateModule {}
    app = await TestApp.start('fastify', { metadata: { imports: [LateModule] } });
    expect(await app.tracking.policyFor(BOB)).toEqual({ opens: 'off', clicks: 'off' });
  });

  test('a webhook cannot be sent for a result that names nobody, and the error says why', async () => {
    await start({}, { webhookUrl: 'https://hooks.example.com/' });
    const url = app.tracking.getOpenTrackingUrl({}, { ...MAIL, privacy: { opens: 'anonymous' } });
    const result = { ...app.tracking.getOpenTrackingResult(url), webhookUrl: null };
    await expect(app.tracking.sendWebhook(result)).rejects.toThrow(/names nobody/);
  });
});
