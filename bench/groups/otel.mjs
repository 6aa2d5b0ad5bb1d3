// What operating costs on the click route: channels that nobody listens to, and metrics.

import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, Worker } from '../harness.mjs';
import { row } from '../rows.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SIDE_BY_SIDE = new URL('../http/side-by-side.mjs', import.meta.url);
const PLATFORMS = ['Fastify', 'Express'];

/** Channels that are none: nothing is asked, made or published. */
const STUB = `
class TrackingChannel {
  begin() { return undefined; }
  get hasSubscribers() { return false; }
}
const names = ['hit', 'rewrite', 'webhook', 'esp', 'queue', 'stats', 'unsubscribe'];
exports.TrackingChannel = TrackingChannel;
exports.TRACKING_CHANNELS = Object.fromEntries(names.map((name) => [name, new TrackingChannel()]));
`;

export async function measure(options) {
  const folder = mkdtempSync(join(tmpdir(), 'tracking-bench-'));
  try {
    const [whole, stubbed] = ['whole', 'stubbed'].map((name) => copyOf(join(folder, name)));
    writeFileSync(join(stubbed, 'util/diagnostics.js'), STUB);
    return await compare(whole, stubbed, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A build in a folder of its own, so that both sides are loaded alike. */
function copyOf(folder) {
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'dist');
}

/** Channels are of a process: whoever counts the hits of one build would count those of the other, had it any. */
async function compare(whole, stubbed, options) {
  const rows = [];
  for (const name of PLATFORMS) {
    const without = `click, channels without a subscriber / no channels, ${name}`;
    rows.push(await sideBySide(without, name, [whole, stubbed], 0.99, options));
    const measured = `click, with metrics / no channels, ${name}`;
    rows.push(await sideBySide(measured, name, [`${whole}+metrics`, stubbed], 0.94, options));
  }
  return rows;
}

async function sideBySide(name, platform, [ours, other], atLeast, { quick, log }) {
  const seen = [];
  for (let launch = 0; launch < (quick ? 2 : 6); launch++) {
    // Whichever is loaded first is about 1 % faster.
    const isTurned = launch % 2 === 1;
    const builds = isTurned ? [other, ours] : [ours, other];
    const worker = await Worker.start(SIDE_BY_SIDE, [platform, ...builds]);
    const { times } = await worker.ask({ rounds: quick ? 10 : 80 });
    await worker.stop();
    const one = (isTurned ? times.reverse() : times).map(median);
    log(`  ${name}: ${one.map((micros) => micros.toFixed(1)).join(' and ')} µs a hit`);
    seen.push(one);
  }
  const ratios = seen.map(([first, second]) => second / first);
  // Pairs of both orders, so that neither build has the better place.
  const pairs = ratios.flatMap((ratio, i) => (i % 2 === 1 ? [(ratio + ratios[i - 1]) / 2] : []));
  return row(name, {
    ours: median(seen.map(([first]) => first)),
    other: median(seen.map(([, second]) => second)),
    ratio: median(pairs),
    unit: 'µs',
    target: { atLeast },
  });
}
