import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { documents } from './documents.js';
import { linksOf } from './links.js';
import { type Document, ROOT } from './markdown.js';

/** The anchors of a document's headings, as GitHub and npm make them. */
function anchorsOf({ headings }: Document): string[] {
  const seen = new Map<string, number>();
  return headings.map((heading) => {
    const slug = heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

test.each([...documents])(
  'the relative links of %s lead to files and headings',
  (name, document) => {
    for (const { target, anchor } of linksOf(name, document)) {
      expect({ target, exists: existsSync(join(ROOT, target)) }).toEqual({ target, exists: true });
      if (anchor === undefined) continue;
      const linked = documents.get(target);
      expect({ target, isDocument: linked !== undefined }).toEqual({ target, isDocument: true });
      expect(anchorsOf(linked!)).toContain(anchor);
    }
  },
);

test('every guide is reached from README.md', () => {
  const reached = new Set(['README.md']);
  for (const name of reached) {
    const document = documents.get(name);
    for (const { target } of document ? linksOf(name, document) : []) reached.add(target);
  }
  const guides = [...documents.keys()].filter((name) => name.startsWith('docs/'));
  expect([...reached]).toEqual(expect.arrayContaining(guides));
});
