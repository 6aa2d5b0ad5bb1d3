// Recording through the store, against bare multi-row inserts through the same client; and what
// questions take, against a second.

import { interleave, median } from '../harness.mjs';
import { row } from '../rows.mjs';
import { asking } from '../stats/asking.mjs';
import { onEachDatabase } from '../stats/databases.mjs';
import { bareInserts, throughTheStore } from '../stats/recording.mjs';

export async function measure({ quick, log }) {
  return onEachDatabase(log, async (name, client) => [
    await compare(name, client, { quick, log }),
    ...(await ask(name, client, { quick, log })),
  ]);
}

async function compare(name, client, { quick, log }) {
  const count = quick ? 2000 : 20_000;
  const numbers = await interleave(
    {
      ours: () => throughTheStore(client, count),
      bare: () => bareInserts(client, count),
    },
    quick ? 1 : 5,
  );
  const [ours, bare] = [median(numbers.ours), median(numbers.bare)];
  log(`  ${name}: ${ours.toFixed(0)} events/s through the store, ${bare.toFixed(0)} bare`);
  return row(`record through the store / bare inserts, ${name}`, {
    ours,
    other: bare,
    ratio: ours / bare,
    unit: 'events/s',
    target: { atLeast: 0.6 },
  });
}

async function ask(name, client, { quick, log }) {
  const count = quick ? 5000 : 50_000;
  const { campaign, all } = await asking(client, count, quick ? 1 : 5);
  log(`  ${name}: ${campaign.toFixed(0)} ms for a campaign, ${all.toFixed(0)} ms for all`);
  const within = (question, ms) =>
    row(`${question}, ${count} events, ${name} / a second`, {
      ours: ms,
      other: 1000,
      ratio: ms / 1000,
      unit: 'ms',
      target: { atMost: 1 },
    });
  return [within('totals of a campaign', campaign), within('totals of all', all)];
}
