import { Inject, Injectable, Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import {
  type TrackingError,
  type TrackingEvent,
  TrackingModule,
  type TrackingOverrides,
  type TrackingRequest,
  UNSUBSCRIBE_STORE,
  UnsubscribeController,
  type UnsubscribePageState,
  type UnsubscribeRequest,
  type UnsubscribeResult,
} from 'nestjs-email-tracking';
import { OPTIONS, PLATFORMS, TestApp } from '../support/app.js';
import { PAGE_TEXTS } from '../../lib/unsubscribe/page-texts.js';
import { ANN, multipart, post, UNSUBSCRIBING, urlencoded } from './unsubscribe-app.js';

/** A store that is as its test says. */
class Store {
  readonly stored: TrackingEvent[] = [];
  state: 'up' | 'down' | 'hanging' = 'up';

  async store(event: TrackingEvent) {
    if (this.state === 'down') throw new Error('The database is away.');
    if (this.state === 'hanging') return new Promise<void>(() => undefined);
    this.stored.push(event);
  }
}

describe.each(PLATFORMS)('a wish to leave that is not stored, on %s', (platform) => {
  const store = new Store();
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(platform, {
      tracking: {
        ...UNSUBSCRIBING,
        unsubscribe: { ...UNSUBSCRIBING.unsubscribe, budgetMs: 150 },
        providers: [{ provide: UNSUBSCRIBE_STORE, useValue: store }],
      },
    });
  });
  beforeEach(() => {
    store.stored.length = 0;
    app.recorder.events.length = 0;
  });
  afterAll(() => app.close());

  test.each(['down', 'hanging'] as const)(
    'is 503 while the store is %s, then 200: one event, one entry',
    async (state) => {
      const url = app.tracking.getUnsubscribeUrl(ANN);
      store.state = state;
      const failed = await post(app, url, multipart('One-Click'));
      expect([failed.status, failed.headers['retry-after']]).toEqual([503, '30']);
      expect(failed.body.toString()).toMatch(/could not save.*value="Page"[^>]*>Try again/s);
      const all = await post(app, url, urlencoded('Page-All'));
      expect(all.body.toString()).toMatch(/value="Page-All"[^>]*>Try again/s);
      await app.settled();
      expect([store.stored, app.recorder.events]).toEqual([[], []]);

      store.state = 'up';
      expect((await post(app, url, multipart('One-Click'))).status).toBe(200);
      await app.settled();
      expect(store.stored).toMatchObject([{ recipient: ANN.recipient, via: 'one-click' }]);
      expect(app.recorder.events).toEqual(store.stored);
    },
  );

  test('shows the page all the same, which needs no store', async () => {
    store.state = 'down';
    expect((await app.get(app.tracking.getUnsubscribeUrl(ANN))).status).toBe(200);
  });

  test('logs no address', () => {
    expect(app.logs.errors.length).toBeGreaterThan(0);
    expect(app.logs.text).not.toContain('ann@');
  });
});

/** What the steps of the controller do in a test. */
@Injectable()
class Script {
  configuration: () => TrackingOverrides | Promise<TrackingOverrides> = () => ({});
  notify: () => void | Promise<void> = () => undefined;
  read: (() => UnsubscribeResult) | undefined;
  page: (() => string) | undefined;
  readonly errors: string[] = [];
  readonly seen: Partial<UnsubscribeRequest & UnsubscribeResult>[] = [];
  readonly pages: UnsubscribePageState[] = [];
}

@Injectable()
class Leaving extends UnsubscribeController {
  constructor(@Inject(Script) private readonly script: Script) {
    super();
  }

  protected override getConfiguration() {
    return this.script.configuration();
  }

  protected override readLink(
    token: string,
    purpose: 'unsubscribe',
    request: TrackingRequest,
    overrides: TrackingOverrides,
  ) {
    return this.script.read?.() ?? super.readLink(token, purpose, request, overrides);
  }

  protected override getRequestData(request: TrackingRequest) {
    return { ...super.getRequestData(request), userIp: null };
  }

  protected override async notifyTrackingEvent(
    result: UnsubscribeResult,
    request: UnsubscribeRequest,
  ) {
    await this.script.notify();
    const { via, isAll } = request;
    this.script.seen.push({ via, isAll, list: result.list, recipient: result.recipient });
    await super.notifyTrackingEvent(result, request);
  }

  protected override toTrackingEvent(result: UnsubscribeResult, request: UnsubscribeRequest) {
    return { ...super.toTrackingEvent(result, request), tags: ['by-subclass'] };
  }

  protected override notifyDecodingError(error: TrackingError) {
    this.script.errors.push(error.code);
  }

  protected override page(state: UnsubscribePageState) {
    this.script.pages.push(state);
    return this.script.page?.() ?? super.page(state).replace('<main', '<p>Example Ltd</p><main');
  }
}

describe.each(PLATFORMS)('a subclass of UnsubscribeController, on %s', (platform) => {
  let script: Script;
  let app: TestApp;

  beforeAll(async () => {
    script = new Script();
    app = await TestApp.start(platform, {
      tracking: {
        ...UNSUBSCRIBING,
        unsubscribe: { ...UNSUBSCRIBING.unsubscribe, budgetMs: 150 },
        controllers: { unsubscribe: Leaving },
        providers: [{ provide: Script, useValue: script }],
      },
    });
  });
  beforeEach(() => {
    Object.assign(script, new Script());
    app.recorder.events.length = 0;
  });
  afterAll(() => app.close());

  test('runs its steps', async () => {
    const url = app.tracking.getUnsubscribeUrl(ANN);
    const page = await app.get(url);
    expect(page.body.toString()).toContain('<p>Example Ltd</p><main');
    await post(app, url, urlencoded('Page-All'));
    expect(script.pages.map(({ kind, isAll }) => [kind, isAll])).toEqual([
      ['ask', false],
      ['done', true],
    ]);
    expect(script.seen).toEqual([
      { via: 'page', isAll: true, list: 'news', recipient: ANN.recipient },
    ]);
    expect(app.recorder.events).toMatchObject([
      { tags: ['by-subclass'], list: null, via: 'page', userIp: null },
    ]);
    expect((await app.get(url.slice(0, -20))).status).toBe(404);
    expect(script.errors).toEqual(['INVALID_TOKEN']);
  });

  test('reads the links of the tenant that getConfiguration names', async () => {
    const url = app.tracking.getUnsubscribeUrl(ANN, { context: 'acme' });
    expect((await post(app, url)).status).toBe(404);
    const unsubscribe = { lists: { news: { title: 'Acme news' } } };
    script.configuration = () => Promise.resolve({ context: 'acme', unsubscribe });
    const { status, body } = await post(app, url, multipart('One-Click'));
    expect([status, app.recorder.events.length]).toEqual([200, 1]);
    expect(body.toString()).toContain('Acme news');
  });

  const hang = () => new Promise<never>(() => undefined);
  const fail = () => {
    throw new Error('broken');
  };
  test.each<[string, (step: Script) => void]>([
    ['notifyTrackingEvent throws', (step) => (step.notify = fail)],
    ['notifyTrackingEvent is late', (step) => (step.notify = hang)],
    ['getConfiguration throws', (step) => (step.configuration = fail)],
    ['getConfiguration is late', (step) => (step.configuration = hang)],
    [
      'getConfiguration returns nonsense',
      (step) => (step.configuration = () => ({ a: 1 }) as object),
    ],
    ['readLink throws', (step) => (step.read = fail)],
  ])('POST is 503 with Retry-After if %s', async (_, prepare) => {
    prepare(script);
    const { status, headers } = await post(app, app.tracking.getUnsubscribeUrl(ANN));
    expect([status, headers['retry-after']]).toEqual([503, '30']);
    await app.settled();
    expect(app.recorder.events).toEqual([]);
  });

  test('a page that throws is replaced by ours', async () => {
    script.page = fail;
    const { status, body } = await post(app, app.tracking.getUnsubscribeUrl(ANN));
    expect(status).toBe(200);
    expect(body.toString()).toContain('You are unsubscribed');
  });

  test('a page of its own may have a style of its own', async () => {
    script.page = () => '<style>p{color:red}</style><p style="color:blue">Bye</p>';
    const { headers, body } = await app.get(app.tracking.getUnsubscribeUrl(ANN));
    expect(body.toString()).toContain('Bye');
    expect(headers['content-security-policy']).toMatch(/style-src 'sha256-[^']+'; form-action/);
  });
});

test('texts of the app are shown', async () => {
  @Module({
    imports: [
      EventEmitterModule.forRoot(),
      TrackingModule.forRootAsync({
        useFactory: () => ({
          ...OPTIONS,
          ...UNSUBSCRIBING,
          unsubscribe: { texts: { nl: { ...PAGE_TEXTS.en, leave: 'Uitschrijven' } } },
        }),
        providers: [{ provide: UNSUBSCRIBE_STORE, useValue: new Store() }],
      }),
    ],
  })
  class Tracking {}
  const app = await TestApp.start('fastify', { trackingModule: Tracking, withEmitter: false });
  const url = app.tracking.getUnsubscribeUrl(ANN);
  const { body } = await app.get(url, { headers: { 'Accept-Language': 'nl' } });
  expect(body.toString()).toMatch(/lang="nl".*news.*Uitschrijven/s);
  expect(body.toString()).not.toContain('Page-All');
  await app.close();
});

test.each<[string, Record<string, Record<string, string>>, RegExp]>([
  [
    'an unknown name',
    { en: { title: 'Bye' } },
    /unsubscribe\.texts: must hold texts .* ask, askText/,
  ],
  ['an empty text', { en: { leave: '' } }, /texts of 1 to 500 characters/],
  ['half a language', { nl: { leave: 'Uitschrijven' } }, /all texts of nl; ask, .* are missing/],
])('%s among the texts is an error', async (_, texts, named) => {
  const unsubscribe = { ...UNSUBSCRIBING.unsubscribe, texts };
  await expect(
    TestApp.start('express', { tracking: { ...UNSUBSCRIBING, unsubscribe } }),
  ).rejects.toThrow(named);
});
