import { erasingCases } from './erasing-cases.js';
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

describe('the suppression list in memory, of people who are erased', () => {
  let started: TestSuppression;
  beforeAll(async () => (started = await TestSuppression.start()));
  afterAll(() => started.close());

  erasingCases(() => started);
});

describe('the suppression list in memory, over years', () => {
  let started: TestSuppression;
  useMovedTime();
  beforeAll(async () => (started = await TestSuppression.start()));
  afterAll(() => started.close());

  retentionCases(() => started);
});

test('without a key, an erasure is refused and says what it needs, and loses no suppression', async () => {
  const tracking = { encryptionKey: undefined, format: 'plain' } as const;
  const started = await TestSuppression.start({}, tracking);
  await started.service.add('ann@example.com', 'all', 'asked');
  await expect(started.erase('ann@example.com')).rejects.toThrow(/^encryptionKey: .* needs a key/);
  expect(await started.scope('ann@example.com')).toBe('all');
  await started.close();
});
