/**
 * From a fresh clone to the running sample app: installs what is missing, builds the package and
 * the app, starts it in the foreground. Plain Node, since nothing may be installed yet.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';

const NEEDED_NODE = [20, 19];
const root = dirname(dirname(fileURLToPath(import.meta.url)));

let running = null;
let stopped = false;

/** Runs a program in the repository; resolves to its exit code. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    running = spawn(command, args, { cwd: root, stdio: 'inherit' });
    running.once('error', reject);
    running.once('exit', (code, signal) => {
      running = null;
      resolve(code ?? (signal ? 1 : 0));
    });
  });
}

/** npm as it was called, where it was: on Windows it is not a program that can be started. */
function npm(...args) {
  const cli = process.env.npm_execpath;
  return cli && cli.endsWith('npm-cli.js') && existsSync(cli)
    ? run(process.execPath, [cli, ...args])
    : run('npm', args);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NEEDED_NODE[0] || (major === NEEDED_NODE[0] && minor >= NEEDED_NODE[1])) return;
  fail(`This needs Node ${NEEDED_NODE.join('.')} or newer; here is ${process.versions.node}.`);
}

/** Whether node_modules holds what package-lock.json asks for, by npm's own note of it. */
function isInstalled() {
  const note = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(note)) return false;
  const packages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = packages(note);
  return Object.entries(packages(join(root, 'package-lock.json'))).every(
    ([path, { version, optional }]) =>
      // Optional packages are those of other systems.
      path === '' || optional || (installed[path] && installed[path].version === version),
  );
}

async function step(title, work) {
  if (stopped) process.exit(1);
  console.log(title);
  const code = await work();
  if (code !== 0) process.exit(stopped ? 1 : code);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

function stop(signal) {
  stopped = true;
  if (running) running.kill(signal);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));

// npm starts this through a shell, which dies of a signal without passing it on.
const parent = process.ppid;
if (process.env.npm_lifecycle_event === 'demo') {
  setInterval(() => process.ppid !== parent && stop('SIGTERM'), 500).unref();
}

async function main() {
  checkNode();
  if (!isInstalled()) {
    await step('Installing …', () =>
      npm('ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'),
    );
  }
  await step('Building the package …', () => npm('run', '--silent', 'build'));
  await step('Building the sample app …', () => npm('run', '--silent', 'build:sample'));
  await step('Starting …', () => run(process.execPath, [join('dist-sample', 'main.js')]));
}

main().catch((error) => fail(`The demo did not start: ${error.message}`));
