import { rmSync } from 'node:fs';
import { withKeptKeys } from '../../sample-app/src/kept-key.js';
import { readSettings } from '../../sample-app/src/settings.js';
import { pageAt, pathOf, read } from './numbers.js';
import {
  ASSETS,
  dataFolder,
  eventsNow,
  eventsOf,
  newestMail,
  send,
  startSample,
} from './start-sample.js';

/** Nobody listens there. */
const AWAY = 'postgres://nobody:secret@127.0.0.1:1/none';
const MAIL = { template: 'newsletter', metadata: { campaign: 'november' } };

describe('the data of the sample app', () => {
  it('survive a restart: events, mails and the key of their links', async () => {
    const folder = await dataFolder();
    try {
      const key = withKeptKeys(await readSettings({ DATA_DIR: folder }, ASSETS)).encryptionKeys[0]!;
      const env = { DATA_DIR: folder, TRACKING_ENCRYPTION_KEY: key };
      const first = await startSample(env);
      const { messageId } = await send(first, MAIL);
      await read(first);
      await eventsOf(first, messageId, 2);
      // At once: what waits in memory is written on the way out.
      await first.close();

      const again = withKeptKeys(await readSettings({ DATA_DIR: folder }, ASSETS));
      expect(again.encryptionKeys).toEqual([key]);
      const second = await startSample(env);
      expect((await newestMail(second)).messageId).toBe(messageId);
      const $ = await pageAt(second, pathOf(messageId));
      expect($('[data-type=opened], [data-type=clicked]')).toHaveLength(2);
      const overlay = await pageAt(second, `${pathOf(messageId)}/mail`);
      expect(overlay('[data-clicks="1"]')).toHaveLength(1);
      await second.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('are not opened by two processes at once', async () => {
    const folder = await dataFolder();
    try {
      const first = await startSample({ DATA_DIR: folder });
      await expect(startSample({ DATA_DIR: folder })).rejects.toThrow(/DATA_DIR .* is in use/);
      await first.close();
      await (await startSample({ DATA_DIR: folder })).close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('without its database, the sample app', () => {
  it('says so on every page with numbers, and answers readers without recording them', async () => {
    const sample = await startSample({ DATABASE_URL: AWAY });
    const { messageId } = await send(sample, MAIL);
    // Nobody knows who has withdrawn.
    await read(sample);

    for (const path of ['/dashboard', '/campaigns/november', pathOf(messageId)]) {
      const $ = await pageAt(sample, path, 503);
      expect($('h1').text()).toBe('The database does not answer');
      // The mail that was prepared.
      expect($('main').text()).toContain('1 event waits in memory');
      expect($('main').text()).toContain('Opens and clicks are not recorded');
      expect($.html()).not.toContain('secret');
    }
    await sample.http.get('/').expect(200);
    await sample.http.get('/health').expect(200);
    await sample.http.get('/health/database').expect(503);
    const visits = sample.http.post(`/api${pathOf(messageId)}/visits`);
    await visits.send({ machine: 'named' }).expect(201);
    expect(await eventsNow(sample, messageId)).toEqual([]);
    await sample.close();
  });
});
