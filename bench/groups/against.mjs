// An earlier build of the package, loaded beside this one: `--against <folder>`. Both work through
// the public entry only, so that the insides may differ.

import { NAMES } from '../against/calls.mjs';
import { SIDES } from '../against/build.mjs';
import { timeCandidates } from '../harness.mjs';
import { comparePerSecond } from '../http/routes.mjs';
import { provideMails } from '../mails/corpus.mjs';
import { row } from '../rows.mjs';

const CALLS = new URL('../against/calls.mjs', import.meta.url);
const SERVER = new URL('../against/server.mjs', import.meta.url);

export async function measure(options) {
  const rows = [];
  const provided = await provideMails({ ...options, quick: true });
  try {
    for (const name of NAMES) {
      const of = (side) => `${side}: ${name}`;
      const times = await timeCandidates(CALLS, Object.keys(SIDES).map(of), options);
      const [ours, again, other] = Object.keys(SIDES).map((side) => times[of(side)]);
      rows.push(compared(name, 'µs', { ours, other, ratio: other / ours, itself: again / ours }));
    }
  } finally {
    provided.remove();
  }
  // Clicks and opens of different mails, with verdicts, as they are by default.
  for (const adapter of ['fastify', 'express']) {
    for (const mix of ['judged', 'open']) {
      const load = { mix, connections: 32, milliseconds: 300 };
      const kinds = Object.keys(SIDES).map((side) => `${side} ${adapter}`);
      const perSecond = await comparePerSecond(kinds, load, { ...options, server: SERVER });
      const [ours, again, other] = kinds.map((kind) => perSecond[kind]);
      const name = `${mix === 'open' ? 'open' : 'click'} route on ${adapter}`;
      const ratios = { ratio: ours / other, itself: ours / again };
      rows.push(compared(name, 'req/s', { ours, other, ...ratios }));
    }
  }
  return rows;
}

/** At least 0.95 of the earlier build's speed, or as much as the row differs from itself, twice. */
function compared(name, unit, { ours, other, ratio, itself }) {
  const spread = Math.abs(1 - itself);
  const atLeast = Math.max(0, Math.min(0.95, Number((1 - 2 * spread).toFixed(2))));
  const title = `${name}, this build / the earlier one (itself: ${itself.toFixed(2)})`;
  return row(title, { ours, other, ratio, unit, target: { atLeast } });
}
