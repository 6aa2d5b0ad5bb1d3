import { describePostgres, PostgresServer } from '../support/postgres.js';
import { pageAt, pageWith, pathOf, read } from './numbers.js';
import { send, startSample } from './start-sample.js';

const MAIL = { template: 'newsletter', metadata: { campaign: 'november' } };

describePostgres('with a PostgreSQL server, the sample app', () => {
  it('writes the mail that was sent while it was away when it is back, and no open of that time', async () => {
    const server = await PostgresServer.start();
    try {
      const sample = await startSample({ DATABASE_URL: server.url });
      await pageAt(sample, '/dashboard');
      await server.kill();
      const { messageId } = await send(sample, MAIL);
      // Nobody knows whether its reader has withdrawn.
      await read(sample);
      const report = () =>
        sample.http.post(`/api${pathOf(messageId)}/provider-events`).send({ report: 'delivered' });
      await report().expect(502, /answered with 503/);
      await pageAt(sample, '/dashboard', 503);
      await server.restart();
      const path = pathOf(messageId);
      await pageWith(sample, path, (found) => found('#story').text().includes('tracked links'));
      // The provider tries again.
      await report().expect(201);
      const $ = await pageWith(sample, path, (found) => found('[data-type]').length > 0);
      expect($('[data-type]').attr('data-type')).toBe('delivered');
      await read(sample);
      await pageWith(sample, path, (found) => /a person.*a person/.test(found('.who').text()));
      await pageWith(sample, '/campaigns/november', (found) => found('#overlay').length === 1);
      await sample.close();
    } finally {
      await server.stop();
    }
  });
});
