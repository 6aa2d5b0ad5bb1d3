import { describePostgres, PostgresServer } from '../support/postgres.js';
import { pageAt, pageWith, pathOf, read } from './numbers.js';
import { send, startSample } from './start-sample.js';

const MAIL = { template: 'newsletter', metadata: { campaign: 'november' } };

describePostgres('with a PostgreSQL server, the sample app', () => {
  it('writes what happened while it was away when it is back', async () => {
    const server = await PostgresServer.start();
    try {
      const sample = await startSample({ DATABASE_URL: server.url });
      await pageAt(sample, '/dashboard');
      await server.kill();
      const { messageId } = await send(sample, MAIL);
      await read(sample);
      await pageAt(sample, '/dashboard', 503);
      await server.restart();
      const path = pathOf(messageId);
      const $ = await pageWith(sample, path, (found) => found('[data-type]').length === 2);
      expect($('.who').text()).toMatch(/a person.*a person/);
      await pageWith(sample, '/campaigns/november', (found) => found('#overlay').length === 1);
      await sample.close();
    } finally {
      await server.stop();
    }
  });
});
