import { run } from '../../lib/cli/run.js';
import { BuiltApp } from '../docs/built-app.js';
import { type CodeBlock, fileNameOf, readDocument, tablesOf } from '../docs/markdown.js';
import { request } from '../support/http.js';
import { DEVIATIONS } from './deviations.js';
import { GIF, SECRET } from './ptrack-vectors.js';

const guide = readDocument('docs/migrating-from-ptrack.md');
const blocksOf = (section: string, language: string): CodeBlock[] =>
  guide.blocks.filter((block) => block.section === section && block.language === language);

/** django-ptrack's own test made this one: `[['testarg'], {}]`. */
const TOKEN = '1f_7thv9p6UG2BmJ8y1yJxKviHwecc_9WTI6ou313wdlOtsqjfVeRH6ltuHgt5t82Oh07vQ9N_0k';

test('the table of differences is the one that the replay uses', () => {
  const [table, ...others] = tablesOf(guide, 'Where the answers differ');
  expect(others).toEqual([]);
  expect(table!.head).toEqual(['request', 'django-ptrack', 'here', 'why']);
  expect(table!.rows).toEqual(
    Object.values(DEVIATIONS).map(({ request, ptrack, here, reason }) => [
      request,
      ptrack,
      here,
      reason,
    ]),
  );
});

test('inspect prints what the guide shows', async () => {
  const [{ code: command }] = blocksOf('Rollout', 'bash') as [CodeBlock];
  const [{ code: shown }] = blocksOf('Rollout', 'text') as [CodeBlock];
  const [, args] = / nestjs-email-tracking (.*)\n$/.exec(command)!;
  let printed = '';
  const code = await run(
    args!.split(' ').map((word) => word.replaceAll('"', '')),
    {
      environment: { PTRACK_SECRET: SECRET },
      program: 'lib/cli/main.ts',
      out: (text) => void (printed += text),
      err: (text) => void (printed += text),
    },
  );
  expect({ code, printed }).toEqual({ code: 0, printed: shown });
});

test('the app of the guide answers a link that Django made', async () => {
  const sources = new Map(
    blocksOf('Settings and callbacks', 'ts').map((block) => [fileNameOf(block)!, block.code]),
  );
  expect([...sources.keys()]).toEqual(['app.module.ts', 'mail-pixels.ts']);
  sources.set(
    'main.ts',
    `import { NestFactory } from '@nestjs/core';
    import { AppModule } from './app.module.js';
    const app = await NestFactory.create(AppModule);
    await app.listen(process.env.PORT!, '127.0.0.1');`,
  );
  const app = await BuiltApp.start(sources, () => ({ PTRACK_SECRET: SECRET }));
  try {
    const { status, headers, body } = await request(`${app.url}/ptrack/${TOKEN}/`, {
      headers: { 'user-agent': 'Mail/1' },
    });
    expect([status, headers['content-type']]).toEqual([200, 'image/gif']);
    expect(body.toString('base64')).toBe(GIF);
    await app.printed(/undefined opened testarg with Mail\/1/);
  } finally {
    await app.stop();
  }
}, 60_000);
