// Candidates in processes of their own, asked in shuffled rounds, judged by their medians.

import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A process of ours that answers one message at a time. */
export class Worker {
  /**
   * @param file what it runs
   * @param options.core the place of its core in the list of those we may use
   */
  static async start(file, args = [], { core, flags = [] } = {}) {
    const path = fileURLToPath(file);
    const pinned = core === undefined ? undefined : pin(core);
    // Its stdout goes to our stderr: stdout is for the table.
    const stdio = ['ignore', process.stderr, process.stderr, 'ipc'];
    const child = pinned
      ? spawn(pinned[0], [...pinned.slice(1), process.execPath, ...flags, path, ...args], { stdio })
      : fork(path, args, { stdio, execArgv: flags });
    const worker = new Worker(child, `${file.pathname.split('/').pop()} ${args.join(' ')}`);
    await worker.answer();
    return worker;
  }

  constructor(child, name) {
    this.child = child;
    this.name = name;
  }

  /** Sends a message and waits for what comes back. */
  ask(message) {
    const answer = this.answer();
    this.child.send(message);
    return answer;
  }

  answer() {
    return new Promise((resolve, reject) => {
      const settle = (error, value) => {
        this.child.off('message', onMessage);
        this.child.off('exit', onExit);
        if (error) reject(error);
        else resolve(value);
      };
      const onMessage = (message) =>
        message.error
          ? settle(new Error(`${this.name}: ${message.error}`))
          : settle(undefined, message);
      const onExit = (code) => settle(new Error(`${this.name}: ended with code ${code}`));
      this.child.on('message', onMessage);
      this.child.on('exit', onExit);
    });
  }

  async stop() {
    if (this.child.exitCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.disconnect();
    await gone;
  }
}

/** The other side of {@link Worker}: answers each message with what `handle` makes of it. */
export function answerMessages(handle) {
  process.on('message', async (message) => {
    try {
      process.send((await handle(message)) ?? {});
    } catch (error) {
      process.send({ error: error.stack });
    }
  });
  process.on('disconnect', () => process.exit());
  process.send({});
}

/** Starts a command on one core only, where Linux lets us; otherwise the scheduler decides. */
function pin(place) {
  const taskset = ['/usr/bin/taskset', '/bin/taskset'].find((path) => existsSync(path));
  const cores = usableCores();
  return taskset && cores.length > 1 ? [taskset, '-c', String(cores[place])] : undefined;
}

function usableCores() {
  if (!existsSync('/proc/self/status')) return [];
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return (list ?? '').split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/**
 * Asks every candidate once a round, in an order that is shuffled each time, so that what the
 * machine does meanwhile falls on all of them alike.
 *
 * @param candidates by name: what measures one round and gives a number
 * @returns the numbers of each, by name
 */
export async function interleave(candidates, rounds) {
  const names = Object.keys(candidates);
  const numbers = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of shuffled(names)) numbers[name].push(await candidates[name]());
  }
  return numbers;
}

function shuffled(items) {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Measures functions: each in a process of its own, warmed up, and all of that several times over,
 * because two processes of the same code can differ by a few percent all their lives.
 *
 * @param file a module whose `candidates` are factories of functions, by name
 * @param options.warmUpMs how long each is called before it counts
 * @returns microseconds for one call, by name
 */
export async function timeCandidates(file, names, { quick, log, warmUpMs = quick ? 50 : 300 }) {
  const [launches, rounds] = quick ? [1, 5] : [4, 9];
  const all = Object.fromEntries(names.map((name) => [name, []]));
  for (let launch = 0; launch < launches; launch++) {
    const workers = new Map();
    try {
      for (const name of names) {
        const worker = await Worker.start(CANDIDATE, [file.href, name]);
        workers.set(name, worker);
        await worker.ask({ warmUpMs });
      }
      const asked = names.map((name) => [
        name,
        async () => (await workers.get(name).ask({ roundMs: quick ? 20 : 50 })).microseconds,
      ]);
      const numbers = await interleave(Object.fromEntries(asked), rounds);
      for (const name of names) all[name].push(...numbers[name]);
    } finally {
      for (const worker of workers.values()) await worker.stop();
    }
  }
  const medians = Object.fromEntries(names.map((name) => [name, median(all[name])]));
  for (const name of names) log(`  ${name}: ${medians[name].toFixed(2)} µs`);
  return medians;
}

const CANDIDATE = new URL('candidate.mjs', import.meta.url);
