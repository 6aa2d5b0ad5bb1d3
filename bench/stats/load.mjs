// node bench/stats/load.mjs [--events 1000000] [--on pglite,postgres]
//
// Loads events through the store, asks what a dashboard asks, and prints the time and plan of each
// query. Fails where a plan scans the table of events, or where an answer takes a second.

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
