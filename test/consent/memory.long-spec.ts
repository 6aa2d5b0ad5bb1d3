import { registerCases } from './register-cases.js';
import { TestPrivacy } from './privacy-app.js';

describe('the register of consents in memory', () => {
  let started: TestPrivacy;
  beforeAll(async () => (started = await TestPrivacy.start()));
  afterAll(() => started.close());

  registerCases(() => started);
});
