import type { PGlite } from '@electric-sql/pglite';
import { TRACKING_CLOCK } from 'nestjs-email-tracking';
import {
  pgliteClient,
  TrackingStatsModule,
  TrackingStatsService,
  type TrackingStatsOptions,
} from 'nestjs-email-tracking/stats';
import { type Platform, TestApp } from '../support/app.js';
import { newSchema } from './schema.js';

export const BROWSER = {
  headers: {
    'user-agent':
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    accept: 'text/html,application/xhtml+xml',
    'accept-language': 'en-GB,en;q=0.9',
  },
};

/** The clock of links and hits: what is clicked right after it was sealed is a machine's. */
let now = Date.UTC(2026, 10, 20, 12);
const DAY = 86_400_000;

export function startApp(
  platform: Platform,
  db: PGlite,
  some: Partial<TrackingStatsOptions> = {},
): Promise<TestApp> {
  const options = { client: pgliteClient(db), schema: newSchema(), flushMs: 5, ...some };
  return TestApp.start(platform, {
    tracking: { providers: [{ provide: TRACKING_CLOCK, useValue: () => now }] },
    metadata: { imports: [TrackingStatsModule.forRootAsync({ useFactory: () => options })] },
  });
}

export const MAIL = {
  html: [0, 1, 2, 3, 4, 5].map((i) => `<a href="https://shop.example.com/${i}">${i}</a>`).join(''),
  messageId: 'spring-1@mail.example.com',
  recipient: 'ann@example.com',
  tags: ['news'],
  metadata: { campaign: 'spring' },
};

/** A mail from its sending to its numbers. */
export function mailCase(platform: Platform, db: () => PGlite): void {
  test('a mail that is sent, opened and clicked, by a person and by a machine', async () => {
    const test = await startApp(platform, db());
    try {
      const stats = test.app.get(TrackingStatsService);
      const { html, report } = test.tracking.adaptMessage(MAIL);
      await stats.flush();
      expect(await stats.totals({ campaign: 'spring' })).toMatchObject({
        prepared: 1,
        recipients: 1,
        rates: { open: 0, click: 0 },
      });
      const pixel = /src="([^"]*\/open\/[^"]+)"/.exec(html!)![1]!;
      now += DAY;
      await test.get(pixel, BROWSER);
      const links = report.links.map(({ trackingUrl }) => trackingUrl!);
      await test.get(links[2]!, BROWSER);
      await stats.flush();
      const first = await stats.totals({ campaign: 'spring' });
      expect([first.opens.total, first.clicks.total, first.clicks.machines.total]).toEqual([
        1, 1, 0,
      ]);
      expect(first.rates.clickAtMost).toBe(1);
      // Somebody follows every link within a moment: a machine, and so was the first click.
      for (const link of links) await test.get(link, BROWSER);
      await test.settled();
      await stats.flush();
      expect(test.recorder.corrections.length).toBeGreaterThan(0);
      const { clicks, rates } = await stats.totals({ tag: 'news' });
      expect([clicks.total, clicks.atMost.total, rates.clickAtMost]).toEqual([7, 0, 0]);
      expect(clicks.machines).toEqual({ total: 7, unique: 1 });
      const [, , third] = await stats.links({ messageId: MAIL.messageId });
      expect(third).toMatchObject({
        index: 2,
        url: 'https://shop.example.com/2',
        clicks: { total: 2 },
      });
      const { mails, events } = await stats.story({ recipient: MAIL.recipient });
      expect(mails).toMatchObject([{ trackedLinks: 6, hasPixel: true, clickedAt: null }]);
      expect(events.map(({ eventType }) => eventType)).toEqual([
        'opened',
        ...Array.from({ length: 7 }, () => 'clicked'),
      ]);
      expect(events.some(({ correctedFrom }) => correctedFrom !== null)).toBe(true);
      expect(await stats.health()).toEqual({
        status: 'up',
        database: true,
        buffered: 0,
        lost: 0,
        refused: 0,
      });
    } finally {
      await test.close();
    }
  });
}
