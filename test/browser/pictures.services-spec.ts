import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventPublisher, type VerdictKind } from 'nestjs-email-tracking';
import { TrackingStatsService } from 'nestjs-email-tracking/stats';
import type { Browser, Page } from 'playwright-core';
import { describeBrowser, startBrowser, USER_AGENT } from '../support/browser.js';
import { pageWith, pathOf } from '../sample-app/numbers.js';
import { send, startSample, type Sample } from '../sample-app/start-sample.js';
import { eventOf, preparedOf, verdictOf } from '../stats/events.js';
import { toSmallPng } from './small-png.js';

const DAY = 86_400_000;
const MAX_BYTES = 80_000;

/** Campaigns of the last month: when they were sent, to how many, and how well they were read. */
const CAMPAIGNS = [
  { campaign: 'november letter', daysAgo: 26, mails: 240, opens: 0.52, clicks: 0.21 },
  { campaign: 'roasting course', daysAgo: 19, mails: 120, opens: 0.61, clicks: 0.34 },
  { campaign: 'new harvest', daysAgo: 12, mails: 260, opens: 0.47, clicks: 0.16 },
  { campaign: 'winter blend', daysAgo: 5, mails: 300, opens: 0.55, clicks: 0.25 },
];

describeBrowser('pictures of the dashboard', () => {
  let browser: Browser;
  let sample: Sample;
  let page: Page;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sample-pictures-'));
    [browser, sample] = await Promise.all([startBrowser(), startSample()]);
    page = await browser.newPage({
      baseURL: sample.settings.publicUrl,
      locale: 'en-GB',
      colorScheme: 'light',
      viewport: { width: 1200, height: 800 },
    });
    await fill(sample);
  });

  afterAll(async () => {
    await Promise.all([browser.close(), sample.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Into `TRACKING_PICTURES`, or where it is thrown away. @returns its size in bytes */
  async function take(name: string, height?: number): Promise<number> {
    await page.locator('#status[data-state=live]').waitFor();
    const path = join(process.env.TRACKING_PICTURES || folder, `${name}.png`);
    mkdirSync(join(path, '..'), { recursive: true });
    const { width } = page.viewportSize()!;
    const clip = height === undefined ? undefined : { x: 0, y: 0, width, height };
    const picture = await page.screenshot({ clip, fullPage: true });
    const small = await toSmallPng(browser, picture);
    expect(small.length).toBeLessThan(picture.length);
    writeFileSync(path, small);
    return small.length;
  }

  it('are small enough for the package', async () => {
    await page.goto('/dashboard');
    await page.locator('#chart canvas').waitFor();
    expect(await page.locator('#campaigns tbody tr').count()).toBe(CAMPAIGNS.length);
    expect(await page.locator('.tile').first().innerText()).toMatch(/^Mails\s+920\s/);
    expect(await take('dashboard', 1060)).toBeLessThan(MAX_BYTES);
  });

  let messageId: string;

  it('show a campaign', async () => {
    ({ messageId } = await send(sample, {
      template: 'newsletter',
      subject: 'Fresh from the roastery: November',
      metadata: { campaign: 'fresh beans' },
    }));
    const path = pathOf(messageId);
    await sample.http.post(`/api${path}/visits`).send({ machine: 'gateway' }).expect(201);
    await pageWith(sample, path, ($) => $('.corrected').length >= 3);
    await page.goto('/campaigns/fresh%20beans?days=7');
    await page.locator('#overlay').scrollIntoViewIfNeeded();
    await page.frameLocator('#overlay').locator('[data-clicks]').first().waitFor();
    // As far as the clicks on the mail.
    expect(await take('campaign', 1600)).toBeLessThan(MAX_BYTES);
  });

  it('show the timeline of a mail on a phone', async () => {
    await page.setViewportSize({ width: 390, height: 900 });
    await page.goto(pathOf(messageId));
    expect(await take('story-phone', 1000)).toBeLessThan(MAX_BYTES);
  });
});

/** Numbers of a month, the same for each picture. */
async function fill({ app }: Sample): Promise<void> {
  const stats = app.get(TrackingStatsService, { strict: false });
  const publisher = app.get(EventPublisher, { strict: false });
  let seed = 1;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (const { campaign, daysAgo, mails, opens, clicks } of CAMPAIGNS) {
    const sentAt = Date.now() - daysAgo * DAY;
    for (let mail = 0; mail < mails; mail++) {
      const of = {
        messageId: `${campaign.replace(' ', '-')}.${mail}@fernhill.example`,
        recipient: `reader${mail}@example.com`,
        metadata: { campaign },
      };
      const happened = (days: number) =>
        new Date(Math.min(Date.now(), sentAt + random() ** 3 * days * DAY));
      const hit = (eventType: 'opened' | 'clicked', kind: VerdictKind, days: number) =>
        void publisher.publish(
          eventOf({
            ...of,
            ...{ eventType, timestamp: happened(days), verdict: verdictOf(kind) },
            ...(eventType === 'clicked' && { linkLabel: 'offer', linkIndex: 0 }),
            userAgent: USER_AGENT,
          }),
        );
      publisher.prepared(preparedOf({ ...of, timestamp: new Date(sentAt) }));
      const chance = random();
      if (chance < opens) hit('opened', 'human', 6);
      else if (chance < opens + 0.03) hit('opened', 'unknown', 6);
      else if (chance < opens + 0.18) hit('opened', 'privacy-proxy', 3);
      if (chance < clicks) hit('clicked', 'human', 7);
      if (chance > 0.95) for (let link = 0; link < 3; link++) hit('clicked', 'scanner', 1);
      if (chance > 0.42 && chance < 0.426) {
        void publisher.publish(
          eventOf({
            ...{ ...of, metadata: {}, eventType: 'unsubscribed', timestamp: happened(4) },
            ...{ list: 'letter', via: 'one-click', verdict: verdictOf('unknown') },
          }),
        );
      }
      if (chance > 0.93 && chance < 0.945) {
        void publisher.publish(
          eventOf({
            ...{ ...of, eventType: 'bounced', timestamp: happened(1), verdict: null },
            ...{ source: 'esp', espName: 'SendGrid', permanent: true },
          }),
        );
      }
    }
  }
  await stats.flush();
}
