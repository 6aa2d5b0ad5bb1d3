import { randomUUID } from 'node:crypto';
import {
  type TrackingEvent,
  UNSUBSCRIBE_STORE,
  UnsubscribeController,
  type UnsubscribePageState,
} from 'nestjs-email-tracking';
import { TrackingPrivacyModule } from 'nestjs-email-tracking/privacy';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { PLATFORMS, TestApp } from '../support/app.js';
import {
  axeFaults,
  describeBrowser,
  startBrowser,
  takePicture,
  USER_AGENT,
} from '../support/browser.js';
import { ANN, UNSUBSCRIBING } from '../unsubscribe/unsubscribe-app.js';

const LANGUAGES = {
  en: 'Unsubscribe',
  de: 'Abbestellen',
  fr: 'Se désabonner',
  es: 'Darse de baja',
  it: 'Annulla l’iscrizione',
};

/** A store that fails as long as its test says so. */
class Store {
  isDown = false;
  readonly stored: TrackingEvent[] = [];

  store(event: TrackingEvent): Promise<void> {
    if (this.isDown) return Promise.reject(new Error('The database is away.'));
    this.stored.push(event);
    return Promise.resolve();
  }
}

/** What a stranger might get into a page. */
const INJECTED =
  '<script>window.hacked = 1</script><img src="/x.png" onerror="window.hacked = 2">' +
  '<p style="color:red" id="styled">x</p><link rel="stylesheet" href="/x.css">' +
  '<form id="away" action="https://evil.example/" method="post"></form><iframe src="/x"></iframe>';

class InjectedPage extends UnsubscribeController {
  protected override page(state: UnsubscribePageState) {
    return super.page(state).replace('<main', `${INJECTED}<main`);
  }
}

describeBrowser('the unsubscribe page in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  const requests: string[] = [];
  const problems: string[] = [];
  let context: BrowserContext;
  let page: Page;
  const open = async (options: Parameters<Browser['newContext']>[0] = {}) => {
    context = await browser.newContext({ userAgent: USER_AGENT, locale: 'en-GB', ...options });
    context.on('requestfinished', (request) =>
      requests.push(`${request.method()} ${request.url()}`),
    );
    context.on('console', (message) => problems.push(message.text()));
    context.on('weberror', (error) => problems.push(error.error().message));
    page = await context.newPage();
    return page;
  };
  beforeEach(() => {
    requests.length = 0;
    problems.length = 0;
  });
  afterEach(() => context.close());

  /** A link of a mail of its own, which was sent an hour ago. */
  const urlOf = (app: TestApp) => {
    const mail = { messageId: randomUUID(), sentAt: new Date(Date.now() - 3_600_000) };
    const url = app.tracking.getUnsubscribeUrl({ ...ANN, ...mail });
    return url.replace('https://t.example.com', app.url);
  };

  /** What axe finds, and whether something sticks out at the side. */
  const faults = async () => {
    const found: unknown[] = await axeFaults(page);
    const [inner, outer] = await page.evaluate<[number, number]>(
      '[document.documentElement.scrollWidth, window.innerWidth]',
    );
    return inner > outer ? [...found, `${inner} pixels wide`] : found;
  };

  describe.each(PLATFORMS)('on %s', (platform) => {
    const store = new Store();
    let app: TestApp;
    beforeAll(async () => {
      app = await TestApp.start(platform, {
        tracking: {
          ...UNSUBSCRIBING,
          providers: [{ provide: UNSUBSCRIBE_STORE, useValue: store }],
        },
      });
    });
    beforeEach(() => {
      store.stored.length = 0;
    });
    afterAll(() => app.close());

    it('ends the subscription at the press of its button, and asks for nothing else', async () => {
      await open();
      const url = urlOf(app);
      await page.goto(url);
      expect(store.stored).toEqual([]);
      await page.getByRole('button', { name: 'Unsubscribe' }).click();
      await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor();

      expect(store.stored).toMatchObject([
        { list: 'news', via: 'page', verdict: { kind: 'human' }, userAgent: USER_AGENT },
      ]);
      expect(page.url()).toBe(url);
      const own = requests.filter((request) => !request.endsWith('/favicon.ico'));
      expect(own).toEqual([`GET ${url}`, `POST ${url}`]);
      expect(await context.cookies()).toEqual([]);
      expect(problems.filter((text) => !text.includes('favicon'))).toEqual([]);
    });

    it('is used by keyboard alone, and shows where one is', async () => {
      await open();
      await page.goto(urlOf(app));
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      const focused = page.locator(':focus');
      expect(await focused.textContent()).toBe('Leave all of them');
      const outline = await page.evaluate<string>(
        'getComputedStyle(document.activeElement).outlineStyle',
      );
      expect(outline).toBe('solid');
      await takePicture(page, `unsubscribe-${platform}-keyboard`);
      await page.keyboard.press('Enter');
      await page.getByText('mails of any list').waitFor();
      expect(store.stored).toMatchObject([{ list: null, via: 'page' }]);
    });

    it('lets the reader try again when the wish was not stored', async () => {
      await open();
      store.isDown = true;
      await page.goto(urlOf(app));
      await page.getByRole('button', { name: 'Leave all of them' }).click();
      const again = page.getByRole('button', { name: 'Try again' });
      await again.waitFor();
      store.isDown = false;
      await again.click();
      await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor();
      expect(store.stored).toMatchObject([{ list: null, via: 'page' }]);
    });
  });

  describe('to every reader', () => {
    const store = new Store();
    let app: TestApp;
    beforeAll(async () => {
      const providers = [{ provide: UNSUBSCRIBE_STORE, useValue: store }];
      app = await TestApp.start('fastify', {
        tracking: { ...UNSUBSCRIBING, providers },
        metadata: { imports: [TrackingPrivacyModule.forRoot()] },
      });
    });
    afterAll(() => app.close());

    it.each(Object.entries(LANGUAGES))(
      'has no fault that axe knows, in %s, light and dark, from 320 pixels on',
      async (locale, button) => {
        for (const colorScheme of ['light', 'dark'] as const) {
          for (const width of [320, 1280]) {
            // Colours and widths are those of every language.
            if (locale !== 'en' && (width === 320) !== (colorScheme === 'light')) continue;
            await open({ locale, colorScheme, viewport: { width, height: 640 } });
            const look = async (kind: string) => {
              const name = `unsubscribe-${kind}-${locale}-${width}-${colorScheme}`;
              expect({ name, faults: await faults() }).toEqual({ name, faults: [] });
              expect(await page.locator('html').getAttribute('lang')).toBe(locale);
              await takePicture(page, name);
            };
            await page.goto(urlOf(app));
            await look('ask');
            store.isDown = true;
            await page.getByRole('button', { name: button, exact: true }).click();
            await page.locator('main.failed').waitFor();
            await look('failed');
            store.isDown = false;
            await page.getByRole('button').click();
            await page.locator('main.done').waitFor();
            await look('done');
            if (locale === 'en') {
              await page.goto(urlOf(app));
              await page.locator('button[value="Page-Stay-Unmeasured"]').click();
              await page.locator('main.unmeasured').waitFor();
              await look('unmeasured');
            }
            await page.goto(urlOf(app).slice(0, -20));
            await look('unreadable');
            await context.close();
          }
        }
      },
    );

    it('has buttons that are easy to hit, and a name without spaces does not widen it', async () => {
      const lists = { news: { title: 'N'.repeat(120) }, offers: { title: 'Offers' } };
      const long = await TestApp.start('express', {
        tracking: { ...UNSUBSCRIBING, unsubscribe: { ...UNSUBSCRIBING.unsubscribe, lists } },
      });
      await open({ viewport: { width: 320, height: 640 } });
      await page.goto(urlOf(long));
      expect(await faults()).toEqual([]);
      for (const button of await page.getByRole('button').all()) {
        const { width, height } = (await button.boundingBox())!;
        expect([width > 200, height >= 44]).toEqual([true, true]);
      }
      await takePicture(page, 'unsubscribe-long-320');
      await long.close();
    });
  });

  it('runs and loads nothing that somebody got into it', async () => {
    const app = await TestApp.start('express', {
      tracking: { ...UNSUBSCRIBING, controllers: { unsubscribe: InjectedPage } },
    });
    await open();
    const url = urlOf(app);
    await page.goto(url);
    expect(await page.locator('script').count()).toBe(1);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    const color = await page.evaluate<string>(
      "getComputedStyle(document.getElementById('styled')).color",
    );
    expect(color).not.toBe('rgb(255, 0, 0)');
    await page.evaluate("document.getElementById('away').submit()");
    expect(page.url()).toBe(url);
    const own = requests.filter((request) => !request.endsWith('/favicon.ico'));
    expect(own).toEqual([`GET ${url}`]);
    const refusals = problems.filter((text) => text.includes('Content Security Policy'));
    expect(refusals.length).toBeGreaterThanOrEqual(5);
    await app.close();
  });
});
