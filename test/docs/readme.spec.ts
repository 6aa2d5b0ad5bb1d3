import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documents } from './documents.js';
import { fileNameOf, ROOT } from './markdown.js';

const readme = documents.get('README.md')!;
const codeOf = (section: string) => readme.blocks.filter((block) => block.section === section);

test('README.md fits on a few screens', () => {
  expect(readme.text.trimEnd().split('\n').length).toBeLessThanOrEqual(300);
  expect(readme.text.split(/\s+/).length).toBeLessThanOrEqual(1550);
});

test('its sections come in the order that a newcomer needs', () => {
  expect(readme.headings).toEqual([
    'nestjs-email-tracking',
    'Try it',
    'Quick start',
    'People and machines',
    'Let readers leave',
    'Recipes',
    'Entry points',
    'Security',
    'Coming from another library',
    'Compatibility',
    'Contributing',
    'Licence',
  ]);
  const pictures = [...readme.text.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, file]) => file);
  expect(pictures).toEqual([
    'docs/images/badge-node.svg',
    'docs/images/badge-nest.svg',
    'docs/images/badge-licence.svg',
    'docs/images/dashboard.png',
  ]);
});

test('the badges say what package.json says', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    license: string;
    engines: { node: string };
    peerDependencies: Record<string, string>;
  };
  const titleOf = (name: string) =>
    /<title>(.*)<\/title>/.exec(readFileSync(join(ROOT, `docs/images/${name}.svg`), 'utf8'))![1];
  const [, node] = /^>=(\d+\.\d+)\.0$/.exec(manifest.engines.node)!;
  const nests = [...manifest.peerDependencies['@nestjs/core']!.matchAll(/\^(\d+)/g)];
  expect(titleOf('badge-node')).toBe(`node: ${node}+`);
  expect(titleOf('badge-nest')).toBe(`nest: ${nests.map(([, major]) => major).join(', ')}`);
  expect(titleOf('badge-licence')).toBe(`licence: ${manifest.license}`);
});

test('the quick start has at most 40 lines of code', () => {
  const lines = codeOf('Quick start')
    .filter(({ language }) => language !== 'text')
    .flatMap(({ code }) => code.split('\n'))
    .filter((line) => line.trim() !== '' && !/^(?:\/\/|#)/.test(line));
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.length).toBeLessThanOrEqual(40);
});

test('there is one line to install for each Nest, within the ranges of the package', () => {
  const installs = codeOf('Quick start').flatMap(({ code }) => {
    const [, nest, packages] = /^# Nest (\d+)\nnpm install (.*)\n$/.exec(code) ?? [];
    return nest === undefined ? [] : [[nest, packages!.split(' ')] as const];
  });
  expect(installs).toEqual([
    ['12', ['nestjs-email-tracking', '@nestjs/event-emitter@12', 'class-validator']],
    ['11', ['nestjs-email-tracking', '@nestjs/event-emitter@3', 'class-validator']],
    ['10', ['nestjs-email-tracking', '@nestjs/event-emitter@2', 'class-validator']],
  ]);
});

test('every entry point has a row that says when to use it and where its guide is', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    name: string;
    exports: Record<string, unknown>;
  };
  const rows = readme.tables.find(({ section }) => section === 'Entry points')!.rows;
  const entries = Object.keys(manifest.exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => path.replace(/^\./, manifest.name));
  const named = rows.map(([entry]) => entry!).filter((entry) => entry.startsWith(manifest.name));
  expect(named.toSorted()).toEqual(entries.toSorted());
  for (const row of rows) {
    for (const cell of row) expect(cell).toMatch(/\S/);
    expect(row[3]).toMatch(/\]\(docs\//);
  }
});

test('the unit test of the recipe is one that runs here', () => {
  const recipe = readme.blocks.find((block) => fileNameOf(block) === 'welcome.spec.ts')!;
  expect(recipe.code).toBe(readFileSync(join(ROOT, 'test/docs/recipes/welcome.spec.ts'), 'utf8'));
});

test('bench/README.md has at most 90 lines', () => {
  const { text } = documents.get('bench/README.md')!;
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(90);
});
