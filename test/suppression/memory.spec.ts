import { orderCases } from './order-cases.js';
import { serviceCases } from './service-cases.js';
import { TestSuppression } from './suppression-app.js';

describe('the suppression list in memory', () => {
  let started: TestSuppression;
  beforeAll(async () => (started = await TestSuppression.start()));
  afterAll(() => started.close());

  orderCases(() => started);
  serviceCases(() => started);
});
