// How the time of `adaptHtml` grows with its input, in a process of its own: `node growth.mjs`.

import { performance } from 'node:perf_hooks';
import { cpuUsage } from 'node:process';
import { answerMessages, median } from '../harness.mjs';
import { createService } from './rewriting.mjs';
import { flat } from './flat.mjs';
import { SHAPES } from './hostile-shapes.mjs';

const service = await createService();
const adapt = (html) => flat(service.adaptHtml(html));

/** Shapes of which one round takes long get fewer. */
const FEWEST_ROUNDS = 3;

answerMessages(({ shape, length, times, warmUpMs, rounds, roundsMs }) => {
  const small = flat(SHAPES[shape](length));
  const large = flat(SHAPES[shape](length * times));
  warmUp(small, warmUpMs);
  const timesOf = { small: [], large: [] };
  const end = performance.now() + roundsMs;
  for (let round = 0; round < rounds; round++) {
    if (round >= FEWEST_ROUNDS && performance.now() > end) break;
    if (round % 2 === 0) timesOf.small.push(elapsed(small, times));
    timesOf.large.push(elapsed(large, 1));
    if (round % 2 === 1) timesOf.small.push(elapsed(small, times));
  }
  return {
    small: median(timesOf.small),
    large: median(timesOf.large),
    characters: [small.length, large.length],
  };
});

function warmUp(html, milliseconds) {
  const end = performance.now() + milliseconds;
  do adapt(html);
  while (performance.now() < end);
}

/**
 * By the clock, a busy machine would decide: it interrupts the long one, and not the short one.
 *
 * @returns microseconds of processor time for one of `count` calls
 */
function elapsed(html, count) {
  const start = cpuUsage();
  for (let i = 0; i < count; i++) globalThis.lastResult = adapt(html);
  const { user, system } = cpuUsage(start);
  return (user + system) / count;
}
