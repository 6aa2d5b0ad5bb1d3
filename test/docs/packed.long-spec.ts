import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { documents } from './documents.js';
import { linksOf } from './links.js';
import { ROOT } from './markdown.js';
import { packedFiles } from './packed-files.js';

const files = packedFiles();
const sizeOf = (list: typeof files) => list.reduce((sum, { size }) => sum + size, 0);
const inDist = files.filter(({ path }) => path.startsWith('dist/'));
const outside = files.filter(({ path }) => !path.startsWith('dist/'));

const sources = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -'.ts'.length).replaceAll('\\', '/'));

/** What a build makes of the sources. */
const built = sources.flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`]);

test('beside dist, the documents, their pictures and nothing else are packed', () => {
  const guides = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  expect(outside.map(({ path }) => path).toSorted()).toEqual(
    [
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'docs/images/badge-licence.svg',
      'docs/images/badge-nest.svg',
      'docs/images/badge-node.svg',
      'docs/images/dashboard.png',
      'docs/grafana-dashboard.json',
      'docs/link-format.vectors.json',
      'package.json',
      ...guides.map((name) => `docs/${name}`),
    ].toSorted(),
  );
});

test('the relative links of packed documents lead to packed files', () => {
  const packed = new Set(files.map(({ path }) => path));
  const names = [...documents.keys()].filter((name) => packed.has(name));
  expect(names).toEqual(expect.arrayContaining(['README.md', 'docs/events.md']));
  const broken = names.flatMap((name) =>
    linksOf(name, documents.get(name)!)
      .filter(({ target }) => !packed.has(target))
      .map(({ target }) => `${name}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('what is packed beside dist is small, and so is the picture', () => {
  expect(sizeOf(outside)).toBeLessThan(680_000);
  const picture = files.find(({ path }) => path === 'docs/images/dashboard.png');
  expect(picture!.size).toBeLessThanOrEqual(80_000);
});

test('every path that package.json promises is made by a build', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as object;
  const promised = [...JSON.stringify(manifest).matchAll(/"\.\/(dist\/[^"]+)"/g)].map(
    ([, path]) => path!,
  );
  expect(promised.length).toBeGreaterThan(20);
  expect(built).toEqual(expect.arrayContaining(promised));
});

/** When a file below a folder was written last, in milliseconds; 0 where there is none. */
function newestIn(folder: string): number {
  if (!existsSync(join(ROOT, folder))) return 0;
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return Math.max(...names.map((name) => statSync(join(ROOT, folder, name)).mtimeMs));
}

// A build takes longer than this suite may, so it is looked at where there is one of these sources.
const whenBuilt = newestIn('dist') > newestIn('lib') ? test : test.skip;

whenBuilt('dist holds what the sources give, and nothing that is left of older ones', () => {
  expect(inDist.map(({ path }) => path).toSorted()).toEqual(built.toSorted());
});

whenBuilt('the package is at most 3.8 MB when it is unpacked', () => {
  expect(sizeOf(files)).toBeLessThan(3_800_000);
});
