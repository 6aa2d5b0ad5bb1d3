import { Controller, Get } from '@nestjs/common';
import { PLATFORMS, TestApp } from '../support/app.js';

const DESTINATION = 'https://www.example.com/sale';

@Controller()
class OwnController {
  @Get('orders')
  orders() {
    return { orders: [] };
  }
}

describe.each(PLATFORMS)('other spellings of the routes, on %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(platform, {
      tracking: {
        baseOpenTrackingUrl: 'https://t.example.com/api/v1.0/open/',
        baseClickTrackingUrl: 'https://t.example.com/api/click/',
      },
      metadata: { controllers: [OwnController] },
      before: (nest) => void nest.setGlobalPrefix('api'),
    });
  });
  afterAll(() => app.close());

  const tokenOf = (url: string) => url.split('/').pop()!;

  test.each([
    '/api/click/',
    '/API/Click/',
    '/api/%63lick/',
    '/%61PI/%43LIC%4b/',
    '//api/click/',
    '///api//click//',
    '/api//click/',
    '/api/click//',
  ])('a click at %s is redirected and recorded', async (path) => {
    app.recorder.events.length = 0;
    const token = tokenOf(app.tracking.getClickTrackingUrl(DESTINATION));
    const { status, headers } = await app.get(path + token);
    expect([status, headers.location]).toEqual([302, DESTINATION]);
    await app.settled();
    expect(app.recorder.events).toHaveLength(1);
    expect((await app.get(path + token, { method: 'POST' })).status).toBe(405);
    expect((await app.get(path + token, { method: 'HEAD' })).status).toBe(302);
  });

  test.each(['/API/V1.0/OPEN/', '/api/v1%2e0/open/', '//api/v1.0/open/'])(
    'an open at %s gets the pixel',
    async (path) => {
      const { status, body } = await app.get(path + tokenOf(app.tracking.getOpenTrackingUrl()));
      expect([status, body.length]).toEqual([200, 68]);
    },
  );

  test.each([
    '/api/clicks/x',
    '/api/v1x0/open/x',
    '/x/api/click/x',
    '/api%2fclick/x',
    '/api/orderz',
  ])('%s is not ours', async (path) => {
    const { status, body } = await app.get(path);
    expect([status, body.toString()]).toEqual([404, expect.stringContaining('Cannot GET')]);
  });

  test('the routes of the app are left alone', async () => {
    expect((await app.get('/api/orders')).body.toString()).toBe('{"orders":[]}');
    expect(app.logs.warnings).toEqual([]);
  });
});
