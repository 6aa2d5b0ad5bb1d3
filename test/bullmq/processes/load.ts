import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';

/** What the generator is told to do. */
export interface LoadSettings {
  port: number;
  paths: string[];
  /** Requests a second, sent on time whatever becomes of the others; 0: as many as are answered. */
  rate: number;
  /** Requests that may be open at a time, where there is no rate. */
  connections: number;
}

/** What became of the requests. */
export interface LoadResult {
  /** By status; 0 where there was no whole answer. */
  statuses: Record<number, number>;
  /** The places of those that were answered with 200. */
  answered: number[];
  seconds: number;
}

const { port, paths, rate, connections } = JSON.parse(
  readFileSync(process.argv[2]!, 'utf8'),
) as LoadSettings;
const agent = new Agent({ keepAlive: true, maxSockets: rate > 0 ? 256 : connections });
const statuses: Record<number, number> = {};
const answered: number[] = [];

function send(place: number): Promise<void> {
  return new Promise((done) => {
    const end = (status: number) => {
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 200) answered.push(place);
      done();
    };
    const outgoing = request({ agent, host: '127.0.0.1', port, path: paths[place] }, (response) => {
      response.resume();
      response.once('end', () => end(response.statusCode!));
      response.once('error', () => end(0));
    });
    outgoing.once('error', () => end(0));
    outgoing.end();
  });
}

void (async () => {
  const started = performance.now();
  let next = 0;
  if (rate > 0) {
    const all: Promise<void>[] = [];
    await new Promise<void>((done) => {
      const timer = setInterval(() => {
        const due = Math.min(paths.length, ((performance.now() - started) / 1000) * rate);
        while (next < due) all.push(send(next++));
        if (next < paths.length) return;
        clearInterval(timer);
        done();
      }, 2);
    });
    await Promise.all(all);
  } else {
    const lane = async () => {
      while (next < paths.length) await send(next++);
    };
    await Promise.all(Array.from({ length: connections }, lane));
  }
  const result: LoadResult = { statuses, answered, seconds: (performance.now() - started) / 1000 };
  process.send!(result, () => process.exit());
})();
