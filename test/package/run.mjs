/**
 * Packs the package and tries the tarball in real apps: three Nests, two module systems, each app
 * on Express and on Fastify. The apps start as `nest new` makes them, and then the README's install
 * line runs, so that this line, peer ranges, `exports`, types without `skipLibCheck` and the files
 * in the tarball are what is tested: first by a test of the app's own test runner, then with the
 * packages of every entry point by another one and by an app that answers hits.
 *
 *     node test/package/run.mjs [--only nest10-cjs] [--no-build]
 */
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** What the entry points of the README's table and the second adapter need, for each Nest. */
const APPS = {
  'nest10-cjs': {
    nest: 10,
    others: ['platform-fastify@10', 'config@3', 'axios@3', 'terminus@10'],
    ciphers: '@noble/ciphers@1',
  },
  'nest11-cjs': {
    nest: 11,
    others: ['platform-fastify@11', 'config@4', 'axios@4', 'terminus@11'],
    ciphers: '@noble/ciphers@1',
    bundlers: ['esbuild', 'webpack'],
  },
  'nest12-esm': {
    nest: 12,
    others: ['platform-fastify@12', 'config@12', 'axios@12', 'terminus@12'],
    ciphers: '@noble/ciphers@2',
  },
};
const ANY_NEST = ['@opentelemetry/api@1', 'axios', 'bullmq', 'ioredis'];
const HERE = import.meta.dirname;

await main(async () => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      'no-build': { type: 'boolean', default: false },
    },
  });
  const known = Object.keys(APPS);
  const apps = values.only ?? known;
  const unknown = apps.filter((app) => !known.includes(app));
  if (unknown.length > 0) {
    throw new Error(`There is no app ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  }

  const tarball = await pack(values['no-build']);
  const failed = [];
  // Side by side, because most of the time goes by waiting for packages. Where one fails the others
  // are tried all the same: which of them fail says most about the cause.
  await Promise.all(
    apps.map(async (app) => {
      try {
        await tryApp(app, tarball);
      } catch (error) {
        console.error(`${app} failed: ${error.message}`);
        failed.push(app);
      }
    }),
  );
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
  const { nest, others, ciphers, bundlers = [] } = APPS[app];
  const step = (name, work) => timed(`${app}: ${name}`, work);
  try {
    cpSync(join(HERE, app), folder, { recursive: true });
    const share = (file, name = file) =>
      cpSync(join(HERE, 'shared', file), join(folder, 'src', name));
    const at = (seconds) => ({ cwd: folder, seconds, env: cleanEnvironment() });
    const install = (packages) =>
      run(['npm', 'install', '--no-audit', '--no-fund', '--no-package-lock', ...packages], at(300));
    const line = installLine(nest).map((name) =>
      name === 'nestjs-email-tracking' ? tarball : name,
    );
    await step('npm install, as in the README', () => install(line));
    expectOneNest(folder);
    share('first-use.ts', 'first-use.spec.ts');
    await step('npm test', () => run(['npm', 'test'], at(120)));

    const nestPackages = others.map((name) => `@nestjs/${name}`);
    await step('npm install for every entry point', () =>
      install([...nestPackages, ciphers, ...ANY_NEST, ...bundlers]),
    );
    expectOneNest(folder);
    share('entry-points.ts', 'entry-points.spec.ts');
    const entryPoints = ['npm', 'test', '--', 'entry-points'];
    await step('npm test with every entry point', () => run(entryPoints, at(120)));
    share('health.ts', 'health.spec.ts');
    const health = ['npm', 'test', '--', 'health'];
    await step('npm test with terminus', () => run(health, at(120)));
    share('main.ts');
    const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
    const compile = [process.execPath, tsc, '-p', 'tsconfig.build.json'];
    await step('tsc', () => run(compile, at(180)));
    const answer = async (file) => {
      const output = await step(`run ${file}`, () => run([process.execPath, file], at(60)));
      const result = output.trim();
      if (/^nest \d+\.\d+\.\d+ (commonjs|esm): express ok, fastify ok$/.test(result)) return result;
      throw new Error(`${file} printed something else than its result:\n${output}`);
    };
    const result = await answer('dist/main.js');
    if (bundlers.length > 0) {
      await step(`bundle with ${bundlers.join(' and ')}`, () =>
        run([process.execPath, join(HERE, 'bundle.cjs')], at(120)),
      );
      for (const bundler of bundlers) await answer(`bundled/${bundler}.js`);
    }
    await step('command line', () => tryCommandLine(folder));
    console.log(`  ${app}: ${result}`);
  } finally {
    removeFolder(folder);
  }
}

/** Returns what the README says to install for a Nest, a package a member. */
function installLine(nest) {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const line = new RegExp(`^# Nest ${nest}\\b.*\\nnpm install (.+)$`, 'm').exec(readme)?.[1];
  if (line === undefined) {
    throw new Error(`README.md has no "# Nest ${nest}" followed by an "npm install" line.`);
  }
  return line.split(' ');
}

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
  const own = join(folder, 'node_modules', 'nestjs-email-tracking', 'node_modules', '@nestjs');
  if (existsSync(own)) {
    throw new Error(`the package brought a Nest of its own: ${readdirSync(own).join(', ')}`);
  }
}
