/**
 * Who may know whom. A room is a folder of lib/; each may import itself, the error, util/, and the
 * rooms that are named here. Rooms declare what they need of the options themselves.
 */
const rooms = {
  util: [],
  sql: [],
  link: [],
  message: ['link'],
  event: ['link'],
  verdict: ['event', 'link'],
  webhook: ['event', 'link'],
  privacy: ['event', 'link'],
  hit: ['link', 'event'],
  unsubscribe: ['link', 'event', 'hit'],
  doctor: ['link', 'message', 'event', 'hit'],
};

/** Rooms whose public methods take overrides: they know this one type. */
const knowOverrides = ['message', 'hit', 'unsubscribe'];

/** Rooms that could be packages of their own: of the core, they know the list that is for them. */
const optionalRooms = ['bullmq', 'consent', 'esp', 'otel', 'stats', 'suppression'];

/** Rooms that know the public entry and util/, and nothing else. */
const onThePublicApi = ['nodemailer', 'testing'];

/** A rule for what only those need who ask for it: nobody else in lib/ may touch it. */
const optional = (name, comment, home, path) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^lib/', pathNot: home },
  to: { path },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A circle, of types too, hides who owns what; one of values breaks decorators.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...Object.entries(rooms).map(([room, known]) => ({
      name: `arrows-of-${room}`,
      comment: `lib/${room} knows ${['nobody else', ...known].slice(known.length && 1).join(', ')}.`,
      severity: 'error',
      from: { path: `^lib/${room}/` },
      to: {
        path: '^lib/',
        pathNot: [
          `^lib/(?:${[room, 'util', ...known].join('|')})/`,
          '^lib/tracking\\.error\\.ts$',
          ...(knowOverrides.includes(room) ? ['^lib/options/tracking\\.options\\.ts$'] : []),
        ],
      },
    })),
    ...optionalRooms.map((room) => ({
      name: `arrows-of-${room}`,
      comment: `lib/${room} knows plugin.ts, sql/, the error and util/, nothing else.`,
      severity: 'error',
      from: { path: `^lib/${room}/` },
      to: {
        path: '^lib/',
        pathNot: [`^lib/(?:${room}|util|sql)/`, '^lib/(?:plugin|tracking\\.error)\\.ts$'],
      },
    })),
    {
      name: 'plugin-for-optional-rooms',
      comment: 'plugin.ts is the list for the optional rooms; the core knows its own rooms.',
      severity: 'error',
      from: { path: '^lib/', pathNot: `^lib/(?:${optionalRooms.join('|')})/` },
      to: { path: '^lib/plugin\\.ts$' },
    },
    ...onThePublicApi.map((room) => ({
      name: `arrows-of-${room}`,
      comment: `lib/${room} is built as a user would build it: on what the package exports.`,
      severity: 'error',
      from: { path: `^lib/${room}/` },
      to: { path: '^lib/', pathNot: [`^lib/(?:${room}|util)/`, '^lib/index\\.ts$'] },
    })),
    {
      name: 'nobody-knows-what-is-built-on-top',
      comment: 'What is built on the public API has an entry point of its own.',
      severity: 'error',
      from: { path: '^lib/', pathNot: `^lib/(?:${onThePublicApi.join('|')})/` },
      to: { path: `^lib/(?:${onThePublicApi.join('|')})/` },
    },
    {
      name: 'options-are-types-for-rooms',
      comment: 'Reading and checking options is done at the top.',
      severity: 'error',
      from: { path: '^lib/[^/]+/', pathNot: '^lib/(?:options|cli)/' },
      to: { path: '^lib/options/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'plain-typescript',
      comment: 'Links, mails and verdicts work without Nest.',
      severity: 'error',
      from: { path: '^lib/(?:link|message|verdict)/' },
      to: { path: 'node_modules/(?:@nestjs|rxjs)' },
    },
    optional(
      'config-in-its-own-entry',
      '@nestjs/config is optional: only ./config may touch it.',
      '^lib/options/tracking\\.config\\.ts$',
      'node_modules/@nestjs/config',
    ),
    {
      name: 'ptrack-on-the-public-api',
      comment: 'lib/ptrack uses what a user would, and the spelling of Python that links share.',
      severity: 'error',
      from: { path: '^lib/ptrack/' },
      to: {
        path: '^lib/',
        pathNot: [
          '^lib/(?:ptrack|util)/',
          '^lib/index\\.ts$',
          '^lib/link/(?:codecs/|json-value\\.ts$)',
        ],
      },
    },
    optional(
      'ciphers-in-their-own-entry',
      '@noble/ciphers is optional: only ./ptrack may touch it.',
      '^lib/ptrack/',
      'node_modules/@noble/ciphers',
    ),
    {
      name: 'ptrack-in-its-own-entry',
      comment: 'Nobody loads ./ptrack unasked: the command line does when it is told to.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/ptrack/' },
      to: { path: '^lib/ptrack/', dependencyTypesNot: ['dynamic-import'] },
    },
    optional(
      'bullmq-in-its-own-entry',
      'bullmq is optional: only ./bullmq may touch it, and nobody loads ./bullmq unasked.',
      '^lib/bullmq/',
      '^lib/bullmq/|node_modules/(?:bullmq|@nestjs/bullmq|ioredis)/',
    ),
    optional(
      'otel-in-its-own-entry',
      '@opentelemetry/api is optional: only ./otel may touch it, and nobody loads ./otel unasked.',
      '^lib/otel/',
      '^lib/otel/|node_modules/@opentelemetry/',
    ),
    {
      name: 'no-client-of-a-database',
      comment: 'The stores take the client that the app has.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: 'node_modules/(?:@types/)?(?:pg|@electric-sql/pglite)/' },
    },
    {
      name: 'stats-in-its-own-entry',
      comment: 'Nobody loads ./stats unasked.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/stats/' },
      to: { path: '^lib/stats/' },
    },
    {
      name: 'privacy-in-its-own-entry',
      comment: 'Nobody loads ./privacy unasked.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/consent/' },
      to: { path: '^lib/consent/' },
    },
    {
      name: 'suppression-in-its-own-entry',
      comment: 'Nobody loads ./suppression unasked.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/suppression/' },
      to: { path: '^lib/suppression/' },
    },
    {
      name: 'no-dev-dependencies',
      comment: 'What the package imports must be installed with it.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', 'type-only'] },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'sample-app-uses-the-package',
      comment: 'The sample app is a user: it imports the package by its name.',
      severity: 'error',
      from: { path: '^sample-app/' },
      to: { path: '^lib/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: 'specify',
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
    },
  },
};
