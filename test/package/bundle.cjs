/**
 * Bundles `dist/main.js` of the app in the working folder with esbuild and with webpack, packages
 * included, to `bundled/`. Each bundle then answers like the app itself.
 */
const { createRequire } = require('node:module');
const { join } = require('node:path');

const app = process.cwd();
const find = createRequire(join(app, 'index.js'));

/** What Nest asks for only in apps that have it: left to run time, as Nest's documents advise. */
const OPTIONAL = [
  '@fastify/static',
  '@fastify/view',
  '@nestjs/microservices',
  '@nestjs/microservices/microservices-module',
  '@nestjs/websockets/socket-module',
  'class-transformer',
];

async function bundle() {
  await find('esbuild').build({
    entryPoints: [join(app, 'dist/main.js')],
    outfile: join(app, 'bundled/esbuild.js'),
    bundle: true,
    platform: 'node',
    keepNames: true,
    external: OPTIONAL,
    logLevel: 'error',
  });
  const stats = await new Promise((resolve, reject) => {
    find('webpack')(
      {
        context: app,
        entry: './dist/main.js',
        mode: 'none',
        target: 'node',
        output: { path: join(app, 'bundled'), filename: 'webpack.js' },
        externals: Object.fromEntries(OPTIONAL.map((name) => [name, `commonjs ${name}`])),
        // Packages of others try `require` on what may be missing.
        ignoreWarnings: [() => true],
      },
      (error, done) => (error ? reject(error) : resolve(done)),
    );
  });
  if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
}

bundle().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
