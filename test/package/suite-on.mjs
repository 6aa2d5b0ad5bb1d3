/**
 * Runs the repository's own suite with an older Nest installed over the one of the lock file.
 *
 *     node test/package/suite-on.mjs 10|11 [--without sample-app]… [-- arguments of jest]
 *
 * `--without` leaves out a folder or file of tests: a pattern of its path below `test/`. Types are not checked here: Jest compiles without, and
 * the apps beside this file are compiled against their Nest.
 */
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { main, ROOT, run, temporaryFolder, timed } from './harness.mjs';

/** What belongs together: these packages have had version numbers of their own until Nest 12. */
const NESTS = {
  10: { common: 10, 'event-emitter': 2, config: 3, axios: 3 },
  11: { common: 11, 'event-emitter': 3, config: 4, axios: 4 },
};
const LIKE_COMMON = ['core', 'platform-express', 'platform-fastify', 'testing'];

await main(async () => {
  const { values, positionals } = parseArgs({
    options: { without: { type: 'string', multiple: true, default: [] } },
    allowPositionals: true,
  });
  const [nest, ...jestArguments] = positionals;
  const majors = NESTS[nest];
  if (majors === undefined) {
    throw new Error(`Say which Nest: ${Object.keys(NESTS).join(' or ')}.`);
  }

  const folder = temporaryFolder(`tracking-on-nest${nest}`);
  console.log(`the suite on Nest ${nest}`);
  await timed('copy', () => copyRepository(folder));
  await timed('link what is installed', () =>
    linkFolder(join(ROOT, 'node_modules'), join(folder, 'node_modules')),
  );
  // One step, so that the lock file holds for everything else. What is for Nest 12 alone among the
  // development tools stays, and would object to its peers.
  const install = ['npm', 'install', '--no-save', '--legacy-peer-deps', '--no-audit', '--no-fund'];
  await timed(`npm install with Nest ${nest}`, () =>
    run([...install, ...packages(majors)], { cwd: folder, seconds: 420 }),
  );
  expectNest(folder, nest);

  const jest = [process.execPath, join(folder, 'node_modules', 'jest', 'bin', 'jest.js')];
  // After the arguments: Jest would take paths behind them for further patterns.
  const ignored = values.without.map((name) => `--testPathIgnorePatterns=/test/${name}[/.]`);
  const vectors = process.env.TRACKING_VECTORS ?? join(ROOT, '..', 'shared', 'vectors');
  const env = existsSync(vectors) ? { ...process.env, TRACKING_VECTORS: vectors } : process.env;
  await timed('jest', () =>
    run([...jest, ...jestArguments, ...ignored], { cwd: folder, seconds: 900, env, show: true }),
  );
});

/** The files as they are now, committed or not, without what is ignored. */
async function copyRepository(folder) {
  const list = ['git', 'ls-files', '-co', '--exclude-standard', '-z'];
  const files = await run(list, { cwd: ROOT, seconds: 60 });
  for (const file of files.split('\0')) {
    const source = join(ROOT, file);
    // A file that was deleted and not yet committed is still listed.
    if (file === '' || !existsSync(source)) continue;
    const target = join(folder, file);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(source, target);
  }
}

/**
 * Packages that stay the same need no second install. npm puts new files where packages differ, and
 * never writes into old ones, except for its own list of what is installed.
 */
function linkFolder(from, to) {
  if (!existsSync(from)) return;
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFolder(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (entry.name === '.package-lock.json') copyFileSync(source, target);
    else linkOrCopy(source, target);
  }
}

function linkOrCopy(source, target) {
  try {
    linkSync(source, target);
  } catch {
    // Another file system, or one without links.
    copyFileSync(source, target);
  }
}

function packages({ common, ...others }) {
  const like = Object.fromEntries(LIKE_COMMON.map((name) => [name, common]));
  return Object.entries({ common, ...like, ...others }).map(
    ([name, major]) => `@nestjs/${name}@^${major}.0.0`,
  );
}

/** Otherwise a green suite would speak of the wrong Nest. */
function expectNest(folder, nest) {
  for (const name of ['common', ...LIKE_COMMON]) {
    const file = join(folder, 'node_modules', '@nestjs', name, 'package.json');
    const { version } = JSON.parse(readFileSync(file, 'utf8'));
    if (!version.startsWith(`${nest}.`)) {
      throw new Error(`@nestjs/${name} is ${version}, not of Nest ${nest}.`);
    }
  }
  const nested = join(folder, 'node_modules', '@nestjs', 'core', 'node_modules', '@nestjs');
  if (existsSync(nested)) throw new Error('@nestjs/core brought a Nest of its own.');
}
