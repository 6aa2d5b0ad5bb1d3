// Filtering a mailing through the suppression list, against bare queries through the same client.

import { interleave, median } from '../harness.mjs';
import { row } from '../rows.mjs';
import { onEachDatabase } from '../stats/databases.mjs';
import { Filtering } from '../suppression/filtering.mjs';

export async function measure({ quick, log }) {
  return onEachDatabase(log, async (name, client) => [await compare(name, client, { quick, log })]);
}

async function compare(name, client, { quick, log }) {
  const size = quick ? { suppressed: 1000, mailed: 5000 } : { suppressed: 20_000, mailed: 100_000 };
  const filtering = await Filtering.on(client, size);
  const numbers = await interleave(
    { ours: () => filtering.ours(), bare: () => filtering.bare() },
    quick ? 1 : 9,
  );
  await filtering.end();
  const [ours, bare] = [median(numbers.ours), median(numbers.bare)];
  log(`  ${name}: ${ours.toFixed(0)} addresses/s through the list, ${bare.toFixed(0)} bare`);
  return row(`filter ${size.mailed} addresses / bare = ANY, ${name}`, {
    ours,
    other: bare,
    ratio: ours / bare,
    unit: 'addresses/s',
    target: { atLeast: 0.6 },
  });
}
