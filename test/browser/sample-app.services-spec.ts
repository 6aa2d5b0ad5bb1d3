import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  axeFaults,
  describeBrowser,
  startBrowser,
  takePicture,
  USER_AGENT,
} from '../support/browser.js';
import { until } from '../support/until.js';
import { pathOf } from '../sample-app/numbers.js';
import {
  eventsNow,
  newestMail,
  send,
  startSample,
  type Sample,
} from '../sample-app/start-sample.js';

/** Who is quicker than that after a mail was sent may be a machine. */
const A_PERSON_TAKES_MS = 2100;

/** The pages of the app; null is that of a mail. */
const PAGES: Record<string, string | null> = {
  mail: '/',
  dashboard: '/dashboard?days=1',
  campaign: '/campaigns/november?days=1',
  events: '/events?type=clicked&by=people&days=7',
  clickers: '/clickers?campaign=november&by=people&by=machines',
  links: '/links?campaign=november&sort=clicks',
  bounces: '/bounces',
  domains: '/domains?campaign=november',
  compare: '/compare?campaign=november&campaign=orders&metric=open',
  segments: '/segments?never=clicked',
  recipients: '/recipients?search=a',
  recipient: '/recipients/gil%40example.com',
  suppressed: '/suppressed',
  privacy: '/privacy?address=una@example.com',
  metrics: '/dashboard/metrics',
  story: null,
  refused: '/events?type=nothing',
};

/**
 * In which colours pages are looked at, by their width. Colours do not depend on the width, so two of the
 * four are enough, except for who wants pictures.
 */
const SCHEMES: Record<number, readonly ('light' | 'dark')[]> = process.env.TRACKING_SCREENSHOTS
  ? { 390: ['light', 'dark'], 1280: ['light', 'dark'] }
  : { 390: ['light'], 1280: ['dark'] };

describeBrowser('the sample app in a browser', () => {
  let browser: Browser;
  let sample: Sample;
  let context: BrowserContext;
  let page: Page;
  const requests: string[] = [];
  const problems: string[] = [];

  beforeAll(async () => {
    [browser, sample] = await Promise.all([startBrowser(), startSample()]);
  });

  afterAll(() => Promise.all([browser.close(), sample.close()]));

  beforeEach(async () => {
    requests.length = 0;
    problems.length = 0;
    context = await browser.newContext({
      baseURL: sample.settings.publicUrl,
      userAgent: USER_AGENT,
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
    });
    context.on('request', (request) => requests.push(request.url()));
    context.on('console', (message) => {
      // The browser's driver looks into the frames by scripts, which their sandbox refuses.
      const isDriver = message.text().startsWith('Blocked script execution');
      if (message.type() === 'error' && !isDriver) problems.push(message.text());
    });
    context.on('weberror', (error) => problems.push(error.error().message));
    page = await context.newPage();
  });

  afterEach(async () => {
    await context.close();
    const hosts = requests.filter((url) => !/^(?:data|about|blob):/.test(url));
    expect(new Set(hosts.map((url) => new URL(url).origin))).toEqual(
      new Set([sample.settings.publicUrl]),
    );
    expect(problems).toEqual([]);
  });

  /** The sum of a line of the chart, as it was drawn. */
  const drawn = async (shown: 'opens' | 'clicks') => {
    await page.getByRole('radio', { name: shown === 'opens' ? 'Opens' : 'Clicks' }).check();
    return page.locator('#chart').getAttribute('data-total');
  };

  async function sendByHand(): Promise<void> {
    await page.goto('/');
    await page.getByRole('radio', { name: /Newsletter/ }).check();
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('#mails button', { has: page.locator('.new') }).click();
    await page.locator('#reader iframe').waitFor();
  }

  it('shows a person who opens and clicks, live, and a machine apart', async () => {
    const dashboard = await context.newPage();
    await dashboard.goto('/dashboard');
    await dashboard.getByText('Nothing has happened yet').waitFor();

    // The mail is sent by the API and read when a person would.
    const { messageId } = await send(sample, {
      template: 'newsletter',
      subject: 'Fresh from the roastery',
      metadata: { campaign: 'november' },
    });
    await dashboard.getByRole('link', { name: 'november', exact: true }).waitFor();
    await new Promise((resolve) => setTimeout(resolve, A_PERSON_TAKES_MS));
    // A page behind another one is not painted, and so cannot be clicked in.
    await page.bringToFront();
    await page.goto('/');
    await page.getByRole('button', { name: /Fresh from the roastery/ }).click();
    const arrival = context.waitForEvent('page');
    await page.frameLocator('#reader iframe').getByRole('link', { name: 'Taste it' }).click();
    await (await arrival).getByText('You have arrived').waitFor();
    await (await arrival).close();

    // The dashboard, which nobody has touched, has seen it.
    await dashboard.locator('#activity').getByText('Clicked').waitFor();
    const row = dashboard.locator('#campaigns tbody tr');
    await until(async () => /100%.*100%/s.test(await row.innerText()), 'both rates are 100 %');
    await dashboard.close();

    await page.getByRole('link', { name: 'Timeline' }).click();
    await page.locator('#story [data-type=clicked]').waitFor();
    expect(await page.locator('#story .who').allInnerTexts()).toEqual([
      expect.stringContaining('a person'),
      expect.stringContaining('a person'),
    ]);
    const overlay = page.frameLocator('#overlay');
    await overlay.locator('[data-clicks="1"]').waitFor();

    // What the frame shows has fired nothing.
    expect(await eventsNow(sample, messageId)).toHaveLength(2);

    await page.goto('/dashboard');
    expect(await drawn('opens')).toBe('1 0 0 0');
    expect(await drawn('clicks')).toBe('1 0 0 0');

    // Another mail, which nobody but a machine looks at.
    const other = await send(sample, {
      template: 'newsletter',
      to: 'olga@example.com',
      metadata: { campaign: 'november' },
    });
    await page.goto(pathOf(other.messageId));
    await page.getByLabel('A machine visits').selectOption('named');
    await page.getByRole('button', { name: 'A machine visits' }).click();
    await until(async () => (await page.locator('#story li.of-machine').count()) === 6, 'all hits');
    expect(await page.locator('#story').innerText()).toContain('names itself');
    await page.goto('/dashboard');
    expect(await drawn('clicks')).toBe('1 0 0 6');

    // Who bounces gets no more mails: nobody to whom other tests send.
    await page.goto(pathOf(other.messageId));
    await page.getByLabel('SendGrid reports').selectOption('bounced');
    await page.getByRole('button', { name: /Replay/ }).click();
    await page.locator('#story [data-type=bounced]').waitFor();
  });

  it('corrects what it first took for a person, before one’s eyes', async () => {
    const { messageId } = await send(sample, { template: 'newsletter' });
    await page.goto(pathOf(messageId));
    await page.getByText('Nothing has happened to it yet').waitFor();
    await page.getByRole('button', { name: 'A machine visits' }).click();
    await page.locator('.corrected').first().waitFor();
    await until(async () => (await page.locator('#story .who').count()) === 7, 'an open, 6 clicks');
  });

  it('copies the rule that gives a hit the other verdict, and says so', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const { messageId } = await send(sample, { template: 'newsletter' });
    await page.goto(pathOf(messageId));
    await page.getByLabel('A machine visits').selectOption('named');
    await page.getByRole('button', { name: 'A machine visits' }).click();
    await until(async () => (await page.locator('#story .who').count()) === 6, '6 clicks');
    const copy = page.getByRole('button', { name: 'Copy a rule: this is a person' }).first();
    await copy.focus();
    await page.keyboard.press('Enter');
    await page
      .locator('#announcer')
      .getByText(/^Copied: .* are then a person/)
      .waitFor();
    const line = await page.locator('#rule-line').innerText();
    expect(line).toMatch(/^rules: \[\{ id: 'taught-\w+', on: 'agent', .*kind: 'human'.* \}\],/);
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(line);
    await page.setViewportSize({ width: 320, height: 900 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    expect(await faults()).toEqual([]);
    await takePicture(page, 'rule-320');
    await page.setViewportSize({ width: 1280, height: 900 });
    await takePicture(page, 'rule-1280');
    await page.getByRole('button', { name: 'Close' }).click();
    expect(await page.evaluate<string>('document.activeElement.innerText')).toBe('Copy a rule');
  });

  it('can be walked with the keyboard', async () => {
    await sendByHand();
    await page.goto('/dashboard');
    await page.locator('#campaigns tbody a').first().waitFor();
    const focused = () => page.evaluate<string>('document.activeElement.innerText');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the numbers');
    await page.keyboard.press('Enter');
    const walked: string[] = [];
    for (let i = 0; i < 90 && walked.at(-1) !== 'november'; i++) {
      await page.keyboard.press('Tab');
      walked.push(await focused());
    }
    expect(walked).toEqual(
      expect.arrayContaining(['24 hours', 'The chart as a table', 'Mails', 'november']),
    );
    await page.keyboard.press('Enter');
    await page.waitForURL(/campaigns\/november/);

    // The arrows of a radio button switch the chart.
    await page.getByRole('radio', { name: 'Opens' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('#chart').getAttribute('data-shown')).toBe('clicks');

    await page.locator('#mails tbody a').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/messages\//);
    await page.getByLabel('A machine visits').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#story li.of-machine').first().waitFor();

    // The search, from the page of a recipient to another one.
    await page.getByRole('searchbox', { name: 'Search for a recipient' }).fill('ADA@example.com');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/recipients\/ada%40example.com/);
    await page.locator('#mails tbody a').first().waitFor();
  });

  it('leaves opening the mail to the reader, whom it then calls a person', async () => {
    await page.goto('/');
    await page.getByLabel('Metadata').fill('{ "campaign": "first minute" }');
    await page.getByRole('button', { name: 'Send' }).click();
    const row = page.locator('#mails button', { has: page.locator('.new') });
    await row.waitFor();
    const { messageId } = await newestMail(sample);
    expect(await page.locator('#reader').isVisible()).toBe(false);
    expect(await eventsNow(sample, messageId!)).toEqual([]);

    // At once, sooner than a real mail arrives.
    await row.click();
    const has = (count: number) =>
      until(async () => (await eventsNow(sample, messageId!)).length === count, 'the events');
    await has(1);
    const event = page.locator('#event-list li').first();
    await event.getByText('A person opened the mail').waitFor();
    expect(await event.innerText()).toMatch(/Verdict\s+\w+ a person/);
    expect(await row.count()).toBe(0);
    const arrival = context.waitForEvent('page');
    await page.frameLocator('#reader iframe').getByRole('link').first().click();
    await (await arrival).getByText('You have arrived').waitFor();
    await (await arrival).close();
    await has(2);
    await event.getByText(/^A person clicked /).waitFor();

    await page.goto('/campaigns/first%20minute');
    const tile = (title: string) => page.locator('.tile', { hasText: title });
    await tile('Clicked by people').getByText('100%').waitFor();
    expect(await page.locator('.tile').allInnerTexts()).toEqual([
      expect.stringMatching(/^Mails\s+1\s+sent in this period$/),
      expect.stringMatching(/^Opened by people\s+100%\s+1 of 1 mail$/),
      expect.stringMatching(/^Clicked by people\s+100%\s+1 of 1 mail$/),
      expect.stringMatching(/^Bounced\s+0\s/),
      expect.stringMatching(/^Unsubscribed\s+0\s+of 1 mail$/),
    ]);
  });

  /** What axe finds, but for the mail in its frame, which is its author's. */
  const faults = () =>
    axeFaults(page, { iframes: false, rules: { 'target-size': { enabled: true } } });

  it('unsubscribes as a mail program does, shows who left, and lifts it', async () => {
    const letter = { template: 'newsletter', list: 'letter', to: 'leo@example.com' };
    await send(sample, { ...letter, subject: 'The letter to Leo' });
    await page.goto('/');
    await page.getByRole('button', { name: /The letter to Leo/ }).click();
    const from = page.locator('#reader-from');
    await from.getByRole('button', { name: 'Unsubscribe' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Stop getting mails like this from Fernhill Coffee?').waitFor();
    expect(await faults()).toEqual([]);
    await dialog.getByRole('button', { name: 'Unsubscribe' }).click();
    await from.getByText('Unsubscribed', { exact: true }).waitFor();

    await page.getByRole('textbox', { name: 'To' }).fill('leo@example.com');
    await page.getByRole('radio', { name: /Newsletter/ }).check();
    expect(await page.getByRole('combobox', { name: 'List' }).inputValue()).toBe('letter');
    await page.getByRole('button', { name: 'Send' }).click();
    await page
      .locator('#to-problem')
      .getByText('its recipient is suppressed: Unsubscribed')
      .waitFor();
    // Chromium tells of answers that are no success.
    expect(problems.splice(0)).toEqual([expect.stringContaining('409')]);

    await page.goto('/dashboard');
    await page.locator('#suppressed').getByText('leo@example.com').waitFor();
    await page.getByRole('link', { name: 'All suppressed recipients' }).click();
    await page.getByRole('button', { name: /Lift: leo@example.com/ }).click();
    expect(await faults()).toEqual([]);
    await page.getByLabel('Why').fill('subscribed again');
    await page.keyboard.press('Enter');
    await page
      .getByRole('button', { name: /Lift: leo@example.com/ })
      .waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /Lift: olga@example.com/ }).waitFor();
  });

  it('leaves by the page behind the link of a mail', async () => {
    await send(sample, { template: 'newsletter', list: 'offers', to: 'mia@example.com' });
    const { html } = await newestMail(sample);
    await page.goto(/\/unsubscribe\/[\w-]+/.exec(html)![0]);
    await page.getByRole('button', { name: 'Unsubscribe' }).click();
    await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor();
    await page.goto('/suppressed');
    await page.locator('#suppressed').getByText('mia@example.com').waitFor();
    // It has no icon, and Chromium asks for one.
    expect(problems.splice(0).every((problem) => problem.includes('404'))).toBe(true);
  });

  it('shows what a mail of each mode holds, and erases its recipient', async () => {
    await page.goto('/');
    await page.getByRole('textbox', { name: 'To' }).fill('nina@example.com');
    await page.getByRole('combobox', { name: 'What may be recorded' }).selectOption('anonymous');
    await page.getByText('Opens: how often it is opened.').waitFor();
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('#mails button', { has: page.locator('.new') }).click();
    const event = page.locator('#event-list li').first();
    await event.getByText('Somebody opened a mail').waitFor();
    await event.getByText('It only counts: nobody is named.').waitFor();
    expect(await event.innerText()).not.toContain('nina@');

    await page.getByRole('link', { name: 'Privacy' }).click();
    await page.getByRole('link', { name: 'nina@example.com' }).click();
    const parts = page.locator('.sealed tbody tr');
    expect(await parts.first().innerText()).toMatch(/^Pixel\s+nobody\s.*Only counts$/s);

    // By the keyboard: what was said arrives without loading the page.
    const press = async (name: string) => {
      await page.getByRole('button', { name }).focus();
      await page.keyboard.press('Enter');
    };
    const said = page.locator('#history tbody th');
    await press('Agree');
    await said.getByText('Agreed').waitFor();
    await press('Withdraw');
    await until(async () => (await said.allInnerTexts()).join() === 'Withdrew,Agreed', 'both');

    await press('Erase …');
    const dialog = page.getByRole('dialog', { name: 'Erase nina@example.com?' });
    await dialog.waitFor();
    expect(await faults()).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await page.evaluate<string>('document.activeElement.innerText')).toBe('Erase …');
    await press('Erase …');
    await dialog.getByRole('button', { name: 'Erase' }).click();
    await page.getByRole('heading', { name: 'Erased' }).waitFor();
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('erasure');
    expect(await page.locator('#erasure').innerText()).toMatch(/sent mails: done.*backups/s);
    await page.getByText('This app keeps no mail to this address.').waitFor();
    expect(await faults()).toEqual([]);
    await takePicture(page, 'erased-1280-light');
  });

  it('keeps off the measurements by the page behind the link of a mail', async () => {
    await send(sample, { template: 'newsletter', list: 'offers', to: 'pia@example.com' });
    const { html } = await newestMail(sample);
    await page.goto(/\/unsubscribe\/[\w-]+/.exec(html)![0]);
    await page.getByRole('button', { name: 'Stay subscribed, but do not measure me' }).click();
    await page.getByRole('heading').first().waitFor();
    await page.goto('/privacy?address=pia@example.com');
    await page.locator('#history').getByText('On the page of an unsubscribe link').waitFor();
    problems.length = 0;
  });

  describe('on a screen and on a phone', () => {
    let messageId: string;

    beforeAll(async () => {
      ({ messageId } = await makeSomethingToSee(sample));
    });

    it('fits, without faults', async () => {
      for (const [name, path] of Object.entries(PAGES)) await look(name, path ?? pathOf(messageId));
      // Chromium tells of the one answer that is no success.
      expect(problems.splice(0).every((problem) => problem.includes('400'))).toBe(true);
    }, 120_000);

    async function look(name: string, path: string): Promise<void> {
      await page.goto(path);
      await page.locator('#status[data-state=live]').waitFor();
      if (name === 'mail') await page.locator('#mails li').first().waitFor();
      const overlay = page.locator('#overlay');
      if (await overlay.count()) {
        await overlay.scrollIntoViewIfNeeded();
        await page.frameLocator('#overlay').locator('[data-clicks]').first().waitFor();
      }
      for (const width of [320, 390, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        // Nothing sticks out at the side.
        const [wide, tall] = await page.evaluate<number[]>(
          '[document.documentElement.scrollWidth, document.documentElement.scrollHeight]',
        );
        expect({ name, wide }).toEqual({ name, wide: width });
        if (name === 'dashboard' && width === 390) expect(tall).toBeLessThan(3500);
        for (const colorScheme of SCHEMES[width] ?? []) {
          await page.emulateMedia({ colorScheme });
          expect({ name, width, faults: await faults() }).toEqual({ name, width, faults: [] });
          await takePicture(page, `${name}-${width}-${colorScheme}`);
        }
      }
    }
  });

  it('breaks long names of campaigns: nothing sticks out at the side', async () => {
    const metadata = { campaign: 'x'.repeat(400) };
    const { messageId } = await send(sample, { template: 'receipt', metadata });
    const report = `/api${pathOf(messageId)}/provider-events`;
    await sample.http.post(report).send({ report: 'bounced' }).expect(201);
    for (const path of ['/events', '/bounces']) {
      await page.goto(`${path}?campaign=${metadata.campaign}`);
      await page.locator('tbody', { hasText: metadata.campaign }).waitFor();
      for (const width of [320, 390, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      }
    }
  });

  it('says that the database is away', async () => {
    const away = await startSample({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    await page.setViewportSize({ width: 390, height: 900 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(`${away.settings.publicUrl}/dashboard`);
    await page.getByText('The database does not answer').waitFor();
    await takePicture(page, 'database-away-390-dark');
    await page.close();
    await away.close();
    problems.length = 0;
    requests.splice(0, requests.length, sample.settings.publicUrl);
  });
});

/** A campaign of a few mails, of which people and machines took notice. */
async function makeSomethingToSee(sample: Sample) {
  const people = ['ada', 'bob', 'cem', 'dora', 'eve', 'finn', 'gil', 'hana'];
  const sent: Awaited<ReturnType<typeof newestMail>>[] = [];
  for (const name of people) {
    await send(sample, {
      to: `${name}@example.com`,
      template: 'newsletter',
      subject: 'Fresh from the roastery: November',
      metadata: { campaign: 'november' },
    });
    sent.push(await newestMail(sample));
  }
  await send(sample, {
    to: 'ivo@example.com',
    template: 'receipt',
    metadata: { campaign: 'orders' },
  });
  await new Promise((resolve) => setTimeout(resolve, A_PERSON_TAKES_MS));
  for (const [index, { html }] of sent.slice(0, 5).entries()) {
    const hit = (kind: string, nth: number, headers: object) =>
      sample.http
        .get([...html.matchAll(new RegExp(`/${kind}/[\\w=-]+`, 'g'))][nth]![0])
        .set({ 'user-agent': USER_AGENT, 'accept-language': 'en', ...headers });
    const image = {
      'sec-fetch-dest': 'image',
      'sec-fetch-mode': 'no-cors',
      'sec-fetch-site': 'cross-site',
    };
    const page = {
      'sec-fetch-dest': 'document',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-site': 'cross-site',
      'sec-fetch-user': '?1',
      accept: 'text/html,*/*;q=0.8',
    };
    await hit('open', 0, { ...image, accept: 'image/avif,image/webp,*/*;q=0.8' });
    if (index < 3) await hit('click', index % 2 === 0 ? 4 : 2, page);
  }
  for (const privacy of ['off', 'anonymous', 'deliverability', 'identified']) {
    const una = { to: 'una@example.com', template: 'receipt', privacy };
    await send(sample, { ...una, metadata: { campaign: 'orders' } });
  }
  await sample.http.post('/api/privacy/grant').send({ address: 'una@example.com' }).expect(204);
  const api = (index: number) => `/api${pathOf(sent[index]!.messageId!)}`;
  await sample.http
    .post(`${api(0)}/provider-events`)
    .send({ report: 'delivered' })
    .expect(201);
  await sample.http
    .post(`${api(5)}/visits`)
    .send({ machine: 'gateway' })
    .expect(201);
  await sample.http
    .post(`${api(6)}/visits`)
    .send({ machine: 'privacy' })
    .expect(201);
  await sample.http
    .post(`${api(7)}/provider-events`)
    .send({ report: 'bounced' })
    .expect(201);
  // The numbers are there when the last event is.
  await until(async () => {
    const { text } = await sample.http.get(pathOf(sent[7]!.messageId!));
    return text.includes('Bounced');
  }, 'the bounce is written');
  return { messageId: sent[5]!.messageId! };
}
