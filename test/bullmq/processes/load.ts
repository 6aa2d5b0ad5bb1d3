import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the generator is told to do. */
export interface LoadSettings {
  port: number;
  paths: string[];
  /** Requests a second at most. */
  rate: number;
}

/** What became of the requests. */
export interface LoadResult {
  /** By status; 0 where there was no whole answer. */
  statuses: Record<number, number>;
  /** The places of those that were answered with 200. */
  answered: number[];
  /** Of the answers, in milliseconds. */
  p99: number;
}

const { port, paths, rate } = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as LoadSettings;
/** How many requests may be open: more of them would measure how they wait for the processor. */
const LANES = 64;

const agent = new Agent({ keepAlive: true });
const statuses: Record<number, number> = {};
const answered: number[] = [];
const times: number[] = [];

function send(place: number): Promise<void> {
  const started = performance.now();
  return new Promise((done) => {
    const end = (status: number) => {
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status > 0) times.push(performance.now() - started);
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

/** One request after the other, each not before its time. */
async function lane(): Promise<void> {
  while (next < paths.length) {
    const place = next++;
    await sleep(Math.max(0, started + (place * 1000) / rate - performance.now()));
    await send(place);
  }
}

const started = performance.now();
let next = 0;

void Promise.all(Array.from({ length: LANES }, lane)).then(() => {
  times.sort((a, b) => a - b);
  const p99 = times[Math.floor(times.length * 0.99)] ?? 0;
  const result: LoadResult = { statuses, answered, p99 };
  process.send!(result, () => process.exit());
});
