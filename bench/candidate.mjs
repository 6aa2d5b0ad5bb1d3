// One candidate in a process of its own: `node candidate.mjs <module> <name>`, asked by the harness.

import { performance } from 'node:perf_hooks';
import { answerMessages } from './harness.mjs';

const [, , module, name] = process.argv;
const { candidates } = await import(module);
/** Called with 0, 1, 2, … to do its work once; may return a promise. */
const work = await candidates[name]();
const isAsync = work(0) instanceof Promise;

/** What the clock can tell from nothing. */
const SHORTEST_CALL_MS = 1e-5;

/** Kept where the engine cannot see that nobody reads it. */
globalThis.lastResult = undefined;
let calls = 0;
let callsPerMs = 0;

answerMessages(async ({ warmUpMs, roundMs }) => {
  if (warmUpMs !== undefined) await warmUp(warmUpMs);
  else return { microseconds: (await elapsed(Math.ceil(callsPerMs * roundMs))) * 1000 };
});

async function warmUp(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    // The first batch is a single call: it can be one that takes long.
    const batch = Math.max(1, Math.ceil(callsPerMs * 10));
    callsPerMs = 1 / Math.max(await elapsed(batch), SHORTEST_CALL_MS);
  }
}

/** @returns milliseconds for one of `count` calls */
async function elapsed(count) {
  const start = performance.now();
  if (isAsync) for (let i = 0; i < count; i++) globalThis.lastResult = await work(calls++);
  else for (let i = 0; i < count; i++) globalThis.lastResult = work(calls++);
  return (performance.now() - start) / count;
}
