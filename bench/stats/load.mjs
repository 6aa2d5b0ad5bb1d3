// node bench/stats/load.mjs [--events 1000000] [--on pglite,postgres]
//
// Loads events through the store, asks what a dashboard asks, and prints the size of the database, and the time
// and plan of each query. Fails where a plan scans the table of events, or where an answer takes a second.

import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { openPglite, openPostgres } from './databases.mjs';
import { events, recipientOf } from './events.mjs';
import { openStore } from './store.mjs';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    on: { type: 'string', default: 'pglite,postgres' },
    plans: { type: 'boolean', default: false },
  },
});
const COUNT = Number(values.events);
const DAY = 86_400_000;
const START = Date.UTC(2026, 7, 1);
const LIMIT_MS = 1000;
const day = (n, ms = 0) => new Date(START + n * DAY + ms);
const odd = 5 * 60_000 + 123;
const SIZE =
  "select sum(pg_total_relation_size(oid)) as bytes from pg_class where relkind = 'r' and relname like 'tracking%'";
const URL_OF_LINK = 'https://shop.example.com/campaigns/0/products/3';
const QUESTIONS = {
  'totals()': (stats) => stats.totals(),
  'totals({ from, to }), 30 days, odd minutes': (stats) =>
    stats.totals({ from: day(30, odd), to: day(60, odd) }),
  'totals({ campaign }), the largest': (stats) => stats.totals({ campaign: 'campaign-0' }),
  'totals({ campaign, from })': (stats) =>
    stats.totals({ campaign: 'campaign-0', from: day(3, odd) }),
  'totals({ tag })': (stats) => stats.totals({ tag: 'news' }),
  'totals({ campaign, tag }), the largest': (stats) =>
    stats.totals({ campaign: 'campaign-0', tag: 'news' }),
  'totals({ messageId })': (stats) => stats.totals({ messageId: '0.1@mail.example.com' }),
  'series({}, hour), 90 days': (stats) => stats.series({}, { step: 'hour' }),
  'series({ from }, day), 30 days, in Kathmandu': (stats) =>
    stats.series({ from: day(60, odd) }, { step: 'day', timeZone: 'Asia/Kathmandu' }),
  'series({ campaign }, hour)': (stats) =>
    stats.series({ campaign: 'campaign-0' }, { step: 'hour', timeZone: 'Europe/Berlin' }),
  'links({ campaign }), the largest': (stats) => stats.links({ campaign: 'campaign-0' }),
  'links({ messageId })': (stats) => stats.links({ messageId: '0.1@mail.example.com' }),
  'topLinks()': (stats) => stats.topLinks(),
  'topLinks({ campaign, from })': (stats) =>
    stats.topLinks({ campaign: 'campaign-0', from: day(3, odd) }),
  'topLinks({ from }), 30 days': (stats) => stats.topLinks({ from: day(60, odd) }),
  'topLinks({ tag })': (stats) => stats.topLinks({ tag: 'news' }),
  'campaigns()': (stats) => stats.campaigns(),
  'mails({ campaign })': (stats) => stats.mails({ campaign: 'campaign-0' }),
  'mails({ campaign }), a late page': (stats) =>
    stats.mails({ campaign: 'campaign-0' }, { offset: 20_000 }),
  'story({ messageId })': (stats) => stats.story({ messageId: '0.1@mail.example.com' }),
  'story({ recipient })': (stats) => stats.story({ recipient: recipientOf(1) }),
  'clickers({ url })': (stats) => stats.clickers({ url: URL_OF_LINK }),
  'clickers({ campaign })': (stats) => stats.clickers({ campaign: 'campaign-0' }),
  'clickers({ campaign, index, by })': (stats) =>
    stats.clickers({ campaign: 'campaign-0', index: 3, by: 'people' }),
  'events()': (stats) => stats.events(),
  'events({ tag }), none': (stats) => stats.events({ tag: 'no such tag' }),
  'events({ verdict, type })': (stats) => stats.events({ verdict: 'scanner', type: 'clicked' }),
  'events({ by, from, to })': (stats) =>
    stats.events({ by: 'machines', from: day(30, odd), to: day(60, odd) }),
  'events({ domain }), a large one': (stats) => stats.events({ domain: 'gmail.com' }),
  'events({ domain }), a small one': (stats) => stats.events({ domain: 'company7.example' }),
  'events({ domain }), none': (stats) => stats.events({ domain: 'none.example', type: 'clicked' }),
  'events({ recipient })': (stats) => stats.events({ recipient: recipientOf(1) }),
  'events({ campaign, type, by })': (stats) =>
    stats.events({ campaign: 'campaign-0', type: 'opened', by: 'people' }),
  'events({ tag, by })': (stats) => stats.events({ tag: 'news', by: 'machines' }),
  'events({ type }), none': (stats) => stats.events({ type: 'subscribed' }),
  'bounces()': (stats) => stats.bounces(),
  'bounces({ campaign })': (stats) => stats.bounces({ campaign: 'campaign-0' }),
  'bounces({ domain, from })': (stats) =>
    stats.bounces({ domain: 'gmail.com', from: day(60, odd) }),
  'domains()': (stats) => stats.domains(),
  'domains({ campaign }), the largest': (stats) => stats.domains({ campaign: 'campaign-0' }),
  'domains({ from, to }), 30 days, odd minutes': (stats) =>
    stats.domains({ from: day(30, odd), to: day(60, odd) }),
  'hours(), in Kathmandu': (stats) => stats.hours({}, { timeZone: 'Asia/Kathmandu' }),
  'hours({ campaign }), the largest': (stats) => stats.hours({ campaign: 'campaign-0' }),
  'series({}, week)': (stats) => stats.series({}, { step: 'week' }),
  'compare of two campaigns': (stats) =>
    stats.compare([{ campaign: 'campaign-1' }, { campaign: 'campaign-2' }], { split: null }),
  'segment({ never })': (stats) => stats.segment({ never: 'opened' }),
  'segment({ lastOpen }), 30 days': (stats) => stats.segment({ lastOpen: { from: day(60) } }),
  'segment({ lastClick }), nobody': (stats) => stats.segment({ lastClick: { from: day(200) } }),
  'segment({ lastOpen }), nobody': (stats) =>
    stats.segment({ lastOpen: { to: day(-200) } }, { limit: 1000 }),
  'segment({ lastOpen }), a day': (stats) =>
    stats.segment({ lastOpen: { from: day(1), to: day(2) } }, { limit: 1000 }),
  'segment({ campaign, never })': (stats) =>
    stats.segment({ campaign: 'campaign-0', never: 'clicked' }),
  'mails({ campaign }), by the last open': (stats) =>
    stats.mails({ campaign: 'campaign-0' }, { sort: 'openedAt' }),
  'latest()': (stats) => stats.latest(),
  'latest(50, [bounced])': (stats) => stats.latest(50, ['bounced']),
  'latest(50, [delivered])': (stats) => stats.latest(50, ['delivered']),
};

let problems = 0;

for (const name of values.on.split(',')) {
  const opened = name === 'pglite' ? await openPglite() : await openPostgres();
  if (!opened) {
    console.log(`${name}: skipped, it is not installed`);
    continue;
  }
  try {
    await measure(name, opened.client);
  } finally {
    await opened.close();
  }
}
process.exitCode = problems > 0 ? 1 : 0;

async function measure(name, client) {
  const asked = [];
  const recordingOf = (inner) => ({
    ...inner,
    query: (text, list) => {
      asked.push([text, [...list]]);
      return inner.query(text, list);
    },
    transaction: (work) => inner.transaction((inside) => work(recordingOf(inside))),
  });
  const { stats, sink } = await openStore(client);
  const seconds = await load(stats, sink);
  console.log(
    `\n${name}: ${COUNT} events in ${seconds.toFixed(1)} s, ${(COUNT / seconds).toFixed(0)}/s`,
  );
  // What autovacuum does on a server in its own time.
  await stats.vacuum();
  const counting = performance.now();
  await stats.totals();
  console.log(`  counting all days took ${((performance.now() - counting) / 1000).toFixed(1)} s`);
  const [{ bytes }] = (await client.query(SIZE, [])).rows;
  console.log(`  its tables and indices have ${(Number(bytes) / 1e6).toFixed(0)} MB`);
  const { stats: asking } = await openStore(recordingOf(client));
  for (const [question, ask] of Object.entries(QUESTIONS)) {
    asked.length = 0;
    const started = performance.now();
    await ask(asking);
    const took = performance.now() - started;
    const queries = [...asked];
    const scans = [];
    for (const [text, list] of queries) {
      const plan = await client.query(`explain ${text}`, list);
      const lines = plan.rows.map((row) => row['QUERY PLAN']);
      scans.push(...lines.filter((line) => /Seq Scan on tracking_events\b/.test(line)));
      if (values.plans) console.log(lines.map((line) => `      ${line}`).join('\n'));
    }
    const isBad = scans.length > 0 || took >= LIMIT_MS;
    if (isBad) problems++;
    console.log(
      `  ${took.toFixed(0).padStart(5)} ms  ${question}` +
        (scans.length > 0 ? '  SCANS THE EVENTS' : '') +
        (took >= LIMIT_MS ? '  TOO SLOW' : ''),
    );
  }
}

async function load(stats, sink) {
  const next = events(COUNT, START);
  const prepared = new Set();
  const started = performance.now();
  for (let i = 0; i < COUNT; i++) {
    const event = next();
    const { messageId, recipient, metadata, tags } = event;
    if (!prepared.has(messageId)) {
      prepared.add(messageId);
      const counts = { links: 12, trackedLinks: 12, pixels: 1 };
      const timestamp = new Date(event.timestamp.getTime() - 3_600_000);
      sink.prepared({ messageId, recipient, metadata, tags, counts, timestamp });
    }
    sink.accept(event);
    if (i % 10_000 === 9999) await stats.flush();
  }
  await stats.flush();
  const { written, lost, refused } = stats.counts;
  if (written !== COUNT || lost + refused > 0)
    throw new Error(`${written} of ${COUNT} are written`);
  return (performance.now() - started) / 1000;
}
