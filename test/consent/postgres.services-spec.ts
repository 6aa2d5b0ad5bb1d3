import { openPostgres } from '../stats/databases.js';
import { describePostgres } from '../support/postgres.js';
import { storeCases } from './store-cases.js';

describePostgres('the register of consents on PostgreSQL', () => {
  storeCases(openPostgres);
});
