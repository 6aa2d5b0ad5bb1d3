import { hasPostgres } from '../support/postgres.js';
import { compareCases } from './compare-cases.js';
import { openFolder, openPglite, type TestDatabase, withFolder } from './databases.js';
import { eventOf, preparedOf } from './events.js';
import { exportCases } from './export-cases.js';
import { faultsCases } from './faults-cases.js';
import { migrationCases } from './migration-cases.js';
import { numbersCases } from './numbers-cases.js';
import { privacyCases } from './privacy-cases.js';
import { privacyPropertyCases } from './privacy-property-cases.js';
import { propertyCases } from './property-cases.js';
import { questionsCases } from './questions-cases.js';
import { questionsPropertyCases } from './questions-property-cases.js';
import { TestStore } from './store.js';

describe('the store on PGlite', () => {
  let opened: TestDatabase;
  beforeAll(async () => (opened = await openPglite()));
  afterAll(() => opened.close());

  numbersCases(() => opened);
  compareCases(() => opened);
  migrationCases(() => opened);
  exportCases(() => opened);
  faultsCases(() => opened);
  privacyCases(() => opened);
  questionsCases(() => opened);
  // Chance has its turn on PostgreSQL, which is faster, where the machine has it.
  if (hasPostgres) return;
  privacyPropertyCases(() => opened);
  propertyCases(() => opened);
  questionsPropertyCases(() => opened);
});

test('PGlite in a folder remembers', async () => {
  await withFolder(async (folder) => {
    const before = await openFolder(folder);
    const store = await TestStore.start(before.client, { schema: 'public' });
    await store.add(preparedOf(), eventOf());
    await before.close();
    const after = await openFolder(folder);
    const again = await TestStore.start(after.client, { schema: 'public' });
    expect((await again.stats.totals()).rates.click).toBe(1);
    await after.close();
  });
});
