// Input that is made to take long: 16 times as much of it may take 24 times as long.

import { Worker } from '../harness.mjs';
import { SHAPES } from '../message/hostile-shapes.mjs';
import { timesTheTime } from '../rows.mjs';

const TIMES = 16;
const WORKER = new URL('../message/growth.mjs', import.meta.url);

export async function measure({ quick, log }) {
  const rows = [];
  const asked = quick
    ? { length: 4_000, warmUpMs: 20, rounds: 9, roundsMs: 50 }
    : { length: 32_000, warmUpMs: 150, rounds: 25, roundsMs: 1000 };
  const worker = await Worker.start(WORKER);
  try {
    for (const shape of Object.keys(SHAPES)) {
      const { small, large, characters } = await worker.ask({ shape, times: TIMES, ...asked });
      rows.push(timesTheTime(`hostile, ${TIMES} times the ${shape}`, large, small, { atMost: 24 }));
      const [from, to] = characters.map((count) => (count / 1000).toFixed(0));
      log(
        `  ${shape}: ${small.toFixed(1)} µs for ${from} k characters, ${large.toFixed(1)} µs for ${to} k`,
      );
    }
  } finally {
    await worker.stop();
  }
  return rows;
}
