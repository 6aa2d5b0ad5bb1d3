/**
 * Who may know whom. A room is a folder of lib/; each may import itself, the error, the types of
 * the options, and the rooms that are named here.
 */
const rooms = {
  link: [],
  message: ['link'],
  event: ['link'],
  verdict: ['event', 'link'],
  hit: ['link', 'event', 'verdict'],
};

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A circle of values breaks decorators, and hides who owns what.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    ...Object.entries(rooms).map(([room, known]) => ({
      name: `arrows-of-${room}`,
      comment: `lib/${room} knows ${['nobody else', ...known].slice(known.length && 1).join(', ')}.`,
      severity: 'error',
      from: { path: `^lib/${room}/` },
      to: {
        path: '^lib/',
        pathNot: [
          `^lib/(?:${[room, ...known].join('|')})/`,
          '^lib/tracking\\.error\\.ts$',
          '^lib/tracking\\.options\\.ts$',
        ],
      },
    })),
    {
      name: 'options-are-types-for-rooms',
      comment: 'Rooms use the types of the options; reading and checking them is done at the top.',
      severity: 'error',
      from: { path: '^lib/[^/]+/' },
      to: { path: '^lib/tracking\\.options\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'plain-typescript',
      comment: 'Links, mails and verdicts work without Nest.',
      severity: 'error',
      from: { path: '^lib/(?:link|message|verdict)/' },
      to: { path: 'node_modules/(?:@nestjs|rxjs)' },
    },
    {
      name: 'config-in-its-own-entry',
      comment: '@nestjs/config is optional: only ./config may touch it.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/tracking\\.config\\.ts$' },
      to: { path: 'node_modules/@nestjs/config' },
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
