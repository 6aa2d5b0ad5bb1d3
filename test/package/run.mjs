/**
 * Packs the package and tries the tarball in real apps: three Nests, two module systems, each app
 * on Express and on Fastify. Installed as a user would, so that peer ranges, `exports`, types
 * without `skipLibCheck` and the files in the tarball are what is tested.
 *
 *     node test/package/run.mjs [--only nest10-cjs] [--no-build]
 */
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  cleanEnvironment,
  main,
  removeFolder,
  ROOT,
  run,
  temporaryFolder,
  timed,
} from './harness.mjs';

const APPS = ['nest10-cjs', 'nest11-cjs', 'nest12-esm'];
const HERE = import.meta.dirname;

await main(async () => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      'no-build': { type: 'boolean', default: false },
    },
  });
  const apps = values.only ?? APPS;
  const unknown = apps.filter((app) => !APPS.includes(app));
  if (unknown.length > 0) {
    throw new Error(`There is no app ${unknown.join(', ')}. There are: ${APPS.join(', ')}.`);
  }

  const tarball = await pack(values['no-build']);
  const failed = [];
  for (const app of apps) {
    console.log(app);
    try {
      await tryApp(app, tarball);
    } catch (error) {
      // The other hosts are tried all the same: which of them fail says most about the cause.
      console.error(`${app} failed: ${error.message}`);
      failed.push(app);
    }
  }
  if (failed.length > 0) throw new Error(`The package does not work in: ${failed.join(', ')}.`);
});

/** @returns {Promise<string>} the tarball. `npm pack` builds by the script `prepack`. */
async function pack(isBuilt) {
  const folder = temporaryFolder('tracking-pack');
  console.log('pack');
  if (isBuilt && !existsSync(join(ROOT, 'dist'))) {
    throw new Error('There is no dist to pack: run `npm run build`, or leave out --no-build.');
  }
  const command = ['npm', 'pack', '--pack-destination', folder];
  if (isBuilt) command.push('--ignore-scripts');
  await timed(isBuilt ? 'npm pack' : 'build and npm pack', () =>
    run(command, { cwd: ROOT, seconds: 180 }),
  );
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('`npm pack` made no tarball.');
  return join(folder, tarball);
}

async function tryApp(app, tarball) {
  const folder = temporaryFolder(`tracking-${app}`);
  try {
    cpSync(join(HERE, app), folder, { recursive: true });
    cpSync(join(HERE, 'shared', 'main.ts'), join(folder, 'src', 'main.ts'));
    const at = (seconds) => ({ cwd: folder, seconds, env: cleanEnvironment() });
    const install = ['npm', 'install', '--no-audit', '--no-fund', '--no-package-lock', tarball];
    await timed('npm install', () => run(install, at(240)));
    expectOneNest(folder);
    const tsc = [process.execPath, join(folder, 'node_modules', 'typescript', 'bin', 'tsc')];
    await timed('tsc', () => run(tsc, at(180)));
    const output = await timed('run', () => run([process.execPath, 'dist/main.js'], at(60)));
    const line = output.trim();
    if (!/^nest \d+\.\d+\.\d+ (commonjs|esm): express ok, fastify ok$/.test(line)) {
      throw new Error(`it printed something else than its result:\n${output}`);
    }
    await timed('command line', () => tryCommandLine(folder));
    console.log(`  ${line}`);
  } finally {
    removeFolder(folder);
  }
}

/** Its ES modules load a CommonJS Nest in two of the hosts, which no test of ours does. */
async function tryCommandLine(folder) {
  const program = join(folder, 'node_modules', '.bin', 'nestjs-email-tracking');
  const command = (args, key) =>
    run([program, ...args], {
      cwd: folder,
      seconds: 30,
      env: { ...cleanEnvironment(), TRACKING_ENCRYPTION_KEY: key },
    });
  const destination = 'https://www.example.com/sale';
  const key = (await command(['key'])).trim();
  const base = ['--base', 'https://t.example.com/click/'];
  const link = (await command(['link', destination, ...base], key)).trim();
  const said = await command(['inspect', link], key);
  if (!said.includes(destination)) {
    throw new Error(`\`inspect\` does not say where \`${link}\` leads:\n${said}`);
  }
}

/** A peer range that does not fit would give the package a Nest of its own. */
function expectOneNest(folder) {
  const own = join(folder, 'node_modules', 'nestjs-email-tracking', 'node_modules');
  if (existsSync(own)) {
    throw new Error(`the package brought dependencies of its own: ${readdirSync(own).join(', ')}`);
  }
}
