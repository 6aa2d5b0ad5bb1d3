import type { SqlClient } from 'nestjs-email-tracking/suppression';
import { openPglite } from '../stats/databases.js';
import { Moody } from './moody.js';
import { hardBounce, own, TestSuppression } from './suppression-app.js';

test('refuses events while the database does not answer, and works again when it does', async () => {
  const opened = await openPglite();
  const moody = new Moody(opened.client);
  const started = await TestSuppression.start({ client: moody.client });
  const publish = (recipient: string) => started.publish(hardBounce({ recipient }));
  moody.mood = 'hangs';
  const begun = performance.now();
  const taken = Promise.all(Array.from({ length: 700 }, (_, i) => publish(`h${i}@example.com`)));
  await expect(started.service.check('a@example.com')).rejects.toMatchObject({
    code: 'SUPPRESSION_UNKNOWN',
  });
  expect(new Set(await taken)).toEqual(new Set([false]));
  expect(performance.now() - begun).toBeLessThan(8000);
  moody.mood = 'works';
  const back = performance.now();
  expect(await publish('h0@example.com')).toBe(true);
  expect(await started.scope('h0@example.com')).toBe('all');
  expect(performance.now() - back).toBeLessThan(2000);
  expect(started.logs.text).not.toContain('@example.com');
  await started.close();
  await opened.close();
});

test('a remove() that is written late does not lift what happened after it', async () => {
  const opened = await openPglite();
  let open!: () => void;
  let opening: Promise<unknown> | undefined = new Promise<void>((resolve) => (open = resolve));
  const slow: SqlClient = {
    ...opened.client,
    transaction: async (work) => {
      const first = opening;
      opening = undefined;
      await first;
      return opened.client.transaction(work);
    },
  };
  await (await TestSuppression.start({ client: opened.client })).close();
  const started = await TestSuppression.start({ client: slow, migrate: false });
  const [recipient, list] = ['late@example.com', 'news'];
  const removed = started.service.remove(recipient, `list:${list}`, 'subscribed again');
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await started.publish(own({ eventType: 'unsubscribed', recipient, list }));
  open();
  await removed;
  expect(await started.scope(recipient, list)).toBe('list:news');
  await started.close();
  await opened.close();
});

test('takes at most 10 000 changes that wait, and refuses further ones at once', async () => {
  const hangs = () => new Promise<never>(() => undefined);
  const client = { query: hangs, transaction: hangs };
  const started = await TestSuppression.start({ client, migrate: false });
  const waiting = Array.from({ length: 10_000 }, (_, i) =>
    started.publish(hardBounce({ recipient: `w${i}@example.com` })),
  );
  const others = Promise.race(waiting).then(() => 'the others');
  const refused = started.publish(hardBounce());
  expect(await Promise.race([refused, others])).toBe(false);
  await Promise.all(waiting);
  await started.close();
});
