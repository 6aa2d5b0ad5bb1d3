// Filtering a mailing through the suppression list, against bare queries through the same client.

import { interleave, median } from '../harness.mjs';
import { row } from '../rows.mjs';
import { openPglite, openPostgres } from '../stats/databases.mjs';
import { Filtering } from '../suppression/filtering.mjs';

export async function measure({ quick, log }) {
  const rows = [];
  for (const [name, open] of [
    ['PGlite', openPglite],
    ['PostgreSQL', openPostgres],
  ]) {
    const database = await open();
    if (!database) {
      log(`  skipped: ${name} is not installed`);
      continue;
    }
    try {
      rows.push(await compare(name, database.client, { quick, log }));
    } finally {
      await database.close();
    }
  }
  return rows;
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
