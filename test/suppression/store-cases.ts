import { newSchema } from '../stats/schema.js';
import type { TestDatabase } from '../stats/databases.js';
import { orderCases } from './order-cases.js';
import { serviceCases } from './service-cases.js';
import { TestSuppression } from './suppression-app.js';

/** What is shown on every database. @returns the database that is open while the tests run */
export function storeCases(open: () => Promise<TestDatabase>): {
  schema: string;
  database: () => TestDatabase;
} {
  const schema = newSchema();
  let opened: TestDatabase;
  let started: TestSuppression;
  const restart = () => TestSuppression.start({ client: opened.client, schema });
  beforeAll(async () => {
    opened = await open();
    started = await restart();
  });
  afterAll(async () => {
    await started.close();
    await opened.close();
  });

  orderCases(() => started);
  serviceCases(() => started, restart);
  return { schema, database: () => opened };
}
