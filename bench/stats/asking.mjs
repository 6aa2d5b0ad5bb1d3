// Questions to a store of events of 90 days, all of one campaign.

import { performance } from 'node:perf_hooks';
import { median } from '../harness.mjs';
import { events } from './events.mjs';
import { openStore } from './store.mjs';

const COUNTS = { links: 12, trackedLinks: 12, pixels: 1 };

/** @returns medians in milliseconds */
export async function asking(client, count, rounds) {
  const { stats, sink } = await openStore(client, { schema: 'bench_asking' });
  const next = events(count);
  const metadata = { campaign: 'one' };
  const take = (event) => sink.accept({ ...event, metadata });
  for (let i = 0; i < count; i++) {
    const event = next();
    const { messageId, recipient, tags, timestamp } = event;
    sink.prepared({ messageId, recipient, metadata, tags, counts: COUNTS, timestamp });
    take(event);
    if (i % 10_000 === 9999) await stats.flush();
  }
  await stats.flush();
  // What autovacuum does on a server in its own time.
  await stats.vacuum();
  await stats.totals();
  const last = next();
  const times = { campaign: [], all: [] };
  for (let i = 0; i < rounds; i++) {
    take({ ...last, eventId: `last ${i}` });
    await stats.flush();
    times.campaign.push(await timeOf(() => stats.totals({ campaign: 'one' })));
    times.all.push(await timeOf(() => stats.totals()));
  }
  const { clicks, opens } = await stats.totals({ campaign: 'one' });
  if (clicks.total + opens.total < count / 2) throw new Error('the events are not counted');
  await client.query('drop schema bench_asking cascade', []);
  return { campaign: median(times.campaign), all: median(times.all) };
}

async function timeOf(ask) {
  const started = performance.now();
  await ask();
  return performance.now() - started;
}
