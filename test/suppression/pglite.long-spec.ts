import { openFolder, openPglite, type TestDatabase, withFolder } from '../stats/databases.js';
import { retentionCases, useMovedTime } from './retention-cases.js';
import { storeCases } from './store-cases.js';
import { TestSuppression } from './suppression-app.js';

describe('the suppression list on PGlite', () => {
  storeCases(openPglite);
});

describe('the suppression list on PGlite, over years', () => {
  let opened: TestDatabase;
  let started: TestSuppression;
  useMovedTime();
  beforeAll(async () => {
    opened = await openPglite();
    started = await TestSuppression.start({ client: opened.client });
  });
  afterAll(async () => {
    await started.close();
    await opened.close();
  });

  retentionCases(() => started);
});

test('suppressions are kept by PGlite in a folder', async () => {
  await withFolder(async (folder) => {
    for (const scope of [null, 'lists']) {
      const opened = await openFolder(folder);
      const started = await TestSuppression.start({ client: opened.client });
      expect(await started.scope('ann@example.com', 'news')).toBe(scope);
      await started.service.add('ann@example.com', 'lists', 'asked');
      await started.close();
      await opened.close();
    }
  });
});
