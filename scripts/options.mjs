/**
 * Writes docs/options.md from the doc comments of the options.
 *
 *     node scripts/options.mjs [--check] [file]
 *
 * With `--check` it writes nothing, and fails when the file is not what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';

const ROOT = dirname(import.meta.dirname);

/** The headings of the options of TrackingModule, in their order: `@group` names one of them. */
const GROUPS = [
  'Where links start and routes answer',
  'Keys and formats',
  'What links carry',
  'Rewriting mails',
  'Letting readers leave',
  'Answering readers',
  'Events',
  'Posting to webhooks',
  'Options for links of pytracking',
];

/**
 * The sections of the page. `prefix` tells options apart that have the same name; `environment`
 * says that `trackingConfig` reads them.
 */
const SECTIONS = [
  {
    title: 'TrackingModule',
    file: 'options/tracking.options.ts',
    type: 'TrackingOptions',
    environment: true,
  },
  {
    title: 'Redirects',
    file: 'options/redirect.options.ts',
    type: 'RedirectOptions',
    prefix: 'redirect.',
    environment: true,
  },
  {
    title: 'Webhook targets',
    file: 'options/webhook.options.ts',
    type: 'WebhookOptions',
    prefix: 'webhooks[].',
  },
  {
    title: 'Batches of webhooks',
    file: 'options/webhook.options.ts',
    type: 'WebhookBatchOptions',
    prefix: 'webhooks[].batch.',
  },
  {
    title: 'Verdicts',
    file: 'options/verdict.options.ts',
    type: 'VerdictOptions',
    prefix: 'verdict.',
    environment: true,
  },
  {
    title: 'Unsubscribing',
    file: 'options/unsubscribe.options.ts',
    type: 'UnsubscribeOptions',
    prefix: 'unsubscribe.',
    environment: true,
  },
  {
    title: 'Keeping less',
    file: 'options/privacy.options.ts',
    type: 'KeepOptions',
    prefix: 'keep.',
    environment: true,
  },
  {
    title: 'Secrets in URLs',
    file: 'options/privacy.options.ts',
    type: 'RedactUrlOptions',
    prefix: 'redactUrl.',
    environment: true,
  },
  {
    title: 'Modes',
    file: 'options/privacy.options.ts',
    type: 'PrivacyOptions',
    prefix: 'privacy.',
    environment: true,
  },
  {
    title: 'Answers about consent',
    file: 'options/privacy.options.ts',
    type: 'ConsentFailureOptions',
    prefix: 'privacy.onFailure.',
    environment: true,
  },
  {
    title: 'What Nest must know first',
    file: 'tracking.module-definition.ts',
    type: 'TrackingModuleExtras',
  },
  {
    title: 'EspTrackingModule',
    file: 'esp/esp.options.ts',
    type: 'EspTrackingOptions',
    more: [['esp/esp.options.ts', 'EspTrackingModuleExtras']],
    owner: 'EspTrackingModule',
  },
  {
    title: 'Every provider',
    file: 'esp/esp-provider.ts',
    type: 'EspProviderOptions',
    prefix: 'providers.*.',
  },
  {
    title: 'TrackingQueueModule',
    file: 'bullmq/queue-options.ts',
    type: 'TrackingQueueOptions',
    owner: 'TrackingQueueModule',
  },
  {
    title: 'Backoff of the queue',
    file: 'bullmq/queue-options.ts',
    type: 'TrackingQueueBackoff',
    prefix: 'backoff.',
  },
  {
    title: 'What the queue remembers',
    file: 'bullmq/queue-options.ts',
    type: 'TrackingQueueKeepDone',
    prefix: 'keepDone.',
  },
  {
    title: 'What the queue parks',
    file: 'bullmq/queue-options.ts',
    type: 'TrackingQueueKeepParked',
    prefix: 'keepParked.',
  },
  {
    title: 'TrackingStatsModule',
    file: 'stats/stats-options.ts',
    type: 'TrackingStatsOptions',
    more: [['stats/tracking-stats.module.ts', 'TrackingStatsModuleExtras']],
    owner: 'TrackingStatsModule',
  },
  {
    title: 'TrackingSuppressionModule',
    file: 'suppression/suppression-options.ts',
    type: 'TrackingSuppressionOptions',
    more: [['suppression/tracking-suppression.module.ts', 'TrackingSuppressionModuleExtras']],
    owner: 'TrackingSuppressionModule',
  },
  {
    title: 'TrackingPrivacyModule',
    file: 'consent/privacy-options.ts',
    type: 'TrackingPrivacyOptions',
    more: [['consent/tracking-privacy.module.ts', 'TrackingPrivacyModuleExtras']],
    owner: 'TrackingPrivacyModule',
  },
];

/** Names of types that say more when they are written out. */
const ALIASES = {
  LinkFormat: 'link/link-codec.ts',
  PixelFormat: 'link/pixel.ts',
  UrlJoin: 'link/tracking-url.ts',
  EspSecret: 'esp/esp-provider.ts',
  TrackingQueueRole: 'bullmq/queue-options.ts',
};

/** How a variable of the environment is written, by the function that reads it. */
const SPELLINGS = {
  text: '',
  number: '',
  flag: ' (`true` or `false`)',
  list: ' (a list with commas)',
  json: ' (JSON)',
  patterns: ' (a list with commas, or JSON)',
};

const HEAD = `# Options

<!-- Written by \`npm run docs:options\` from the doc comments of the options. Do not edit. -->

All options of all modules. All problems of a configuration are reported in one error when the app starts, each with
the name of the option and what to do; an option that does not exist is one of them.

The options of \`TrackingModule\` can differ from call to call, for example by tenant: the methods of \`TrackingService\`
take them as their last argument, \`tracking.with(overrides)\` returns a \`Tracker\` that has the same methods with these
overrides, and \`getConfiguration\` of a controller returns them. Overrides are resolved once and found again by their
content: keep functions, codecs and regular expressions in constants, because these are told apart by identity. Options
that hold for the whole process are marked. All but functions and codecs can come from [environment variables](reference.md#environment-variables).

In the examples, \`options\` stands for the options of the [quick start](../README.md#quick-start).`;

function optionsPage() {
  const fixed = processOptions();
  const [main, ...others] = SECTIONS.map(readSection);
  const grouped = GROUPS.map((group) => [group, main.members.filter((one) => one.group === group)]);
  const lost = main.members.filter(({ group }) => !GROUPS.includes(group));
  if (lost.length > 0) {
    const names = lost.map(({ name }) => name).join(', ');
    throw new Error(`@group must be one of: ${GROUPS.join(', ')}. It is not at: ${names}.`);
  }
  const option = (section, level) => (member) => {
    const facts = [`- Type: \`${member.type}\``, `- ${defaultOf(member)}`];
    const variable = variableOf(section, member);
    if (variable) facts.push(`- Environment: ${variable}`);
    if (section === main && fixed.has(member.name)) {
      facts.push('- Holds for the whole process: it cannot differ from call to call');
    }
    const title = `${level} ${headingOf(section, member)}`;
    return [title, facts.join('\n'), member.text, ...member.examples].join('\n\n');
  };
  const sections = [
    HEAD,
    contents(main, grouped, others),
    sectionHead(main),
    ...grouped.flatMap(([group, members]) => [
      `### ${group}`,
      ...members.map(option(main, '####')),
    ]),
    ...others.flatMap((section) => [
      sectionHead(section),
      ...section.members.map(option(section, '###')),
    ]),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** A list of all options, because there are too many to look for one by scrolling. */
function contents(main, grouped, others) {
  const links = (section, members) =>
    members
      .map((member) => `[\`${member.name}\`](#${anchorOf(headingOf(section, member))})`)
      .join(', ');
  return [
    ...grouped.map(([group, members]) => `- ${group}: ${links(main, members)}`),
    ...others.map((section) => {
      const title = `[${section.title}](#${anchorOf(section.title)})`;
      return `- ${title}: ${links(section, section.members)}`;
    }),
  ].join('\n');
}

function headingOf({ owner, prefix = '' }, { name }) {
  return owner ? `${owner}: \`${name}\`` : `\`${prefix}${name}\``;
}

/** A list of objects has no variables for their members. */
function variableOf({ environment, prefix = '' }, { name, reader }) {
  if (!environment || !reader) return undefined;
  const path = (prefix + name).replaceAll('.', '__').replace(/[A-Z]/g, '_$&');
  return `\`TRACKING_${path.toUpperCase()}\`${SPELLINGS[reader]}`;
}

/** As GitHub makes them. */
function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');
}

function sectionHead({ title, text, examples }) {
  return [`## ${title}`, text, ...examples].join('\n\n');
}

function defaultOf({ byDefault, isOptional }) {
  if (byDefault === undefined) return isOptional ? 'Default: none' : 'Required';
  const isCode = /^(?:'.*'|true|false|[\d ]+|\[.*\]|\{.*\}|[a-z]+[A-Z]\w*)$/.test(byDefault);
  return `Default: ${isCode ? `\`${byDefault}\`` : byDefault}`;
}

function readSection(section) {
  const declaration = declarationOf(section.file, section.type);
  const further = (section.more ?? []).map(([file, type]) => declarationOf(file, type));
  const members = [declaration, ...further].flatMap((node) => [...node.members]).map(readMember);
  const { text, examples } = readComment(declaration);
  return { ...section, text, examples, members: members.filter(Boolean) };
}

function readMember(node) {
  if (!ts.isPropertyDeclaration(node) && !ts.isPropertySignature(node)) return undefined;
  const name = node.name.getText();
  const comment = readComment(node);
  if (!comment.text) throw new Error(`The option ${name} has no doc comment.`);
  const initial = node.initializer?.getText().replaceAll('_', '');
  // The members of a nested object have defaults of their own.
  const isNested = initial?.startsWith('new ') ?? false;
  if (initial !== undefined && !isNested && initial !== comment.byDefault) {
    throw new Error(`@default of ${name} must be ${initial}, as its initial value is.`);
  }
  return {
    name,
    type: typeText(node.type),
    isOptional: node.questionToken !== undefined,
    reader: readerOf(node),
    ...comment,
  };
}

function readComment(node) {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const tags = comment?.tags ?? [];
  const said = (name) =>
    tags
      .filter(({ tagName }) => tagName.text === name)
      .map((tag) => plain(ts.getTextOfJSDocComment(tag.comment) ?? ''));
  return {
    text: plain(ts.getTextOfJSDocComment(comment?.comment) ?? ''),
    byDefault: said('default')[0],
    group: said('group')[0],
    // An example that leaves something out is for the eye of whoever reads the source.
    examples: said('example')
      .filter((example) => !example.includes('…'))
      .map(withImports),
  };
}

function plain(comment) {
  return comment.replace(/\{@link\s+([^}\s]+)\s*\}/g, '`$1`').trim();
}

/** What the examples use, and where it comes from. */
const IMPORTS = {
  TrackingModule: 'nestjs-email-tracking',
  TrackingQueueModule: 'nestjs-email-tracking/bullmq',
  TrackingStatsModule: 'nestjs-email-tracking/stats',
  TrackingSuppressionModule: 'nestjs-email-tracking/suppression',
  TrackingPrivacyModule: 'nestjs-email-tracking/privacy',
  EspTrackingModule: 'nestjs-email-tracking/esp',
};

function withImports(example) {
  const lines = Object.entries(IMPORTS)
    .filter(([name]) => new RegExp(`\\b${name}\\b`).test(example))
    .map(([name, from]) => `import { ${name} } from '${from}';\n`);
  const gap = example.startsWith('```ts\nimport') ? '' : '\n';
  return example.replace('```ts\n', '```ts\n' + lines.join('') + gap);
}

function typeText(node) {
  let text = node.getText().replace(/\/\*\*.*?\*\//gs, '');
  text = text.replace(/\s+/g, ' ').replace(/^\| /, '');
  for (const [name, file] of Object.entries(ALIASES)) {
    if (!new RegExp(`\\b${name}\\b`).test(text)) continue;
    const alias = declarationOf(file, name).type.getText().replace(/\s+/g, ' ').replace(/^\| /, '');
    text = text.replace(`${name}[]`, `(${alias})[]`).replace(new RegExp(`\\b${name}\\b`), alias);
  }
  return text;
}

/** How the text of a member's environment variable is read: as the decorator of the member says. */
function readerOf(node) {
  for (const { expression } of ts.getDecorators(node) ?? []) {
    const reader = READERS.get(expression.expression.getText());
    if (reader) return reader;
  }
  return undefined;
}

/** The first argument of `checkedBy` in each decorator that is made with it. */
function readersOfDecorators() {
  const readers = new Map([
    ['Nested', 'json'],
    ['NestedList', 'json'],
  ]);
  for (const file of ['util/checks.ts', 'options/tracking-checks.ts']) {
    for (const statement of parse(file).statements) {
      const name = statement.name ?? statement.declarationList?.declarations[0].name;
      const [, reader] = /\bcheckedBy\((\w+),/.exec(statement.getText()) ?? [];
      if (name && reader && reader !== 'none') readers.set(name.getText(), reader);
    }
  }
  return readers;
}

function processOptions() {
  const { elements } = constantOf('options/tracking.options.ts', 'PROCESS_OPTIONS');
  return new Set(elements.map(({ text }) => text));
}

function constantOf(file, name) {
  for (const statement of parse(file).statements.filter(ts.isVariableStatement)) {
    for (const declared of statement.declarationList.declarations) {
      if (declared.name.getText() !== name) continue;
      let value = declared.initializer;
      while (ts.isAsExpression(value) || ts.isSatisfiesExpression(value)) value = value.expression;
      return value;
    }
  }
  throw new Error(`lib/${file} has no constant ${name}.`);
}

function declarationOf(file, name) {
  const found = parse(file).statements.find((node) => node.name?.text === name);
  if (!found) throw new Error(`lib/${file} declares no ${name}.`);
  return found;
}

const parsed = new Map();

function parse(file) {
  if (!parsed.has(file)) parsed.set(file, read(file));
  return parsed.get(file);
}

function read(file) {
  const text = readFileSync(join(ROOT, 'lib', file), 'utf8');
  return ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
}

const READERS = readersOfDecorators();

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const file = positionals[0] ?? join(ROOT, 'docs', 'options.md');
const page = optionsPage();
if (!values.check) {
  writeFileSync(file, page);
} else if (readFileSync(file, 'utf8') !== page) {
  console.error(`${file} is not what the doc comments say. Run: npm run docs:options`);
  process.exitCode = 1;
}
