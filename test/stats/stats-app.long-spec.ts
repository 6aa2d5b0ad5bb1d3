import { PGlite } from '@electric-sql/pglite';
import { TrackingStatsService } from 'nestjs-email-tracking/stats';
import { PLATFORMS } from '../support/app.js';
import { BROWSER, mailCase, startApp } from './stats-app.js';
import { newSchema } from './schema.js';

let db: PGlite;
beforeAll(async () => (db = await PGlite.create()));
afterAll(() => db.close());

describe('the store in an app on fastify', () => mailCase('fastify', () => db));

describe.each(PLATFORMS)('the store in an app on %s', (platform) => {
  test('writes waiting events at shutdown', async () => {
    const schema = newSchema();
    const test = await startApp(platform, db, { schema, flushMs: 60_000 });
    await test.get(test.tracking.getOpenTrackingUrl({ campaign: 'last' }), BROWSER);
    await test.close();
    const again = await startApp(platform, db, { schema });
    try {
      const { opens } = await again.app.get(TrackingStatsService).totals({ campaign: 'last' });
      expect(opens.total).toBe(1);
    } finally {
      await again.close();
    }
  });
});
