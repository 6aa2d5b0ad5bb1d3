import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { PLATFORMS, TestApp } from '../support/app.js';
import { describeBrowser, startBrowser, USER_AGENT } from '../support/browser.js';
import { until } from '../support/until.js';

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Stands in front of an app, as an ad network does, and adds to the query of each request. */
function proxyOf(url: string, added: string): Server {
  return createServer((incoming, outgoing) => {
    const { method, headers, url: path } = incoming;
    const asked = request(url + path + added, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    asked.on('error', () => outgoing.destroy());
    incoming.pipe(asked);
  });
}

describeBrowser('a click in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  it.each(PLATFORMS)(
    'arrives with the gclid that a proxy added, and the id of its event, on %s',
    async (platform) => {
      const visits: string[] = [];
      const shop = createServer(({ url }, response) => {
        visits.push(url!);
        response.setHeader('Content-Type', 'text/html');
        response.end('<title>Sale</title><p id="top">Here</p>');
      });
      const shopUrl = await listen(shop);
      const app = await TestApp.start(platform, {
        tracking: { passQuery: ['gclid'], clickIdParam: 'click_id', responseBudgetMs: 10_000 },
      });
      const proxy = proxyOf(app.url, '?gclid=1&other=2');
      const proxyUrl = await listen(proxy);
      const page = await browser.newPage({ userAgent: USER_AGENT });
      try {
        const { html } = app.tracking.adaptMessage({
          html: `<a href="${shopUrl}/sale?a=%7e#top">Sale</a>`,
        });
        await page.setContent(html!.replace('https://t.example.com', proxyUrl));
        await page.getByRole('link', { name: 'Sale' }).click();
        await page.waitForURL(/\/sale/);
        await until(() => app.recorder.events.length === 1);
        const [{ eventId, clickUrl }] = app.recorder.events as [(typeof app.recorder.events)[0]];
        expect(page.url()).toBe(`${shopUrl}/sale?a=%7e&gclid=1&click_id=${eventId}#top`);
        expect(visits[0]).toBe(`/sale?a=%7e&gclid=1&click_id=${eventId}`);
        expect(clickUrl).toBe(`${shopUrl}/sale?a=%7e#top`);
      } finally {
        await page.close();
        for (const server of [proxy, shop]) {
          server.close();
          server.closeAllConnections();
        }
        await app.close();
      }
    },
  );
});
