/** What both runners share: commands with a time limit, and folders that do not outlive them. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

const isWindows = process.platform === 'win32';
const running = new Set();
const folders = new Set();

for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
]) {
  process.once(signal, () => {
    for (const child of running) stop(child);
    removeFolders();
    process.exit(128 + number);
  });
}
process.once('exit', removeFolders);

/** A folder outside the repository, so that nothing is found in the repository's node_modules. */
export function temporaryFolder(name) {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.delete(folder);
}

function removeFolders() {
  for (const folder of folders) removeFolder(folder);
}

/**
 * Runs a command to its end, and ends it with all that it started when its time is over.
 *
 * @param {string[]} command
 * @param {{ cwd: string, seconds: number, env?: NodeJS.ProcessEnv, show?: boolean }} options
 *   `show` passes the output on; otherwise it is kept for the error message
 * @returns {Promise<string>} what it printed
 */
export function run(command, { cwd, seconds, env = process.env, show = false }) {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
      // A process group of its own, so that it can be ended with its children.
      detached: !isWindows,
      // npm is a script there.
      shell: isWindows,
    });
    running.add(child);
    let output = '';
    const keep = (chunk) => (output += chunk);
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      stop(child);
    }, seconds * 1000);
    const done = (problem) => {
      clearTimeout(timer);
      stop(child);
      running.delete(child);
      if (problem === undefined) resolve(output);
      else reject(new Error(`\`${command.join(' ')}\` ${problem}\n${output}`.trimEnd()));
    };
    child.once('error', (error) => done(`did not start: ${error.message}`));
    child.once('exit', (code, signal) => {
      // What is left of the group would keep the pipes open, and `close` from coming.
      stop(child);
      child.once('close', () => {
        if (isLate) done(`took longer than ${seconds} s`);
        else if (code === 0) done();
        else done(code === null ? `was ended by ${signal}` : `ended with code ${code}`);
      });
    });
  });
}

function stop(child) {
  if (child.pid === undefined) return;
  try {
    if (isWindows) child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone, and so are its children.
  }
}

/** The environment without options of this package, which a CI may have set for itself. */
export function cleanEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('TRACKING_')),
  );
}

/** Does a step and says how long it took. */
export async function timed(title, step) {
  const start = performance.now();
  const result = await step();
  console.log(`  ${title}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/** Runs a script's main function; a failure is one message and a non-zero exit. */
export async function main(task) {
  const start = performance.now();
  try {
    await task();
    console.log(`done in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
