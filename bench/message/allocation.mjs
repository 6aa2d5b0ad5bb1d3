// How many bytes of the heap are allocated for each byte of a mail, in a process of its own, with a young
// generation that is large enough to be never collected meanwhile:
// `node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64 allocation.mjs <corpus>`.

import { performance } from 'node:perf_hooks';
import { memoryUsage } from 'node:process';
import { GCProfiler } from 'node:v8';
import { readMails } from '../mails/corpus.mjs';
import { answerMessages, median } from '../harness.mjs';
import { createService, RECIPIENTS, REWRITERS } from './rewriting.mjs';
import { FINDERS, splice } from './scanning.mjs';

const mails = readMails(process.argv[2]);
const service = await createService();

/** What one mail is put through, by name. */
const WORKS = {
  scan: (html) => () => FINDERS.ours(html),
  'scan and splice': (html) => () => splice(html, FINDERS.ours(html)),
  adaptHtml: (html) => REWRITERS.adaptHtml(service, html),
  render: (html) => REWRITERS.render(service, html),
  sealing: (html) => REWRITERS.sealing(service, html),
  'htmlparser2 and splice': (html) => () => splice(html, FINDERS.htmlparser2(html)),
};

answerMessages(({ work, warmUpMs, rounds }) => {
  const each = mails.map((html) => ({ html, run: WORKS[work](html) }));
  // Optimised code allocates less: what is measured is a server that has been up for a while.
  const end = performance.now() + warmUpMs;
  for (let i = 0; performance.now() < end; i++) {
    for (const { run } of each) run(RECIPIENTS[i % RECIPIENTS.length]);
  }
  const bytes = each.map(({ run }) => median(samples(run, rounds)));
  return {
    allocated: bytes.reduce((sum, one) => sum + one, 0),
    given: each.reduce((sum, { html }) => sum + Buffer.byteLength(html), 0),
  };
});

/** @returns bytes, of runs in which nothing was collected */
function samples(run, rounds) {
  const numbers = [];
  for (let round = 0; round < rounds * 4 && numbers.length < rounds; round++) {
    globalThis.gc({ type: 'minor' });
    const profiler = new GCProfiler();
    profiler.start();
    const before = memoryUsage().heapUsed;
    globalThis.lastResult = run(RECIPIENTS[round % RECIPIENTS.length]);
    const bytes = memoryUsage().heapUsed - before;
    if (profiler.stop().statistics.length === 0) numbers.push(bytes);
  }
  if (numbers.length === 0) throw new Error('Every round was interrupted by a collection.');
  return numbers;
}
