// What operating costs on the click route: channels that nobody listens to, and metrics.

import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '../harness.mjs';
import { comparePerSecond } from '../http/routes.mjs';
import { partOfThroughput } from '../rows.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
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

async function compare(whole, stubbed, options) {
  const kinds = PLATFORMS.flatMap((name) => [
    `nest${name} ${whole}`,
    `nest${name} ${stubbed}`,
    `metrics${name} ${whole}`,
  ]);
  const load = { mix: 'click', connections: 32, milliseconds: 300 };
  // Two processes of the same code differ by more than what is looked for here.
  const seen = Object.fromEntries(kinds.map((kind) => [kind, []]));
  for (let launch = 0; launch < (options.quick ? 1 : 4); launch++) {
    const perSecond = await comparePerSecond(kinds, load, options);
    for (const kind of kinds) seen[kind].push(perSecond[kind]);
  }
  const of = (kind) => median(seen[kind]);
  return PLATFORMS.flatMap((name) => [
    partOfThroughput(
      `click, channels without a subscriber / no channels, ${name}`,
      of(`nest${name} ${whole}`),
      of(`nest${name} ${stubbed}`),
      { atLeast: 0.99 },
    ),
    partOfThroughput(
      `click, with metrics / without, ${name}`,
      of(`metrics${name} ${whole}`),
      of(`nest${name} ${whole}`),
      { atLeast: 0.94 },
    ),
  ]);
}
