import { openPglite } from '../stats/databases.js';
import { storeCases } from './store-cases.js';

describe('the register of consents on PGlite', () => {
  storeCases(openPglite);
});
