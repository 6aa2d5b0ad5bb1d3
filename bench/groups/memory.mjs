// What a process keeps of its hits: nothing, we hope.

import { withServers } from '../http/routes.mjs';
import { row } from '../rows.mjs';

export async function measure({ quick, log }) {
  const [few, many] = quick ? [20_000, 100_000] : [200_000, 1_000_000];
  const [early, late] = await withServers(
    ['nestFastify'],
    async ({ nestFastify: { worker, port } }, load) => {
      const memories = [];
      let sofar = 0;
      for (const hits of [few, many]) {
        await load.ask({ port, mix: 'mixed', connections: 32, hits: hits - sofar });
        sofar = hits;
        const memory = await worker.ask({ want: 'memory' });
        memories.push(memory);
        const [rss, heap] = [memory.rss, memory.heapUsed].map((bytes) =>
          (bytes / 2 ** 20).toFixed(1),
        );
        log(`  after ${hits} hits (${memory.count} events): RSS ${rss} MiB, heap ${heap} MiB`);
      }
      return memories;
    },
    { flags: ['--expose-gc'] },
  );
  const name = `memory after ${many} hits / after ${few}`;
  const [ours, other] = [late.rss / 2 ** 20, early.rss / 2 ** 20];
  return [row(name, { ours, other, ratio: ours / other, unit: 'MiB', target: { atMost: 1.1 } })];
}
