import { orderCases } from './order-cases.js';
import { retentionCases, useMovedTime } from './retention-cases.js';
import { serviceCases } from './service-cases.js';
import { TestSuppression } from './suppression-app.js';

describe('the suppression list in memory', () => {
  let started: TestSuppression;
  beforeAll(async () => (started = await TestSuppression.start()));
  afterAll(() => started.close());

  orderCases(() => started);
  serviceCases(() => started);
});

describe('the suppression list in memory, over years', () => {
  let started: TestSuppression;
  useMovedTime();
  beforeAll(async () => (started = await TestSuppression.start()));
  afterAll(() => started.close());

  retentionCases(() => started);
});
