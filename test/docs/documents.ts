import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readDocument, ROOT } from './markdown.js';

const GUIDES = readdirSync(join(ROOT, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

/** Every document of the repository, by its path. */
export const documents = new Map(
  [
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'bench/README.md',
    'bench/RESULTS.md',
    'sample-app/README.md',
    ...GUIDES,
  ].map((name) => [name, readDocument(name)]),
);

/** The code blocks of all documents. */
export const blocks = [...documents.values()].flatMap((document) => document.blocks);

/** Those in one language, each with its place, for `test.each`. */
export function blocksIn(...languages: string[]) {
  return blocks
    .filter(({ language }) => languages.includes(language))
    .map((block) => [`${block.document}:${block.line}`, block] as const);
}
